"""A cache bounded in bytes, for threads that share it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Bounded(Generic[T]):
    """The values used last, as many as fit.

    Args:
        most: Bytes of all values together; one that is larger by itself is not kept.
        size: Bytes of a value.
    """

    def __init__(self, most: int, size: Callable[[T], int]) -> None:
        self._most = most
        self._size = size
        self._lock = threading.Lock()
        self._held: OrderedDict[Hashable, T] = OrderedDict()
        self._making: dict[Hashable, threading.Lock] = {}
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._held)

    def get(self, key: Hashable) -> T | None:
        """The value of that key, which then counts as used; None where it is not held."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
            return self._held.get(key)

    def put(self, key: Hashable, value: T) -> None:
        """Hold a value, and let go of those used longest ago."""
        with self._lock:
            self._drop(key)
            if self._size(value) > self._most:
                return
            self._held[key] = value
            self.bytes += self._size(value)
            while self.bytes > self._most:
                self._drop(next(iter(self._held)))

    def _drop(self, key: Hashable) -> None:
        if key in self._held:
            self.bytes -= self._size(self._held.pop(key))

    def made(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value of that key, made unless it is held; threads that ask for the same one wait for the first."""
        held = self.get(key)
        if held is not None:
            return held
        with self._lock:
            making = self._making.setdefault(key, threading.Lock())
        try:
            with making:
                held = self.get(key)
                if held is None:
                    held = make()
                    self.put(key, held)
                return held
        finally:
            with self._lock:
                self._making.pop(key, None)
