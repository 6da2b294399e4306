"""Benjamini–Hochberg against scipy and statsmodels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import false_discovery_control
from statsmodels.stats.multitest import multipletests

from data.trends.multiplicity import log_q_benjamini_hochberg

FAMILIES = st.lists(st.floats(0, 1, exclude_min=True), min_size=1, max_size=60).map(np.array)


@given(FAMILIES)
def test_q_equals_scipy_and_statsmodels(p: np.ndarray) -> None:
    q = np.exp(log_q_benjamini_hochberg(np.log(p)))
    np.testing.assert_allclose(q, false_discovery_control(p), rtol=0, atol=1e-14)
    np.testing.assert_allclose(q, multipletests(p, method="fdr_bh")[1], rtol=0, atol=1e-14)


def test_q_of_a_large_family_with_ties() -> None:
    p = np.random.default_rng(1).choice(np.geomspace(1e-30, 1, 400), 20_000)
    np.testing.assert_allclose(np.exp(log_q_benjamini_hochberg(np.log(p))), false_discovery_control(p), rtol=1e-13, atol=1e-14)


@given(FAMILIES, st.data())
def test_lakes_outside_the_family_change_nothing(p: np.ndarray, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, len(p)), max_size=10))
    padded = np.insert(np.log(p), places, np.nan)
    inside = ~np.isnan(padded)
    q = log_q_benjamini_hochberg(padded)
    assert np.isnan(q[~inside]).all()
    np.testing.assert_array_equal(q[inside], log_q_benjamini_hochberg(np.log(p)))


@given(FAMILIES, st.randoms(use_true_random=False))
def test_q_does_not_depend_on_the_order_of_lakes(p: np.ndarray, random: object) -> None:
    order = np.random.default_rng(random.randrange(2**32)).permutation(len(p))  # type: ignore[attr-defined]
    np.testing.assert_array_equal(log_q_benjamini_hochberg(np.log(p))[order], log_q_benjamini_hochberg(np.log(p[order])))


def test_q_does_not_underflow() -> None:
    log_q = log_q_benjamini_hochberg(np.array([-9000.0, -8000.0, -1.0]))
    assert log_q == pytest.approx([-9000 + np.log(3), -8000 + np.log(1.5), -1.0])


def test_an_empty_family() -> None:
    assert np.isnan(log_q_benjamini_hochberg(np.array([np.nan, np.nan]))).all()
