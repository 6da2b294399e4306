"""Theil–Sen and Mann–Kendall against scipy, pymannkendall and plain loops; ties, gaps, statuses."""

from __future__ import annotations

import itertools

import numpy as np
import pymannkendall
import pytest
from scipy import stats

from data.records import SeriesBatch
from data.trends.fit import STATUSES
from data.trends.theil_sen import theil_sen
from tests.trend_cases import gapped, observed, one_lake


def rounded(batch: SeriesBatch, digits: int) -> SeriesBatch:
    """The same with areas rounded, so that many are equal."""
    return SeriesBatch(batch.lake_key, batch.nominal_year, batch.year, np.maximum(np.round(batch.area, digits), 10.0**-digits))


@pytest.mark.parametrize("response", ["log", "area"])
@pytest.mark.parametrize("digits", [None, 1])
def test_slope_and_interval_are_scipys(response: str, digits: int | None) -> None:
    batch = gapped(seed=21, lakes=1600, width=18)
    batch = batch if digits is None else rounded(batch, digits)
    fit = theil_sen(batch, response)
    compared = 0
    for lake in range(1600):
        year, _, area = observed(batch, lake)
        if STATUSES[fit.status[lake]] in {"insufficient", "constant"}:
            continue
        y = np.log(area) if response == "log" else area
        peer = stats.theilslopes(y, year)
        size = max(abs(peer.slope), np.std(y) / np.std(year))
        assert fit.columns["slope"][lake] == pytest.approx(peer.slope, abs=1e-13 * size)
        assert fit.columns["ci_low"][lake] == pytest.approx(peer.low_slope, abs=1e-12 * size)
        assert fit.columns["ci_high"][lake] == pytest.approx(peer.high_slope, abs=1e-12 * size)
        compared += 1
    assert compared > 1000


@pytest.mark.parametrize("digits", [None, 1])
def test_s_and_its_variance_are_those_of_pymannkendall(digits: int | None) -> None:
    batch = gapped(seed=22, lakes=1600, width=18)
    batch = batch if digits is None else rounded(batch, digits)
    fit = theil_sen(batch, "area")
    compared = 0
    for lake in range(1600):
        _, _, area = observed(batch, lake)
        if STATUSES[fit.status[lake]] in {"insufficient", "constant"}:
            continue
        peer = pymannkendall.original_test(area)
        z = (peer.s - np.sign(peer.s)) / np.sqrt(peer.var_s)
        assert fit.columns["t"][lake] == z, "S and its variance are whole numbers over 18: exact"
        assert np.exp(fit.columns["log_p"][lake]) == pytest.approx(peer.p, rel=1e-9, abs=1e-15)
        compared += 1
    assert compared > 1000


def test_observations_of_one_date_are_no_pair() -> None:
    """Kendall's variance with ties of both kinds, against every order of the areas among the dates."""
    year = np.array([2000.0, 2001.0, 2001.0, 2002.0, 2003.0, 2003.0])
    area = np.array([1.0, 2.0, 2.0, 1.0, 3.0, 4.0])

    def s_of(y: np.ndarray) -> int:
        return sum(int(np.sign(y[j] - y[i]) * np.sign(year[j] - year[i])) for i, j in itertools.combinations(range(6), 2))

    spread = np.var([s_of(np.array(each)) for each in itertools.permutations(area)])
    fit = theil_sen(one_lake(area, year), "area")
    s = s_of(area)
    assert fit.columns["t"][0] == pytest.approx((s - np.sign(s)) / np.sqrt(spread), rel=1e-12)
    swapped = theil_sen(one_lake(area[[0, 2, 1, 3, 5, 4]], year), "area")
    for name, values in fit.columns.items():
        np.testing.assert_allclose(values, swapped.columns[name], rtol=1e-14, err_msg=name)


def test_p_never_underflows() -> None:
    fit = theil_sen(one_lake(np.exp(np.arange(3000) / 100.0), 1900 + np.arange(3000) / 10.0, list(np.arange(3000.0))), "log")
    assert -np.inf < fit.columns["log_p"][0] < -2000


def test_statuses() -> None:
    nan = np.nan
    area = np.array([[1, 2, nan, nan], [1, 1, 1, 1], [1, 2, 3, nan], [1, 3, 2, 4], [nan, nan, nan, nan], [2, nan, nan, nan]])
    year = np.where(np.isnan(area), nan, np.array([2000.0, 2001, 2002, 2003]))
    fit = theil_sen(SeriesBatch(np.arange(6, dtype=np.int32), np.array([2000.0, 2001, 2002, 2003]), year, area), "area")
    assert [STATUSES[each] for each in fit.status] == ["insufficient", "constant", "few", "few", "insufficient", "insufficient"]
    assert np.isnan(fit.columns["log_p"][[0, 1, 4, 5]]).all()
    assert fit.columns["slope"][1] == 0.0
    assert fit.columns["slope"][2] == 1.0
    empty = theil_sen(SeriesBatch(np.zeros(0, np.int32), np.zeros(0), np.zeros((0, 0)), np.zeros((0, 0))), "log")
    assert all(len(values) == 0 for values in empty.columns.values())
