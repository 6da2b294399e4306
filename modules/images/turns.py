"""Threads that do what is most urgent first."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

T = TypeVar("T")

BACK = 10
"""By how much these threads stand back behind the event loop where there are more of them than processors."""


class Turns(Executor):
    """A fixed number of threads, begun with the first work.

    Args:
        threads: How many.
        name: What they are called.
        crowded: Whether one alone is to work just now.
    """

    def __init__(self, threads: int, name: str, crowded: Callable[[], bool] = lambda: False) -> None:
        self._most, self._name, self._crowded = threads, name, crowded
        self._changed = threading.Condition()
        self._numbers = itertools.count()
        self._heap: list[tuple[int, int, Future[Any]]] = []
        self._waiting: dict[Future[Any], tuple[int, Callable[[], Any]]] = {}
        self._threads: list[threading.Thread] = []
        self._idle, self._working, self._closed = 0, 0, False

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Work of rank 0; see `begin`."""
        return self.begin(lambda: fn(*args, **kwargs), 0)

    def begin(self, work: Callable[[], T], rank: int) -> Future[T]:
        """Have something done, before all work of a higher rank that has not begun; a future that is cancelled in time is not begun."""
        future: Future[T] = Future()
        with self._changed:
            if self._closed:
                raise RuntimeError("no work is taken any more")
            self._waiting[future] = rank, work
            heapq.heappush(self._heap, (rank, next(self._numbers), future))
            if len(self._waiting) > self._idle and len(self._threads) < self._most:  # one that is idle may be woken by other work
                thread = threading.Thread(target=self._run, name=f"{self._name}_{len(self._threads)}", daemon=True)
                self._threads.append(thread)
                thread.start()
            self._changed.notify()
        return future

    def hurry(self, future: Future[Any], rank: int) -> None:
        """Give work that has not begun a lower rank, if it has a higher one."""
        with self._changed:
            before, work = self._waiting.get(future, (rank, None))
            if before > rank and work is not None:
                self._waiting[future] = rank, work
                heapq.heappush(self._heap, (rank, next(self._numbers), future))

    def _run(self) -> None:
        _stand_back()
        while (taken := self._next()) is not None:
            _do(*taken)
            del taken
            with self._changed:
                self._working -= 1

    def _next(self) -> tuple[Future[Any], Callable[[], Any]] | None:
        with self._changed:
            while True:
                while self._heap and not (self._working and self._crowded()):
                    _, _, future = heapq.heappop(self._heap)
                    held = self._waiting.pop(future, None)
                    if held is not None:  # else it was hurried, and is under way
                        self._working += 1
                        return future, held[1]
                if self._closed:
                    return None
                self._idle += 1
                self._changed.wait()
                self._idle -= 1

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more work; `cancel_futures`: what has not begun is not done."""
        with self._changed:
            self._closed = True
            dropped = list(self._waiting) if cancel_futures else []
            if cancel_futures:
                self._waiting.clear()
                self._heap.clear()
            self._changed.notify_all()
        for future in dropped:
            future.cancel()
            future.set_running_or_notify_cancel()
        for thread in self._threads if wait else ():
            thread.join()


def _do(future: Future[Any], work: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001  whoever waits for it is told
        future.set_exception(error)


def _stand_back() -> None:
    """Let all other threads go first. On Linux each thread has a niceness of its own; elsewhere the whole process would get it."""
    if sys.platform == "linux":
        own = threading.get_native_id()
        with contextlib.suppress(OSError):  # a host may forbid it
            os.setpriority(os.PRIO_PROCESS, own, min(os.getpriority(os.PRIO_PROCESS, own) + BACK, 19))
