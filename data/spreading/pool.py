"""Processes of this machine, which end with the one that started them."""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from typing import Any, TypeVar

from data.spreading import sizing
from data.spreading.hands import Alone
from data.spreading.pinning import pin
from data.spreading.raising import sendable
from data.spreading.tasks import Task, Tasks

LOOK_S = 10.0
"""Seconds without an answer after which it is seen whether workers have died."""
Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Pool:
    """Worker processes, started when there is enough work and kept for the next.

    Args:
        workers: The most that there may be.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._started = 0
        self._pool: ProcessPoolExecutor | None = None

    def size(self, seconds: float = math.inf) -> int:
        """See `Hands`."""
        return sizing.workers_for(self._workers, seconds)

    def map(
        self,
        work: Callable[[Item], Answer],
        items: Iterable[Item],
        *,
        seconds: float = math.inf,
        named: Callable[[Item], str] = str,
    ) -> Iterator[Answer]:
        """See `Hands`."""
        size = self.size(seconds)
        return Alone().map(work, items) if size == 1 else self._spread(work, Tasks(items, named), size)

    def _spread(self, work: Callable[[Item], Answer], tasks: Tasks[Item], size: int) -> Iterator[Answer]:
        pending: dict[Future[Answer], Task[Item]] = {}
        try:
            while True:
                while len(pending) < size * sizing.AHEAD and (task := tasks.take(len(pending))) is not None:
                    pending[self._given(work, task.item, size)] = task
                if not pending:
                    break
                for future in self._ended(pending):
                    task = pending.pop(future)
                    if isinstance(future.exception(), BrokenProcessPool):
                        tasks.died(task)
                    else:
                        yield future.result()
        finally:
            for future in pending:
                future.cancel()
        tasks.end()

    def _given(self, work: Callable[[Item], Answer], item: Item, size: int) -> Future[Answer]:
        try:
            return self._of(size).submit(_done, work, item)
        except BrokenProcessPool:  # a worker died since its answers were looked at, and told those that wait for them
            self.close()
            return self._of(size).submit(_done, work, item)

    def _ended(self, pending: dict[Future[Answer], Any]) -> list[Future[Answer]]:
        """Those that have ended, at least one; where a worker died all of them, since its pool ends with it."""
        while not (ended := wait(pending, LOOK_S, FIRST_COMPLETED).done):
            self._look()
        if any(isinstance(future.exception(), BrokenProcessPool) for future in ended):
            ended, _ = wait(pending)
            self.close()
        return [future for future in pending if future in ended]

    def _of(self, size: int) -> ProcessPoolExecutor:
        if self._pool is not None and self._started < size:
            self.close()
        if self._pool is None:
            self._pool, self._started = ProcessPoolExecutor(size, multiprocessing.get_context("spawn"), initializer=_attend), size
            for _ in range(size):
                self._look()
        return self._pool

    def _look(self) -> None:
        """Have the pool look at its workers: it watches those it had when it was last given something; a new one may die unseen."""
        if self._pool is not None:
            with suppress(BrokenProcessPool):
                self._pool.submit(int)

    def close(self) -> None:
        """End the workers, once they have done what they are at."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None


def _attend() -> None:
    """In a worker: end with the process that started it, however that ends, leave Ctrl-C to that one, and use one processor."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()
    pin()


def _done(work: Callable[[Item], Answer], item: Item) -> Answer:
    """In a worker: the answer. An error that cannot be read here would pass for the death of all workers."""
    try:
        return work(item)
    except Exception as error:
        if (told := sendable(error)) is error:
            raise
        raise told from None
