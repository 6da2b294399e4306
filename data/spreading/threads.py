"""Threads of this process, for work that waits for others most of its time."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

from data.spreading import sizing

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Threads:
    """Threads, which end with what they are given.

    Args:
        workers: How many.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="crew")

    def size(self, seconds: float = math.inf) -> int:
        """See `Hands`."""
        return self._workers

    def map(
        self,
        work: Callable[[Item], Answer],
        items: Iterable[Item],
        *,
        seconds: float = math.inf,
        named: Callable[[Item], str] = str,
    ) -> Iterator[Answer]:
        """See `Hands`."""
        waiting = iter(items)
        pending: set[Future[Answer]] = set()
        try:
            while True:
                while len(pending) < self._workers * sizing.AHEAD and (given := [*zip(range(1), waiting, strict=False)]):
                    pending.add(self._pool.submit(work, given[0][1]))
                if not pending:
                    return
                ended, pending = wait(pending, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in ended)
        finally:
            for future in pending:
                future.cancel()

    def close(self) -> None:
        """End the threads, once they have done what they are at."""
        self._pool.shutdown(wait=True, cancel_futures=True)
