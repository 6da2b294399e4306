"""One function over many items, here or in several processes: the same answers, and deaths that are made good or told."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import pytest
from threadpoolctl import threadpool_info

from data.errors import DatasetError, InputError
from data.spreading import crew
from data.spreading.pinning import NAMES
from data.spreading.sizing import ALONE_S, workers_for
from data.spreading.tasks import MOST_LOST
from tests.spread_works import dying, dying_once, raising_unreadably, refusing, squared, threads


@pytest.mark.parametrize("workers", [1, 2])
def test_every_item_is_answered_once(workers: int) -> None:
    with crew(workers) as hands:
        found = list(hands.map(squared, range(40)))
        assert sorted(found) == [(number, number * number) for number in range(40)]
        if workers == 1:
            assert found == sorted(found), "in order"
        assert list(hands.map(squared, [])) == []
        assert hands.size() == workers


def test_little_work_starts_no_process() -> None:
    assert [workers_for(2, seconds) for seconds in (0.0, 0.9 * ALONE_S, ALONE_S, 100 * ALONE_S)] == [1, 1, 2, 2]
    assert workers_for(1, 100 * ALONE_S) == 1
    with crew(2) as hands:
        assert [pid for pid, *_ in hands.map(threads, range(3), seconds=0.9 * ALONE_S)] == [os.getpid()] * 3


def test_items_are_taken_as_they_are_needed() -> None:
    taken: list[int] = []

    def items():
        for number in range(1000):
            taken.append(number)
            yield number

    for workers, most in ((1, 1), (2, 10)):
        taken.clear()
        with crew(workers) as hands:
            next(iter(hands.map(squared, items())))
        assert 0 < len(taken) <= most


@pytest.mark.parametrize("workers", [1, 2])
def test_what_the_function_raises_comes_through(workers: int) -> None:
    with crew(workers) as hands, pytest.raises(InputError, match="7 cannot be"):
        list(hands.map(partial(refusing, bad=7), range(20)))


def test_an_error_that_no_other_process_can_read_is_told_in_words_and_is_no_death() -> None:
    with crew(2) as hands, pytest.raises(RuntimeError, match=r"(?s)in raising_unreadably.*a crack in number"):
        list(hands.map(raising_unreadably, range(20)))


def test_what_a_worker_had_in_hand_when_it_died_is_done_by_others(tmp_path: Path) -> None:
    with crew(2) as hands:
        found = list(hands.map(partial(dying_once, scratch=tmp_path, bad=frozenset({3, 11})), range(20)))
    assert sorted(found) == list(range(20))
    assert len(list(tmp_path.iterdir())) == 2


def test_what_workers_always_die_of_is_named_when_all_else_is_done() -> None:
    found: list[int] = []
    with crew(2) as hands, pytest.raises(DatasetError, match=r"worker process was killed .* to lake 5\n") as error:
        found.extend(hands.map(partial(dying, bad=frozenset({5})), range(12), named=lambda number: f"lake {number}"))
    assert "goes on" in error.value.remedy
    assert sorted(found) == [number for number in range(12) if number != 5]


def test_where_workers_die_of_everything_it_ends_soon() -> None:
    taken: list[int] = []

    def items():
        for number in range(1000):
            taken.append(number)
            yield number

    with crew(2) as hands, pytest.raises(DatasetError, match="worker process was killed"):
        list(hands.map(partial(dying, bad=frozenset(range(1000))), items()))
    assert len(taken) <= 4 * MOST_LOST


@pytest.mark.parametrize("workers", [1, 2])
def test_linear_algebra_has_one_thread_while_a_crew_works_and_its_own_afterwards(workers: int) -> None:
    before = [library["num_threads"] for library in threadpool_info()], [os.environ.get(name) for name in NAMES]
    with crew(workers) as hands:
        for pid, held, told in hands.map(threads, range(4)):
            assert (pid == os.getpid()) == (workers == 1)
            assert held
            assert set(held) == {1}
            assert set(told) == {"1"}
    assert before == ([library["num_threads"] for library in threadpool_info()], [os.environ.get(name) for name in NAMES])
