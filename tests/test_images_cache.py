"""Caches keep to their bytes and forget what was used longest ago; work asked for many times at once is done once."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.bounded import Bounded
from modules.images.cache import Once


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 60)), max_size=60))
def test_a_cache_never_holds_more_than_it_may(puts: list[tuple[int, int]]) -> None:
    cache: Bounded[bytes] = Bounded(100, len)
    kept: dict[int, int] = {}  # the oracle: a plain dict in order of use
    for key, size in puts:
        cache.put(key, bytes(size))
        kept.pop(key, None)
        kept[key] = size
        while sum(kept.values()) > 100:
            kept.pop(next(iter(kept)))
        assert cache.bytes == sum(kept.values()) <= 100
        assert {name: len(held) for name in range(10) if (held := cache._held.get(name)) is not None} == kept


def test_use_keeps_a_value_and_what_is_too_large_is_not_kept() -> None:
    cache: Bounded[bytes] = Bounded(30, len)
    for key in "abc":
        cache.put(key, bytes(10))
    assert cache.get("a") == bytes(10)
    cache.put("d", bytes(10))
    assert [cache.get(key) is not None for key in "abcd"] == [True, False, True, True]
    cache.put("huge", bytes(31))
    assert cache.get("huge") is None
    assert len(cache) == 3


def test_threads_that_ask_for_the_same_value_make_it_once() -> None:
    cache: Bounded[bytes] = Bounded(100, len)
    made, begun, go = [], threading.Event(), threading.Event()

    def make() -> bytes:
        made.append(1)
        begun.set()
        assert go.wait(10)
        return b"x"

    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(cache.made, "k", make) for _ in range(8)]
        assert begun.wait(10)
        go.set()
        assert [future.result(10) for future in asked] == [b"x"] * 8
    assert made == [1]
    assert cache._making == {}


def test_a_failure_is_not_kept_and_leaves_nothing_behind() -> None:
    cache: Bounded[bytes] = Bounded(100, len)

    def fail() -> bytes:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        cache.made("k", fail)
    assert cache._making == {}
    assert cache.made("k", lambda: b"yes") == b"yes"


def test_work_under_way_is_shared_and_then_forgotten() -> None:
    once: Once[int] = Once()
    runs, go = [], threading.Event()

    def work() -> int:
        runs.append(1)
        assert go.wait(10)
        return 7

    with ThreadPoolExecutor(2) as pool:
        futures = [once.start("k", lambda: pool.submit(work)) for _ in range(50)]
        go.set()
        assert {future.result(10) for future in futures} == {7}
        assert len(runs) == 1
        assert once.start("k", lambda: pool.submit(lambda: 8)).result(10) == 8


def test_work_that_is_done_is_begun_again_before_its_callbacks_were_called() -> None:
    once: Once[int] = Once()
    first: Future[int] = Future()
    again: list[Future[int]] = []
    first.add_done_callback(lambda _: again.append(once.start("k", Future)))  # called ahead of the one that forgets
    assert once.start("k", lambda: first) is first
    first.set_result(7)
    assert again[0] is not first
    assert once.start("k", Future) is again[0], "what forgets the first leaves the second"
    again[0].set_result(8)
    assert once.start("k", Future) is not again[0]
