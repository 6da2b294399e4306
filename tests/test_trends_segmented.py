"""The line with one break against a loop of statsmodels; its test is of the promised size; planted breaks are found."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.regression.linear_model import OLS

from data.records import SeriesBatch
from data.trends.broken_line import FEWEST, SIDE, broken_lines
from data.trends.multiplicity import log_q_benjamini_hochberg
from data.trends.ols import ordinary_least_squares
from data.trends.segmented import BROKEN, segmented
from tests.trend_cases import gapped, observed, one_lake


def left(design: np.ndarray, y: np.ndarray) -> np.ndarray:
    return y - design @ np.linalg.lstsq(design, y, rcond=None)[0]


def bent(x: np.ndarray, y: np.ndarray, nominal: np.ndarray) -> dict[str, float]:
    """One lake, date by date, and statsmodels at the best; the path's length from the columns themselves."""
    n = len(x)
    line = np.column_stack([np.ones(n), x - x.mean()])
    ssr, columns = {}, []
    for place in range(SIDE - 1, n - SIDE + 1):
        hinge = np.maximum(x - x[place], 0)
        ssr[place] = np.sum(left(np.column_stack([line, hinge]), y) ** 2)
        columns.append(left(line, hinge) / np.linalg.norm(left(line, hinge)))
    best = min(ssr, key=lambda place: ssr[place])
    peer = OLS(y, np.column_stack([line, np.maximum(x - x[best], 0)])).fit()
    length = sum(math.acos(np.clip(one @ other, -1, 1)) for one, other in pairwise(columns))
    e = peer.resid
    pairs = [e[i] * e[i + 1] for i in range(n - 1) if nominal[i + 1] - nominal[i] == 1]
    r1c = np.clip((n * sum(pairs) / len(pairs) / np.mean(e**2) + 3) / (n - 6), 0, 0.95) if len(pairs) >= 5 else 0.0
    n_eff = max(n * (1 - r1c) / (1 + r1c), 4.5)
    w2 = 1 - peer.ssr / np.sum(left(line, y) ** 2)
    p = 2 * stats.t.sf(math.sqrt((n_eff - 3) * w2 / (1 - w2)), n_eff - 3) + length / math.pi * (1 - w2) ** ((n_eff - 4) / 2)
    most = peer.ssr * (1 + stats.f.ppf(0.95, 1, n_eff - 4) / (n_eff - 4))
    left_open = [place for place in ssr if ssr[place] <= most]
    return {
        "break_year": x[best], "break_low": x[left_open[0]], "break_high": x[left_open[-1]], "slope_before": peer.params[1],
        "slope_after": peer.params[1] + peer.params[2], "break_response": peer.fittedvalues[best], "p_break": min(p, 1.0),
    }  # fmt: skip


@pytest.mark.parametrize("response", ["log", "area"])
def test_break_slopes_and_test_are_those_of_a_loop_of_statsmodels(response: str) -> None:
    """All of 1,200 random gapped series with dates apart that are long enough."""
    batch = gapped(seed=61, lakes=1200, width=16, noise=0.1)
    fit = segmented(batch, response)
    compared = 0
    for lake in range(1200):
        x, nominal, area = observed(batch, lake)
        if len(x) < FEWEST:
            assert all(math.isnan(fit.columns[name][lake]) for name in BROKEN)
            continue
        peer = bent(x, np.log(area) if response == "log" else area, nominal)
        scale = abs(peer["slope_before"]) + abs(peer["slope_after"])
        for name, value in peer.items():
            slope = name.startswith("slope") or name == "break_response"
            assert fit.columns[name][lake] == pytest.approx(value, rel=1e-7, abs=1e-9 * scale if slope else 0), name
        compared += 1
    assert compared > 1000
    assert fit.columns["q_break"] == pytest.approx(np.exp(log_q_benjamini_hochberg(np.log(fit.columns["p_break"]))), rel=1e-9, nan_ok=True)


def test_all_else_is_least_squares() -> None:
    batch = gapped(seed=62, lakes=200, width=14)
    plain, found = ordinary_least_squares(batch, "log"), segmented(batch, "log")
    np.testing.assert_array_equal(found.status, plain.status)
    assert list(found.columns) == [*plain.columns, *BROKEN]
    for name, values in plain.columns.items():
        np.testing.assert_array_equal(found.columns[name], values)


@pytest.mark.parametrize("n", [8, 12, 30])
def test_straight_series_bend_no_more_often_than_promised(n: int) -> None:
    """White noise, uneven dates: an upper bound, and not a wasteful one (with n known: 4.3 to 4.6 % in 20,000 series)."""
    random = np.random.default_rng(63)
    x = np.sort(random.uniform(2000, 2000 + n, (4000, n)), axis=1)
    apart = np.broadcast_to(2000.0 + 2 * np.arange(n), x.shape)  # no two years are neighbours, so n_eff = n
    p = np.exp(broken_lines(x, random.normal(size=x.shape), apart).log_p)
    for level in (0.05, 0.01):
        share, error = (p < level).mean(), math.sqrt(level * (1 - level) / len(p))
        assert 0.6 * level < share < level + 3 * error


def test_planted_breaks_are_found_and_dated() -> None:
    random = np.random.default_rng(64)
    year = np.arange(2000.0, 2024)
    area = np.exp(0.08 * np.maximum(year - 2012, 0) + random.normal(0, 0.08, (500, 24)))
    fit = segmented(SeriesBatch(np.arange(500, dtype=np.int32), year, np.broadcast_to(year, area.shape).copy(), area), "log")
    columns = fit.columns
    assert (columns["q_break"] < 0.05).mean() > 0.95
    assert abs(np.median(columns["break_year"]) - 2012) <= 1
    assert ((columns["break_low"] <= 2012) & (columns["break_high"] >= 2012)).mean() > 0.88
    assert np.median(columns["slope_before"]) == pytest.approx(0, abs=0.004)
    assert np.median(columns["slope_after"]) == pytest.approx(0.08, abs=0.005)


def test_time_reversed_the_break_is_the_same_and_slopes_change_sides() -> None:
    random = np.random.default_rng(65)
    year = np.arange(2000.0, 2020)
    area = np.exp(np.cumsum(random.normal(0, 0.1, 20)))
    there, back = (segmented(one_lake(values, year), "log").columns for values in (area, area[::-1]))
    assert back["break_year"][0] == 4019 - there["break_year"][0]
    assert back["slope_after"][0] == pytest.approx(-there["slope_before"][0], rel=1e-9)
    assert back["p_break"][0] == pytest.approx(there["p_break"][0], rel=1e-9)


@settings(max_examples=60)
@given(seed=st.integers(0, 10_000), width=st.integers(6, 14), noise=st.sampled_from([0.0, 1e-14, 0.1, 5.0]), dates=st.integers(1, 14))
def test_whatever_the_series_p_is_one(seed: int, width: int, noise: float, dates: int) -> None:
    """Few distinct dates, no noise, far too much of it: p in (0, 1], the break within its interval, or nothing at all."""
    batch = gapped(seed, 20, width, noise)
    year = np.where(np.isnan(batch.area), np.nan, np.sort(np.round(np.nan_to_num(batch.year) / width * dates) * width / dates, axis=1))
    found = segmented(SeriesBatch(batch.lake_key, batch.nominal_year, year, batch.area), "log").columns
    p = found["p_break"][~np.isnan(found["p_break"])]
    assert ((p > 0) & (p <= 1)).all()
    dated = ~np.isnan(found["break_year"])
    assert ((found["break_low"] <= found["break_year"]) & (found["break_year"] <= found["break_high"]))[dated].all()
    np.testing.assert_array_equal(dated, ~np.isnan(found["p_break"]))
