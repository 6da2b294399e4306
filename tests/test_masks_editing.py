"""Edits by hand: runs come back as they went, and anything that is none is refused."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import InputError
from data.masks.editing import LAND, LEFT, WATER, edited, edits_from, runs_of
from data.rasters.probability import UNKNOWN


@given(height=st.integers(1, 12), width=st.integers(1, 12), seed=st.integers(0, 999))
def test_runs_come_back_as_they_went(height: int, width: int, seed: int) -> None:
    edits = np.random.default_rng(seed).choice([LEFT, WATER, LAND], (height, width), p=[0.8, 0.1, 0.1]).astype(np.uint8)
    runs = runs_of(edits)
    plain = [part for value, group in itertools.groupby(edits.ravel().tolist()) for part in (value, len(list(group)))]
    assert runs == plain
    np.testing.assert_array_equal(edits_from(runs, (height, width)), edits)


@pytest.mark.parametrize(
    "sent",
    [
        None, "0,12", {"runs": []}, [0], [0, 11], [0, 13], [3, 12], [0, -1, 0, 13], [0, 6.0, 1, 6], [True, 12], [0, "12"], [[0, 12]], [],
        [0, 2**70], [0, 1] * 100_001,
    ],
    ids=lambda sent: str(sent)[:30],
)  # fmt: skip
def test_what_are_no_runs_of_this_mask_is_refused(sent: object) -> None:
    with pytest.raises(InputError, match="edit"):
        edits_from(sent, (3, 4))


def test_what_a_hand_said_goes_before_the_probability() -> None:
    stored = np.array([[0, 100, 101, 200, UNKNOWN, UNKNOWN]], dtype=np.uint8)
    np.testing.assert_array_equal(edited(stored, 0.5, None), [[0, 0, 200, 200, UNKNOWN, UNKNOWN]])
    edits = np.array([[WATER, LEFT, LEFT, LAND, LAND, LEFT]], dtype=np.uint8)
    np.testing.assert_array_equal(edited(stored, 0.5, edits), [[200, 0, 200, 0, 0, UNKNOWN]])
    np.testing.assert_array_equal(edited(stored, 0.95, edits), [[200, 0, 0, 0, 0, UNKNOWN]])
