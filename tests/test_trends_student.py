"""log p of Student's t against 60-digit arithmetic, from the middle far beyond the range of a double."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import log_ndtr, stdtrit

from data.trends.student import log_p_two_sided, quantile


def exact(t: float, df: float) -> float:
    with mpmath.workdps(60):
        t_, df_ = mpmath.mpf(t), mpmath.mpf(df)
        x = df_ / (df_ + t_ * t_)
        if x < mpmath.mpf("1e-40"):  # the leading term of I_x(a, 1/2); the next is smaller by a factor x
            a = df_ / 2
            return float(a * mpmath.log(x) - mpmath.log(a) - mpmath.log(mpmath.beta(a, mpmath.mpf("0.5"))))
        return float(mpmath.log(mpmath.betainc(df_ / 2, mpmath.mpf("0.5"), 0, x, regularized=True)))


@pytest.mark.parametrize("df", [0.5, 0.731, 1.0, 1.0000001, 2.0, 3.0, 7.25, 18.0, 38.0, 163.4, 998.0])
@pytest.mark.parametrize("t", [0.0, 1e-9, 1e-3, 0.7, 2.2, 9.0, 37.0, 410.0, 1e5, 1e12, 1e150, 1e160, 1e300])
def test_log_p_equals_sixty_digit_arithmetic(t: float, df: float) -> None:
    truth = exact(t, df)
    got = log_p_two_sided(np.array([-t]), np.array([df]))[0]
    assert got == pytest.approx(truth, rel=2e-13, abs=1e-13)
    assert np.isfinite(got)


def test_deep_tail_reaches_p_of_ten_to_the_minus_five_thousand() -> None:
    got = log_p_two_sided(np.array([1e263]), np.array([19.0]))[0] / np.log(10)
    assert got < -4900
    assert got == pytest.approx(exact(1e263, 19.0) / np.log(10), rel=1e-13)


def test_many_degrees_of_freedom_approach_the_normal_tail() -> None:
    got = log_p_two_sided(np.array([45.0]), np.array([1e9]))[0]
    assert got == pytest.approx(np.log(2) + log_ndtr(-45.0), rel=2e-6)


def test_missing_stays_missing() -> None:
    assert np.isnan(log_p_two_sided(np.array([np.nan, 1.0]), np.array([3.0, np.nan]))).all()


@given(st.floats(0.5, 300), st.floats(0, 1e6), st.floats(1e-6, 10))
def test_log_p_falls_as_t_grows_and_never_exceeds_zero(df: float, t: float, more: float) -> None:
    low, high = log_p_two_sided(np.array([t, t + more]), np.array([df, df]))
    assert 0 >= low >= high


@given(st.floats(0.6, 300))
def test_no_step_where_the_tail_formula_takes_over(df: float) -> None:
    t = np.geomspace(1, 1e200, 400)
    log_p = log_p_two_sided(t, np.full_like(t, df))
    assert (np.diff(log_p) < 0).all()
    slopes = np.diff(log_p) / np.diff(np.log(t))
    assert (np.diff(slopes) < 1e-9 * df + 1e-9).all()  # log p is concave in log t


@given(
    st.lists(st.one_of(st.integers(1, 60).map(float), st.floats(0.5, 200)), min_size=1, max_size=80), st.sampled_from([0.9, 0.975, 0.995])
)
def test_quantile_inverts_the_distribution(df: list[float], probability: float) -> None:
    found = quantile(probability, np.array(df))
    np.testing.assert_allclose(np.exp(log_p_two_sided(found, np.array(df))), 2 * (1 - probability), rtol=1e-10)


def test_quantiles_of_tables() -> None:
    found = quantile(0.975, np.array([1.0, 2.0, 10.0, np.nan, 10.0]))
    np.testing.assert_allclose(found, [12.7062047361747, 4.30265272974946, 2.22813885198627, np.nan, 2.22813885198627], rtol=1e-13)


def test_quantiles_between_whole_degrees_of_freedom_are_scipys() -> None:
    df = np.concatenate([np.random.default_rng(6).uniform(0.1, 60, 3000), np.geomspace(60.5, 1e9, 300), [np.inf]])
    np.testing.assert_allclose(quantile(0.975, df), stdtrit(df, 0.975), rtol=1e-12)
