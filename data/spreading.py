"""One function over many items: in this process, or in several that end with it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from data.errors import DatasetError, InputError

AHEAD = 3
"""Items that wait for each worker."""
MOST = 64
"""Workers."""
ALONE_S = 3.0
"""Seconds of work that this process does by itself: about as long takes another to load what it needs."""
Item = TypeVar("Item")
Answer = TypeVar("Answer")


def workers_of(asked: int) -> int:
    """As many workers as were asked for, but no more than there are processors.

    Raises:
        InputError: The number is out of range.
    """
    if not 1 <= asked <= MOST:
        raise InputError(f"--workers {asked} is out of range", f"ask for 1 to {MOST}")
    return min(asked, os.cpu_count() or 1)


def workers_for(asked: int, seconds: float) -> int:
    """As many of these workers as so many seconds of work are worth, at least one."""
    return min(asked, 1 + int(seconds / ALONE_S))


def spread(work: Callable[[Item], Answer], items: Iterable[Item], workers: int) -> Iterator[Answer]:
    """What `work` makes of each item: in their order from one worker, which is this process; from more in whatever order they end.

    Args:
        work: Pickled, as its items and answers are, where there is more than one worker.
        items: Taken as workers get to them.
        workers: Processes.

    Raises:
        DatasetError: A worker died. What `work` raises comes through.
    """
    if workers == 1:
        yield from map(work, items)
        return
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_attend)
    waiting = iter(items)
    pending: set[Future[Answer]] = set()
    try:
        more = True
        while more or pending:
            while more and len(pending) < workers * AHEAD:
                item = next(waiting, None)
                more = item is not None
                if item is not None:
                    pending.add(pool.submit(work, item))
            ended, pending = wait(pending, return_when=FIRST_COMPLETED) if pending else (set[Future[Answer]](), pending)
            yield from (future.result() for future in ended)
    except BrokenProcessPool:
        raise DatasetError("a worker process was killed at its work", "free some memory and run this again: it goes on") from None
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _attend() -> None:
    """In a worker: end with the process that started it, however that ends, and leave Ctrl-C to that one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()
