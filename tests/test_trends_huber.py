"""Huber's line against statsmodels and its own defining equations; statuses; what bad observations do to it."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy import stats
from statsmodels.robust.norms import HuberT
from statsmodels.robust.robust_linear_model import RLM

from data.records import SeriesBatch
from data.trends.fit import STATUSES
from data.trends.huber import huber
from data.trends.ols import ordinary_least_squares
from tests.trend_cases import gapped, observed, one_lake

ITERATIONS = 120


@pytest.mark.parametrize(("response", "width"), [("log", 16), ("area", 10)])
def test_slope_error_and_p_are_those_of_statsmodels(response: str, width: int) -> None:
    """Wherever statsmodels itself comes to rest, more than 1,000 in all; its p taken from Student's t on n - 2 degrees of freedom."""
    batch = gapped(seed=41, lakes=560, width=width, noise=0.2)
    fit = huber(batch, response)
    compared = restless = 0
    for lake in range(560):
        year, _, area = observed(batch, lake)
        if len(year) < 3:
            continue
        y = np.log(area) if response == "log" else area
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "Estimated scale is 0.0", of short series
            peer = RLM(y, np.column_stack([np.ones(len(year)), year - year.mean()]), M=HuberT()).fit(tol=1e-12, maxiter=ITERATIONS)
        if peer.fit_history["iteration"] >= ITERATIONS:
            restless += 1
            continue
        slope, se = peer.params[1], peer.bse[1]
        assert STATUSES[fit.status[lake]] in {"ok", "few"}
        assert abs(fit.columns["slope"][lake] - slope) <= 1e-6 * max(abs(slope), se)
        assert fit.columns["se"][lake] == pytest.approx(se, rel=1e-6)
        assert np.exp(fit.columns["log_p"][lake]) == pytest.approx(2 * stats.t.sf(abs(slope / se), len(year) - 2), rel=1e-5)
        compared += 1
    assert compared > 500
    assert restless < 40


def test_lines_solve_their_equations_where_reweighting_goes_in_circles() -> None:
    batch = gapped(seed=42, lakes=3000, width=12, noise=0.3)
    fit = huber(batch, "log")
    checked = 0
    for lake in np.flatnonzero(fit.status == STATUSES.index("ok")):
        year, _, area = observed(batch, lake)
        row = {name: values[lake] for name, values in fit.columns.items()}
        residual = np.log(area) - row["mean_response"] - row["slope"] * (year - row["mean_year"])
        scale = np.median(np.abs(residual)) / stats.norm.ppf(0.75)
        psi = np.clip(residual / scale, -1.345, 1.345)
        assert abs(psi.sum()) < 1e-6
        assert abs(psi @ (year - row["mean_year"])) < 1e-6 * np.ptp(year)
        checked += 1
    assert checked > 2500


def test_a_wild_observation_hardly_moves_it() -> None:
    random = np.random.default_rng(8)
    year = np.arange(2000.0, 2024.0)
    area = np.exp(0.03 * (year - 2000) + random.normal(0, 0.05, 24))
    wild = area.copy()
    wild[-2] *= 0.05
    before, after = (huber(one_lake(each, year), "log").columns for each in (area, wild))
    assert after["slope"][0] == pytest.approx(before["slope"][0], rel=0.15)
    assert after["log_p"][0] < np.log(1e-6)
    assert ordinary_least_squares(one_lake(wild, year), "log").columns["log_p_ols"][0] > np.log(0.05)


def test_statuses() -> None:
    nan = np.nan
    area = np.array(
        [
            [1, 2, nan, nan, nan, nan],
            [1, 1, 1, 1, 1, 1],
            [1, 2, 2.5, nan, nan, nan],
            [1, 3, 2, 4, 3, 6],
            [1, 1, 1, 1, 1, 4],
            [1, 2, 3, 4, 5, 6],
        ]
    )
    years = np.arange(2000.0, 2006.0)
    fit = huber(SeriesBatch(np.arange(6, dtype=np.int32), years, np.where(np.isnan(area), nan, years), area), "area")
    said = [STATUSES[each] for each in fit.status]
    assert said[:2] == ["insufficient", "constant"]
    assert said[3:] == ["ok", "unsettled", "unsettled"], "on the line itself lie five of six, then all: no scatter to test against"
    assert np.isnan(fit.columns["log_p"][[0, 1, 4, 5]]).all()
    assert fit.columns["slope"][1] == 0.0
    assert fit.columns["slope"][5] == pytest.approx(1.0)
    assert fit.columns["slope"][4] == pytest.approx(0.0, abs=1e-6)
    straight = huber(one_lake(np.exp(0.03 * (years - 2002)), years), "log")
    assert STATUSES[straight.status[0]] == "unsettled", "rounding is no scatter, though log area is 0 in the middle"
    empty = huber(SeriesBatch(np.zeros(0, np.int32), np.zeros(0), np.zeros((0, 0)), np.zeros((0, 0))), "log")
    assert all(len(values) == 0 for values in empty.columns.values())


@pytest.mark.parametrize(("n", "low", "high"), [(10, 0.04, 0.075), (20, 0.04, 0.065)])
def test_size_without_autocorrelation(n: int, low: float, high: float) -> None:
    random, lakes = np.random.default_rng(5), 20_000
    year = 2000.0 + np.arange(n)
    batch = SeriesBatch(np.arange(lakes, dtype=np.int32), year, np.tile(year, (lakes, 1)), np.exp(random.normal(0, 0.1, (lakes, n))))
    assert low < np.mean(huber(batch, "log").columns["log_p"] < np.log(0.05)) < high
