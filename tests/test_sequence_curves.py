"""The curves of the sequence lab, and the count of crossings against a loop that keeps nothing but where the curve came from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.sequence.curves import LENGTH, curves, running_count


def crossings_one_by_one(curve: Sequence[float]) -> list[int]:
    """The rule of the lab read aloud: remember the side on which the band was entered, and count where it is left on the other."""
    came_from, crossed, found = "nowhere", 0, list[int]()
    for value in curve:
        here = "below" if value < 0 else "above" if value > 1 else "inside"
        if here != "inside":
            if came_from not in {"nowhere", here}:
                crossed += 1
            came_from = here
        found.append(crossed)
    return found


@pytest.mark.parametrize(
    ("curve", "count"),
    [
        ([-1, 2], 1),  # straight through
        ([-1, 0.5, 2], 1),
        ([2, 0.5, -1], 1),
        ([-1, 0.5, -1], 0),  # in and out on the same side
        ([2, 0.5, 2, 0.5, 0.2, 2], 0),
        ([-1, 0.5, 2, 0.5, -1], 2),
        ([0.5, 2, 0.5], 0),  # started inside: it came from nowhere
        ([0.5, 2, -1], 1),
        ([0, 1, 0, 1], 0),  # the edges are the band
        ([-1, 0, 1, 1.0001], 1),
        ([-1, 1], 0),  # still inside
        ([0.5, 0.5], 0),
    ],
)
def test_what_is_a_crossing(curve: list[float], count: int) -> None:
    assert running_count(np.array(curve))[-1] == count == crossings_one_by_one(curve)[-1]


EDGY = st.one_of(st.floats(-2, 3), st.sampled_from([-1.0, -0.0, 0.0, 0.5, 1.0, 2.0, np.nextafter(0.0, -1), np.nextafter(1.0, 2)]))


@given(st.lists(EDGY, min_size=1, max_size=60))
def test_every_step_is_counted_as_the_loop_counts_it(curve: list[float]) -> None:
    assert running_count(np.array(curve)).tolist() == crossings_one_by_one(curve)


@given(st.lists(EDGY, min_size=1, max_size=40))
def test_backwards_and_upside_down_it_crosses_as_often(curve: list[float]) -> None:
    values = np.array(curve)
    assert running_count(values)[-1] == running_count(values[::-1])[-1] == running_count(-values, (-1.0, 0.0))[-1]


def test_the_curves() -> None:
    made = curves(300, [7, 1])
    assert made.shape == (300, LENGTH)
    assert made.dtype == np.float32
    assert np.array_equal(made, curves(300, [7, 1])), "they follow from the seed"
    assert not np.array_equal(made, curves(300, [7, 2]))
    assert np.array_equal(made, made.astype(np.float16).astype(np.float32)), "a file of halves holds them as they are"
    assert running_count(made).tolist() == [crossings_one_by_one(curve.tolist()) for curve in made]
    assert np.abs(np.diff(made, axis=1)).max() < 1.5, "a curve does not jump"


def test_counts_are_spread_and_the_ends_do_not_know_each_other() -> None:
    made = curves(4000, 11)
    share = np.bincount(running_count(made)[:, -1], minlength=12) / len(made)
    assert share.max() < 0.3, "no count is so frequent that to guess it would do"
    assert share[:7].min() > 0.02
    assert 0 < share[8:].sum() < 0.1
    first, last = made[:, 0] - made.mean(axis=1), made[:, -1] - made.mean(axis=1)
    assert abs(np.corrcoef(first, last)[0, 1]) < 0.1
