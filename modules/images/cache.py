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
            if key in self._running:
                return self._running[key]
            future = begin()
            self._running[key] = future
        future.add_done_callback(lambda _: self._forget(key))
        return future

    def _forget(self, key: Hashable) -> None:
        with self._lock:
            self._running.pop(key, None)
