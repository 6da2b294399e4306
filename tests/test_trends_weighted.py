"""Weighted least squares against statsmodels; what is shared; that relative errors are all that counts."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from statsmodels.regression.linear_model import WLS

from data.records import SeriesBatch
from data.trends.excess import EXCESS, SIZES
from data.trends.fit import STATUSES
from data.trends.ols import ordinary_least_squares
from data.trends.size import log_size
from data.trends.weighted import weighted, weighted_given
from tests.test_trends_known_error import with_errors
from tests.trend_cases import gapped, one_lake


@pytest.mark.parametrize("response", ["log", "area"])
def test_line_and_error_are_those_of_statsmodels(response: str) -> None:
    """1,200 lakes; the scale is on n_eff - 2 degrees of freedom, which is statsmodels' n - 2 wherever n_eff = n."""
    batch = with_errors(gapped(seed=51, lakes=1200, width=14, noise=0.25), 5)
    assert batch.area_sd is not None
    fit = weighted(batch, response)
    excess = np.interp(log_size(batch), fit.shared[SIZES], fit.shared[EXCESS])
    assert excess.max() > 0
    same = compared = 0
    for lake in range(1200):
        held = ~np.isnan(batch.area[lake]) & ~np.isnan(batch.area_sd[lake])
        row = {name: values[lake] for name, values in fit.columns.items()}
        if math.isnan(row["t"]):
            continue
        year, area, sd = batch.year[lake][held], batch.area[lake][held], batch.area_sd[lake][held]
        y, variance = (np.log(area), (sd / area) ** 2) if response == "log" else (area, sd**2)
        design = np.column_stack([np.ones(len(year)), year - row["mean_year"]])
        peer = WLS(y, design, weights=1 / (variance + excess[lake])).fit()
        n, n_eff = len(year), row["n_eff"]
        se = peer.bse[1] * math.sqrt((n - 2) / (n_eff - 2))
        assert row["slope"] == pytest.approx(peer.params[1], abs=1e-9 * max(abs(peer.params[1]), peer.bse[1]))
        assert row["mean_response"] == pytest.approx(peer.params[0], rel=1e-9)
        assert row["se"] == pytest.approx(se, rel=1e-9)
        assert row["r2"] == pytest.approx(peer.rsquared, rel=1e-9, abs=1e-11)
        assert math.exp(row["log_p"]) == pytest.approx(2 * stats.t.sf(abs(row["slope"]) / se, n_eff - 2), rel=1e-7)
        assert (row["n"], row["first_year"], row["last_year"]) == (n, year.min(), year.max())
        at_mean = row["resid_sd"] / math.sqrt(n_eff)  # of the line's band, in its middle
        assert at_mean == pytest.approx(peer.bse[0] * math.sqrt((n - 2) / (n_eff - 2) * n / n_eff), rel=1e-9)
        if n_eff == n:
            same += 1
            assert math.exp(row["log_p"]) == pytest.approx(peer.pvalues[1], rel=1e-7)
        compared += 1
    assert compared > 1000
    assert same > 300


def test_effective_size_is_that_of_a_plain_loop_over_standardised_residuals() -> None:
    batch = with_errors(gapped(seed=52, lakes=60, width=20, noise=0.25), 6)
    assert batch.area_sd is not None
    fit = weighted(batch, "log")
    excess = np.interp(log_size(batch), fit.shared[SIZES], fit.shared[EXCESS])
    known = 0
    for lake in range(60):
        held = ~np.isnan(batch.area[lake]) & ~np.isnan(batch.area_sd[lake])
        if math.isnan(fit.columns["r1"][lake]):
            continue
        area, nominal = batch.area[lake][held], batch.nominal_year[held]
        line = fit.columns["mean_response"][lake] + fit.columns["slope"][lake] * (batch.year[lake][held] - fit.columns["mean_year"][lake])
        e = (np.log(area) - line) / np.sqrt((batch.area_sd[lake][held] / area) ** 2 + excess[lake])
        pairs = [e[i] * e[j] for i in range(len(e)) for j in range(i) if abs(nominal[i] - nominal[j]) == 1]
        assert fit.columns["r1"][lake] == pytest.approx(sum(pairs) / len(pairs) / np.mean(e**2), rel=1e-9)
        known += 1
    assert known > 30


def test_where_all_errors_are_alike_it_is_least_squares() -> None:
    batch = gapped(seed=53, lakes=300, width=20, noise=0.2)
    batch = replace(batch, area_sd=0.1 * batch.area)
    plain, found = ordinary_least_squares(batch, "log"), weighted(batch, "log")
    np.testing.assert_array_equal(found.status, plain.status)
    for name, values in plain.columns.items():
        np.testing.assert_allclose(found.columns[name], values, rtol=1e-7, atol=1e-9, err_msg=name)


def test_errors_that_are_all_too_small_do_no_harm() -> None:
    """A tenth of the errors, and nothing learned from others: slopes, p and intervals stay."""
    batch = with_errors(gapped(seed=54, lakes=200, width=12), 7)
    assert batch.area_sd is not None
    alone = {SIZES: [], EXCESS: []}
    one, other = (weighted_given(replace(batch, area_sd=scale * batch.area_sd), "log", alone) for scale in (1.0, 0.1))
    for name in ("slope", "se", "log_p", "ci_low", "resid_sd", "sxx", "n_eff"):
        np.testing.assert_allclose(one.columns[name], other.columns[name], rtol=1e-9, err_msg=name)


def test_a_lake_alone_is_fitted_as_among_all() -> None:
    batch = with_errors(gapped(seed=55, lakes=400, width=12, noise=0.4), 8)
    assert batch.area_sd is not None
    whole, some = weighted(batch, "log"), slice(17, 23)
    few = SeriesBatch(batch.lake_key[some], batch.nominal_year, batch.year[some], batch.area[some], batch.area_sd[some])
    for name, values in weighted_given(few, "log", whole.shared).columns.items():
        np.testing.assert_allclose(values, whole.columns[name][some], rtol=1e-12, err_msg=name)


def test_statuses_and_a_perfect_line() -> None:
    nan, years = np.nan, [2000.0, 2001, 2002, 2003, 2004]
    area = np.array([[1, 2, nan, nan, nan], [1, 1, 1, 1, 1], [1, 2, 3, nan, nan], [1, 3, 2, 4, 6], [1, 2, 3, 4, 5]], dtype=float)
    sd = 0.1 * area
    sd[4, 2:] = nan
    year = np.where(np.isnan(area), nan, np.array(years))
    fit = weighted(SeriesBatch(np.arange(5, dtype=np.int32), np.array(years), year, area, sd), "area")
    assert [STATUSES[each] for each in fit.status] == ["insufficient", "constant", "few", "r1 unknown", "insufficient"]
    assert np.isnan(fit.columns["log_p"]).tolist() == [True, True, False, False, True]
    assert np.isfinite(fit.columns["log_p"][2]), "however perfect the line"
    assert STATUSES[weighted(one_lake([1.0, 2.0, 3.0, 4.0], years[:4]), "log").status[0]] == "insufficient"
