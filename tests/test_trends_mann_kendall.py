"""Mann–Kendall with serial correlation allowed for, against pymannkendall without gaps and plain loops with them."""

from __future__ import annotations

import warnings

import numpy as np
import pymannkendall
import pytest
from scipy import stats

from data.records import SeriesBatch
from data.trends.fit import STATUSES
from data.trends.mann_kendall import score
from data.trends.mann_kendall_hamed_rao import hamed_rao
from data.trends.mann_kendall_prewhitened import prewhitened
from data.trends.theil_sen import theil_sen
from tests.trend_cases import gapped, observed, one_lake


def correlated(n: int, lakes: int, seed: int, rho: float = 0.5, digits: int | None = None) -> SeriesBatch:
    """Yearly AR(1) lakes without gaps, with trends of either sign."""
    random = np.random.default_rng(seed)
    noise = random.normal(size=(lakes, n))
    for place in range(1, n):
        noise[:, place] += rho * noise[:, place - 1]
    y = 0.3 * noise + 0.02 * random.normal(size=(lakes, 1)) * np.arange(n)
    year = 2000.0 + np.arange(n)
    area = np.exp(y if digits is None else np.round(y, digits))
    return SeriesBatch(np.arange(lakes, dtype=np.int32), year, np.tile(year, (lakes, 1)), area)


SIZES = pytest.mark.parametrize(("n", "digits"), [(6, None), (11, 1), (20, None), (34, None)])


@SIZES
def test_without_gaps_hamed_and_rao_is_pymannkendalls(n: int, digits: int | None) -> None:
    batch = correlated(n, 260, seed=n, digits=digits)
    fit = hamed_rao(batch, "log")
    compared = 0
    for lake in range(260):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the root of a variance that the correction made negative
            said = pymannkendall.hamed_rao_modification_test(np.log(batch.area[lake]))
        if not np.isfinite(said.z):
            continue
        assert fit.columns["t"][lake] == pytest.approx(said.z, abs=1e-11)
        assert np.exp(fit.columns["log_p"][lake]) == pytest.approx(said.p, rel=1e-9, abs=1e-14)
        compared += 1
    assert compared > 250


@SIZES
def test_without_gaps_the_whitened_series_has_pymannkendalls_test(n: int, digits: int | None) -> None:
    """w_j = y_j - r1c y_{j-1}, with r1c of the residuals about pymannkendall's Sen slope."""
    batch = correlated(n, 260, seed=n, digits=digits)
    fit = prewhitened(batch, "log")
    whitened = 0
    for lake in range(260):
        y = np.log(batch.area[lake])
        e = y - pymannkendall.sens_slope(y).slope * np.arange(n)
        e = e - e.mean()
        r1 = (e[1:] @ e[:-1]) / (n - 1) / np.mean(e**2)
        r1c = min(max((n * r1 + 1) / (n - 4), 0.0), 0.95)
        said = pymannkendall.original_test(y[1:] - r1c * y[:-1] if r1c else y)
        assert fit.columns["r1"][lake] == pytest.approx(r1c, abs=1e-9)
        assert fit.columns["t"][lake] == pytest.approx(said.z, abs=1e-11)
        whitened += r1c > 0
    assert whitened > 80


def hamed_rao_loop(year: np.ndarray, nominal: np.ndarray, y: np.ndarray, slope: float) -> float:
    """The correction, written from its definition, pair by pair."""
    n, years = len(y), nominal[-1] - nominal[0] + 1
    ranks = stats.rankdata(y - slope * (year - year[0] + 1))
    v = ranks - ranks.mean()
    total = 0.0
    for lag in range(1, int(years)):
        products = [v[i] * v[j] for i in range(n) for j in range(i + 1, n) if nominal[j] - nominal[i] == lag]
        if not products:
            continue
        rho = np.mean(products) * (1 - lag / years) / np.mean(v**2)
        if abs(rho) > stats.norm.ppf(0.975) / np.sqrt(years * len(products) / (years - lag)):
            total += len(products) * max(years - lag - 1, 0) * max(years - lag - 2, 0) * rho
    c = 1 + 2 / (n * (years - 1) * (years - 2)) * total
    return c if c > 0 else 1.0


def prewhitened_loop(year: np.ndarray, nominal: np.ndarray, y: np.ndarray, slope: float) -> float:
    """z of the whitened series, written from its definition."""
    n, e = len(y), y - slope * year
    e = e - e.mean()
    products = [e[i] * e[j] for i in range(n) for j in range(i + 1, n) if nominal[j] - nominal[i] == 1]
    r1 = min(max((n * np.mean(products) / np.mean(e**2) + 1) / (n - 4), 0.0), 0.95)
    if r1 == 0:
        return float(theil_sen(one_lake(np.exp(y), year), "log").columns["t"][0])
    at, white = [], []
    for j in range(n):
        earlier = [nominal[i] for i in range(n) if nominal[i] < nominal[j]]
        if earlier:
            k = nominal[j] - earlier[-1]
            at.append(year[j])
            left = (e[j] - r1**k * e[nominal == earlier[-1]].mean()) * np.sqrt((1 - r1**2) / (1 - r1 ** (2 * k)))
            white.append(left + (1 - r1) * slope * (year[j] - year[0]))
    return float(theil_sen(one_lake(np.exp(np.array(white)), np.array(at)), "log").columns["t"][0])


def test_with_gaps_they_are_plain_loops() -> None:
    """Years missing, and years seen twice."""
    batch = gapped(seed=51, lakes=300, width=22, noise=0.2)
    sen, corrected, white = (fit(batch, "log") for fit in (theil_sen, hamed_rao, prewhitened))
    told = 0
    for lake in range(300):
        year, nominal, area = observed(batch, lake)
        if STATUSES[corrected.status[lake]] != "ok":
            assert corrected.columns["t"][lake] == sen.columns["t"][lake]
            assert white.columns["t"][lake] == sen.columns["t"][lake]
            continue
        c = hamed_rao_loop(year, nominal, np.log(area), sen.columns["slope"][lake])
        assert corrected.columns["t"][lake] == pytest.approx(sen.columns["t"][lake] / np.sqrt(c), rel=1e-9, abs=1e-12)
        assert corrected.columns["n_eff"][lake] == pytest.approx(len(year) / c, rel=1e-9)
        again = prewhitened_loop(year, nominal, np.log(area), sen.columns["slope"][lake])
        assert white.columns["t"][lake] == pytest.approx(again, abs=1e-9)
        told += c != 1
    assert told > 40


def test_too_few_neighbouring_years_leave_the_plain_test_and_say_so() -> None:
    values = np.exp(np.random.default_rng(4).normal(size=9))
    for year in (2000.0 + 2 * np.arange(9), 2000.0 + np.arange(9)):
        batch = one_lake(values, year)
        plain = theil_sen(batch, "log")
        for fit in (hamed_rao(batch, "log"), prewhitened(batch, "log")):
            every_year = year[1] - year[0] == 1
            assert STATUSES[fit.status[0]] == ("ok" if every_year else "r1 unknown")
            assert np.isnan(fit.columns["r1"][0]) != every_year
            if not every_year:
                assert fit.columns["t"][0] == plain.columns["t"][0]


def test_the_interval_of_hamed_and_rao_is_as_wide_as_its_test_says() -> None:
    batch = correlated(20, 400, seed=3, rho=0.8)
    plain, corrected = theil_sen(batch, "log"), hamed_rao(batch, "log")
    wider = corrected.columns["n_eff"] < 20
    assert wider.sum() > 100
    assert (corrected.columns["ci_low"] <= plain.columns["ci_low"])[wider].all()
    assert (corrected.columns["se"] > plain.columns["se"])[wider].mean() > 0.95
    np.testing.assert_array_equal(corrected.columns["slope"], plain.columns["slope"])


def test_score_counts_pairs_of_different_dates() -> None:
    x = np.array([[0.0, 1, 1, 2]])
    assert score(x, np.array([[1.0, 2, 3, 0]]))[0] == 2 - 3
    assert score(x, np.array([[1.0, np.nan, 3, 3]]))[0] == 2
