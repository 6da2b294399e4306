"""Bytes of masks: the same water at every twentieth as the floats they were made of, compared in their own type."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from data.rasters.probability import STEPS, THRESHOLDS, UNKNOWN, decoded, encoded, water

TYPES = (np.float32, np.float64)


def beside(kind: type[np.floating], k: int, ulps: int) -> np.floating:
    """The float that lies so many floats above (below) k/20."""
    value = kind(k / 20)
    for _ in range(abs(ulps)):
        value = np.nextafter(value, kind(np.copysign(9, ulps)))
    return value


def same_water_everywhere(values: np.ndarray) -> None:
    stored = encoded(values)
    for threshold in THRESHOLDS:
        np.testing.assert_array_equal(water(stored, threshold), values > values.dtype.type(threshold), err_msg=f"at {threshold}")


@pytest.mark.parametrize("kind", TYPES)
def test_the_floats_around_every_twentieth(kind: type[np.floating]) -> None:
    values = np.array([beside(kind, k, ulps) for k in range(21) for ulps in range(-40, 41)])
    same_water_everywhere(values[(values >= 0) & (values <= 1)].astype(kind))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50), st.sampled_from(TYPES))
@example([0.15, 0.15000001, 0.1499999, 0.0, 5e-324, 1e-9, 1.0], np.float32)
@example([0.15, 0.15000000000000002, 0.1499999999999999, 5e-324, 0.0049999999, 1.0], np.float64)
def test_any_probability_keeps_its_water(values: list[float], kind: type[np.floating]) -> None:
    same_water_everywhere(np.array(values).astype(kind))


@given(st.integers(0, 20), st.floats(-1e-3, 1e-3), st.sampled_from(TYPES))
def test_probabilities_close_to_a_twentieth(k: int, away: float, kind: type[np.floating]) -> None:
    same_water_everywhere(np.clip(np.array([k / 20 + away]), 0, 1).astype(kind))


@given(st.lists(st.one_of(st.floats(0, 1), st.just(float("nan"))), min_size=1, max_size=50), st.sampled_from(TYPES))
def test_what_is_read_back_lies_at_most_one_step_above(values: list[float], kind: type[np.floating]) -> None:
    given_values = np.array(values).astype(kind)
    stored = encoded(given_values)
    assert stored.dtype == np.uint8
    np.testing.assert_array_equal(np.isnan(given_values), stored == UNKNOWN)
    above = decoded(stored).astype(np.float64) - given_values
    known = ~np.isnan(given_values)
    assert np.isnan(above[~known]).all()
    assert (above[known] >= -1e-6).all()
    assert (above[known] < 1 / STEPS + 1e-6).all()


def test_whole_steps_are_their_own_bytes() -> None:
    for kind in TYPES:
        np.testing.assert_array_equal(encoded((np.arange(201) / 200).astype(kind)), np.arange(201))


def test_bytes_survive_being_read_and_stored_again() -> None:
    every = np.r_[np.arange(STEPS + 1), UNKNOWN].astype(np.uint8)
    np.testing.assert_array_equal(encoded(decoded(every)), every)


def test_nothing_known_is_no_water_at_any_threshold() -> None:
    assert not any(water(np.full((2, 2), UNKNOWN, np.uint8), threshold).any() for threshold in THRESHOLDS)
    assert encoded(np.array([-0.2, 1.3])).tolist() == [0, STEPS]
