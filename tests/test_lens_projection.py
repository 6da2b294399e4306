"""Principal components against scikit-learn, and that equal data give equal pictures."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA

from data.lens.projection import principal


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(3, 40), channels=st.integers(2, 12))
def test_components_equal_the_reference(seed: int, rows: int, channels: int) -> None:
    values = np.random.default_rng(seed).normal(size=(rows, channels)) * np.arange(1, channels + 1)
    made, known = principal(values), PCA(2, svd_solver="full").fit(values)
    np.testing.assert_allclose(made.explained, known.explained_variance_ratio_, atol=1e-10)
    np.testing.assert_allclose(np.abs(made.coordinates), np.abs(known.transform(values)), atol=1e-8)
    np.testing.assert_allclose(made.directions @ made.directions.T, np.eye(2), atol=1e-10)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_order_place_and_copies_do_not_move_the_picture(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(30, 6)) * np.array([9.0, 5, 2, 1, 1, 1])
    order = rng.permutation(30)
    made = principal(values).coordinates
    np.testing.assert_allclose(principal(values[order]).coordinates, made[order], atol=1e-8)
    np.testing.assert_allclose(principal(values + 7).coordinates, made, atol=1e-8)
    np.testing.assert_array_equal(principal(values).coordinates, made)
    heaviest = np.abs(principal(values).directions).argmax(axis=1)
    assert (principal(values).directions[[0, 1], heaviest] > 0).all()


def test_what_has_no_second_direction() -> None:
    line = np.outer(np.arange(5.0), [1.0, 2.0, 0.0])
    made = principal(line)
    assert made.explained.tolist() == [1.0, 0.0]
    np.testing.assert_allclose(made.coordinates[:, 1], 0)
    assert not principal(np.ones((4, 3))).coordinates.any()
    assert principal(np.ones((1, 3))).coordinates.tolist() == [[0.0, 0.0]]
    holed = line.copy()
    holed[2, 1] = np.nan
    assert np.isnan(principal(holed).coordinates).any(axis=1).tolist() == [False, False, True, False, False]
