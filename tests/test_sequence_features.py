"""What units follow, and states in two dimensions, against textbook computations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.sequence.features import Moments, plane_of


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.floats(-50, 50))
def test_correlations_of_parts_are_those_of_the_whole(seed: int, parts: int, shift: float) -> None:
    rng = np.random.default_rng(seed)
    h = rng.standard_normal((2, 60, 3)).astype(np.float32)
    values = np.stack([h[0, :, 0] + 0.5 * rng.standard_normal(60) + shift, rng.integers(0, 9, 60)])
    sums = Moments(2, 3)
    for part in np.array_split(np.arange(60), parts):
        sums.add(h[:, part], values[:, part])
    wanted = np.array([[[np.corrcoef(h[layer, :, unit], each)[0, 1] for unit in range(3)] for each in values] for layer in range(2)])
    assert sums.correlation() == pytest.approx(wanted, abs=1e-8)


def test_a_unit_that_never_moves_follows_nothing() -> None:
    sums = Moments(1, 2)
    h = np.zeros((1, 50, 2), dtype=np.float32)
    h[0, :, 0] = 0.1
    sums.add(h, np.stack([np.arange(50.0), np.arange(50) % 3]))
    assert np.isnan(sums.correlation()).all()


def test_the_plane_is_that_of_the_two_largest_singular_values() -> None:
    rng = np.random.default_rng(2)
    h = (rng.standard_normal((6, 20, 2)) * [3, 1] @ rng.standard_normal((2, 5)) + 0.05 * rng.standard_normal((6, 20, 5))).astype(np.float32)
    plane = plane_of(h)
    flat = h.reshape(-1, 5).astype(float)
    left, sizes, _ = np.linalg.svd(flat - flat.mean(axis=0), full_matrices=False)
    wanted = left[:, :2] * sizes[:2]
    assert np.abs(plane.places.reshape(-1, 2)) == pytest.approx(np.abs(wanted), abs=1e-4)
    assert plane.explained == pytest.approx(sizes[:2] ** 2 / (sizes**2).sum())
    assert np.array_equal(plane.places, plane_of(h).places)
