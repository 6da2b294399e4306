"""One function over many items, here or in several processes: the same answers, and a death that is noticed."""

from __future__ import annotations

import os
import signal
from functools import partial

import pytest

from data.errors import DatasetError, InputError
from data.spreading import ALONE_S, spread, workers_for


def squared(number: int) -> tuple[int, int]:
    return number, number * number


def refusing(number: int, bad: int) -> int:
    if number == bad:
        raise InputError(f"{number} cannot be", "leave it out")
    return number


def dying(number: int, bad: int) -> int:
    if number == bad:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.parametrize("workers", [1, 2])
def test_every_item_is_answered_once(workers: int) -> None:
    found = list(spread(squared, range(40), workers))
    assert sorted(found) == [(number, number * number) for number in range(40)]
    if workers == 1:
        assert found == sorted(found), "in order"
    assert list(spread(squared, [], workers)) == []


def test_little_work_starts_no_process() -> None:
    assert [workers_for(2, seconds) for seconds in (0.0, 0.9 * ALONE_S, ALONE_S, 100 * ALONE_S)] == [1, 1, 2, 2]
    assert workers_for(1, 100 * ALONE_S) == 1


def test_items_are_taken_as_they_are_needed() -> None:
    taken: list[int] = []

    def items():
        for number in range(1000):
            taken.append(number)
            yield number

    answers = spread(squared, items(), 1)
    next(answers)
    assert taken == [0]


@pytest.mark.parametrize("workers", [1, 2])
def test_what_the_function_raises_comes_through(workers: int) -> None:
    with pytest.raises(InputError, match="7 cannot be"):
        list(spread(partial(refusing, bad=7), range(20), workers))


def test_a_worker_that_dies_is_told_with_a_remedy() -> None:
    with pytest.raises(DatasetError, match="worker process was killed") as error:
        list(spread(partial(dying, bad=5), range(20), 2))
    assert "goes on" in error.value.remedy
