"""Detectable change: the factors against scipy's noncentral t, and planted trends of that size against how often they are found."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import chi2, nct
from scipy.stats import t as student

from data.records import SeriesBatch, TrendSettings, TrendTable
from data.trends import METHODS
from data.trends.detectable import ALPHA, LEAST_DF, NORMAL, POWER, factor, noncentrality, solved
from data.trends.table import assembled
from tests.trend_cases import gapped

LAKES = 20_000
SIGMA = 0.1


def power_of_scipy(delta: float, df: float) -> float:
    critical = student.ppf(1 - ALPHA / 2, df)
    return float(nct.sf(critical, df, delta) + np.nan_to_num(nct.cdf(-critical, df, delta)))


@pytest.mark.parametrize("df", [1, 1.5, 3, 8, 18, 33, 200])
def test_true_noise_against_the_noncentral_t(df: float) -> None:
    assert power_of_scipy(noncentrality(df), df) == pytest.approx(POWER, abs=1e-7)


@pytest.mark.parametrize("df", [2, 3, 8.5, 33])
def test_assurance_against_an_integral_over_the_noncentral_t(df: float) -> None:
    k = solved(df)
    of_share = lambda u: power_of_scipy(k * np.sqrt(chi2.ppf(u, df) / df), df)  # noqa: E731
    assert quad(of_share, 0, 1, limit=200, epsabs=1e-6)[0] == pytest.approx(POWER, abs=2e-5)


@given(st.floats(0.6, 9_000))
@settings(max_examples=30, deadline=None)
def test_what_is_interpolated_is_what_is_solved(df: float) -> None:
    assert factor(np.array([df]))[0] == pytest.approx(solved(df), rel=1e-4)


def test_factors_at_the_ends() -> None:
    found = factor(np.array([np.inf, 1e6, np.nan, 0.0, 0.3, LEAST_DF]))
    assert found[0] == NORMAL == pytest.approx(student.ppf(0.975, np.inf) + student.ppf(0.8, np.inf), rel=1e-12)
    assert found[1] == pytest.approx(NORMAL, rel=3e-4)
    assert np.isnan(found[2:5]).all()
    assert found[5] > 500
    assert (np.diff(factor(np.geomspace(LEAST_DF, 2e4, 500))) <= 0).all(), "more degrees of freedom, a smaller change"


def fitted(noise: np.ndarray, slope: np.ndarray | float, method: str = "ols") -> TrendTable:
    """The table of lakes whose log area is this noise on top of this slope."""
    year = np.arange(noise.shape[1], dtype=float)
    years = np.broadcast_to(2000 + year, noise.shape).copy()
    area = np.exp(noise + np.multiply.outer(np.broadcast_to(slope, len(noise)), year - year.mean()))
    batch = SeriesBatch(np.arange(len(noise), dtype=np.int32), 2000 + year, years, area, SIGMA * area)
    chosen = TrendSettings(method=method, source="a")
    return assembled(method, METHODS[method].fit(batch, "log"), batch, pd.Series([""] * len(noise)), chosen, left_out={})


def sxx(n: int) -> float:
    return n * (n * n - 1) / 12


@pytest.mark.parametrize("n", [5, 10, 20, 35])
def test_planted_growth_of_the_threshold_is_found_in_80_percent(n: int) -> None:
    random = np.random.default_rng(n)
    true = SIGMA * noncentrality(n - 2) / np.sqrt(sxx(n))
    seen = fitted(random.normal(0, SIGMA, (LAKES, n)), true).frame
    assert (seen["p_ols"] < ALPHA).mean() == pytest.approx(POWER, abs=0.02), "from the true noise"

    first = fitted(random.normal(0, SIGMA, (LAKES, n)), 0.0).frame
    plain_se = (first["resid_sd"] * np.sqrt(first["df"] / (n - 2) / first["sxx"])).to_numpy()
    guessed = np.nan_to_num(factor(np.full(LAKES, n - 2.0)) * plain_se, nan=true)
    again = fitted(random.normal(0, SIGMA, (LAKES, n)), guessed).frame
    assert (again["p_ols"] < ALPHA).mean() == pytest.approx(POWER, abs=0.03), "from noise as it was estimated"


def test_the_column_is_such_a_threshold_where_the_test_is_plain() -> None:
    random = np.random.default_rng(50)
    first = fitted(random.normal(0, SIGMA, (LAKES, 5)), 0.0).frame  # five dates: no lag-1, so n_eff = n
    again = fitted(random.normal(0, SIGMA, (LAKES, 5)), first["detectable"].to_numpy()).frame
    assert (again["p"] < ALPHA).mean() == pytest.approx(POWER, abs=0.03)


def test_known_errors_need_no_assurance() -> None:
    random = np.random.default_rng(3)
    first = fitted(random.normal(0, SIGMA, (LAKES, 3)), 0.0, "known-error").frame
    np.testing.assert_array_equal(first["detectable"], NORMAL * first["se"])
    again = fitted(random.normal(0, SIGMA, (LAKES, 3)), first["detectable"].to_numpy(), "known-error").frame
    assert (again["p"] < ALPHA).mean() == pytest.approx(POWER, abs=0.02)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_has_one_where_it_tests_and_none_elsewhere(name: str) -> None:
    batch = gapped(11, 300, 14)
    batch = SeriesBatch(batch.lake_key, batch.nominal_year, batch.year, batch.area, 0.1 * batch.area)
    table = assembled(name, METHODS[name].fit(batch, "log"), batch, pd.Series([""] * 300), TrendSettings(source="a"), left_out={}).frame
    told = table["detectable"].notna()
    assert told.mean() > 0.5
    assert not told[table["log_p"].isna()].any()
    assert (table["detectable"][told] > 0).all()
    np.testing.assert_allclose(table["detectable_pct"], 100 * np.expm1(table["detectable"]), rtol=1e-12)


def test_units_follow_the_response() -> None:
    batch = gapped(12, 50, 20)
    tenfold = SeriesBatch(batch.lake_key, batch.nominal_year, batch.year, 10 * batch.area)
    for response, scale in (("log", 1), ("area", 10)):
        small, large = (
            assembled("ols", METHODS["ols"].fit(each, response), each, pd.Series([""] * 50), TrendSettings(source="a", response=response),
                      left_out={}).frame for each in (batch, tenfold)
        )  # fmt: skip
        np.testing.assert_allclose(large["detectable"], scale * small["detectable"], rtol=1e-6)
        np.testing.assert_allclose(large["detectable_pct"], small["detectable_pct"], rtol=1e-6)


def test_four_ranks_can_find_nothing() -> None:
    frame = fitted(np.random.default_rng(4).normal(0, SIGMA, (50, 4)), 0.0, "theil-sen").frame
    assert frame["log_p"].notna().all()
    assert frame["detectable"].isna().all()
