"""What is most urgent is done first, and what nobody wants any more is not begun."""

from __future__ import annotations

import os
import sys
import threading

import pytest

from modules.images.turns import BACK, Turns
from tests.waiting import until


def test_the_lowest_rank_comes_first_then_who_asked_first_and_who_is_hurried_moves_up() -> None:
    turns, go, done = Turns(1, "t"), threading.Event(), list[int]()
    first = turns.submit(go.wait, 10)
    futures = {n: turns.begin(lambda n=n: done.append(n), rank) for n, rank in enumerate((2, 2, 1, 2, 1, 0))}
    assert futures[4].cancel()
    turns.hurry(futures[3], 0)
    turns.hurry(futures[5], 2)
    go.set()
    assert first.result(10)
    for n, future in futures.items():
        if n != 4:
            future.result(10)
    assert done == [5, 3, 2, 0, 1]
    turns.shutdown()


def test_errors_are_told_and_the_end_forgets_what_waits() -> None:
    turns, go = Turns(2, "t"), threading.Event()

    def fail() -> None:
        raise ValueError("so")

    with pytest.raises(ValueError, match="so"):
        turns.submit(fail).result(10)
    running = [turns.submit(go.wait, 10) for _ in range(2)]
    while not all(future.running() for future in running):
        pass
    waiting = turns.submit(fail)
    turns.shutdown(wait=False, cancel_futures=True)
    assert waiting.cancelled()
    go.set()
    assert all(future.result(10) for future in running)
    with pytest.raises(RuntimeError):
        turns.submit(fail)


def test_in_a_crowd_one_works_alone_and_after_it_all_do() -> None:
    crowd, go = threading.Event(), threading.Event()
    turns = Turns(2, "t", crowd.is_set)
    pair = [turns.submit(go.wait, 10) for _ in range(2)]
    until(lambda: all(future.running() for future in pair))  # both threads are there
    go.set()
    assert all(future.result(10) for future in pair)
    crowd.set()
    go.clear()
    most, now, lock = [0], [0], threading.Lock()

    def work() -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        threading.Event().wait(0.01)
        with lock:
            now[0] -= 1

    queued = [turns.submit(work) for _ in range(12)]
    assert queued[3].cancel() or queued[3].done()
    for future in queued:
        if not future.cancelled():
            future.result(10)
    assert most == [1]
    crowd.clear()
    pair = [turns.submit(go.wait, 10) for _ in range(2)]
    until(lambda: all(future.running() for future in pair))
    go.set()
    turns.shutdown()


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no niceness of their own")
def test_its_threads_stand_back_and_no_other_does() -> None:
    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    turns, own = Turns(1, "t"), niceness()
    assert turns.submit(niceness).result(10) == min(own + BACK, 19)
    assert niceness() == own
    turns.shutdown()
