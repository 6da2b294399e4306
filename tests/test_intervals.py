"""Widened standard errors cover as promised, on numbers whose errors are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.intervals import FEWEST, NORMAL, SIZES, factors, size_of, widen


@given(st.integers(0, 2**32 - 1), st.sampled_from([FEWEST, 57, 400]))
def test_it_is_the_conformal_quantile_of_a_plain_loop(seed: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    area = rng.uniform(0.1, 0.4, count)
    raw, truth = rng.uniform(0.001, 0.01, count), area + rng.normal(0, 0.02, count)
    found = factors(area.tolist(), raw.tolist(), truth.tolist())
    ratio = sorted(abs(a - t) / r for a, t, r in zip(area, truth, raw, strict=True))
    place = math.ceil(0.95 * (count + 1))
    assert found["0.1 to 0.5 km²"] == found["all"] == pytest.approx(ratio[min(place, count) - 1] / NORMAL, rel=1e-12)


def test_on_new_errors_of_the_same_kind_95_of_100_are_covered_in_every_class() -> None:
    rng = np.random.default_rng(1)
    area = 10 ** rng.uniform(-2.3, 0.3, 8000)
    raw = 0.02 * np.sqrt(area)
    truth = area + raw * rng.standard_t(3, 8000) * np.where(area < 0.1, 3.0, 0.7)
    held = factors(area[:4000].tolist(), raw[:4000].tolist(), truth[:4000].tolist())
    inside = np.abs(area - truth) <= NORMAL * raw * np.array([widen(held, each) for each in area])
    sizes = np.array([size_of(each) for each in area])
    for name in SIZES:
        assert inside[4000:][sizes[4000:] == name].mean() == pytest.approx(0.95, abs=0.02)


def test_a_class_with_few_observations_takes_the_widest() -> None:
    held = factors([0.05] * 30 + [2.0] * 3, [0.01] * 33, [0.06] * 30 + [2.01] * 3)
    assert "0.5 km² and more" not in held
    assert widen(held, 2.0) == max(held.values())
    assert widen({}, 2.0) == 1.0


def test_edges_belong_to_the_larger_class() -> None:
    assert [size_of(area) for area in (0, 0.0199, 0.02, 0.1, 0.5, 9)] == [*SIZES][:1] * 2 + [*SIZES][1:] + [*SIZES][-1:]
