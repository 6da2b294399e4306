"""Work that is done once however many ask for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class Once(Generic[T]):
    """Work under way, by key: who asks for what is being made already waits for the same result. Nothing is kept afterwards."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[Hashable, Future[T]] = {}

    def start(self, key: Hashable, begin: Callable[[], Future[T]]) -> Future[T]:
        """The future of that work, begun unless it is under way."""
        with self._lock:
            under_way = self._running.get(key)
            # Whoever waits for a future is woken before its callbacks are called: work that is done may not be forgotten yet.
            if under_way is not None and not under_way.done():
                return under_way
            future = begin()
            self._running[key] = future
        future.add_done_callback(lambda done: self._forget(key, done))
        return future

    def _forget(self, key: Hashable, future: Future[T]) -> None:
        with self._lock:
            if self._running.get(key) is future:
                del self._running[key]
