"""Centred batched least squares against statsmodels, NIST, and what must not change the answer."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.regression.linear_model import OLS

from data.records import SeriesBatch
from data.trends.line import Lines, lines
from tests.trend_cases import gapped, observed, one_lake

# NIST StRD, dataset Norris (public domain), as y, x.
NORRIS = """
0.1 0.2 338.8 337.4 118.1 118.2 888.0 884.6 9.2 10.1 228.1 226.5 668.5 666.3 998.5 996.3 449.1 448.6 778.9 777.0 559.2 558.2 0.3 0.4
0.1 0.6 778.1 775.5 668.8 666.9 339.3 338.0 448.9 447.5 10.8 11.6 557.7 556.0 228.3 228.1 998.0 995.8 888.8 887.6 119.6 120.2 0.3 0.3
0.6 0.3 557.6 556.8 339.3 339.1 888.0 887.2 998.5 999.0 778.9 779.0 10.2 11.1 117.6 118.3 228.9 229.2 668.4 669.1 449.2 448.9 0.2 0.5
"""


def norris(offset: float = 0.0) -> SeriesBatch:
    y, x = np.array(NORRIS.split(), dtype=float).reshape(-1, 2).T
    order = np.argsort(x, kind="stable")
    return one_lake(y[order] + offset, x[order])


def slope_se(fit: Lines) -> np.ndarray:
    return np.sqrt(fit.ssr / (fit.n - 2) / fit.sxx)


def test_norris_equals_the_certified_values() -> None:
    fit = lines(norris(), "area")
    assert fit.n[0] == 36
    assert fit.slope[0] == pytest.approx(1.00211681802045, rel=1e-12)
    assert slope_se(fit)[0] == pytest.approx(0.429796848199937e-3, rel=1e-11)
    assert fit.r2[0] == pytest.approx(0.999993745883712, rel=1e-13)
    assert fit.mean_response[0] - fit.slope[0] * fit.mean_year[0] == pytest.approx(-0.262323073774029, rel=1e-11)


def test_an_offset_of_a_million_costs_no_more_than_its_own_rounding() -> None:
    # The normal-equation form keeps 3.4 digits of the standard error here.
    plain, offset = lines(norris(), "area"), lines(norris(1e6), "area")
    assert offset.slope[0] == pytest.approx(plain.slope[0], rel=1e-12)
    assert slope_se(offset)[0] == pytest.approx(slope_se(plain)[0], rel=1e-9)


@pytest.mark.parametrize("response", ["log", "area"])
def test_two_thousand_gapped_series_equal_statsmodels(response: str) -> None:
    batch = gapped(seed=4, lakes=2000, width=24)
    fit = lines(batch, response)
    for lake in range(2000):
        year, _, area = observed(batch, lake)
        peer = OLS(np.log(area) if response == "log" else area, np.column_stack([np.ones(len(year)), year - year.mean()])).fit()
        slope, se = peer.params[1], peer.bse[1]
        assert fit.n[lake] == len(year)
        assert abs(fit.slope[lake] - slope) <= 1e-10 * max(abs(slope), se)
        assert slope_se(fit)[lake] == pytest.approx(se, rel=1e-9)
        assert fit.r2[lake] == pytest.approx(peer.rsquared, rel=1e-9, abs=1e-12)
        assert (fit.first_year[lake], fit.last_year[lake]) == (year[0], year[-1])


@given(st.integers(0, 10_000), st.floats(-30, 30).filter(lambda f: abs(f) > 1e-3), st.floats(-3000, 3000))
def test_log_slope_ignores_the_unit_of_area_and_the_origin_of_time(seed: int, log_unit: float, shift: float) -> None:
    batch = gapped(seed, lakes=8, width=12)
    moved = replace(batch, year=batch.year + shift, area=batch.area * np.exp(log_unit))
    before, after = lines(batch, "log"), lines(moved, "log")
    held = before.n >= 4
    scale = np.maximum(np.abs(before.slope), np.sqrt(before.ssr / before.sxx))[held]
    assert (np.abs(after.slope - before.slope)[held] <= 1e-9 * scale).all()


@given(st.integers(0, 10_000), st.floats(1e-6, 1e6))
def test_area_slope_scales_with_the_area(seed: int, unit: float) -> None:
    batch = gapped(seed, lakes=8, width=12)
    scaled = replace(batch, area=batch.area * unit)
    before, after = lines(batch, "area"), lines(scaled, "area")
    held = before.n >= 4
    scale = np.maximum(np.abs(before.slope), np.sqrt(before.ssr / before.sxx))[held]
    assert (np.abs(after.slope[held] / unit - before.slope[held]) <= 1e-10 * scale).all()
    np.testing.assert_allclose(after.r2[held], before.r2[held], rtol=1e-9, atol=1e-12)


@given(st.integers(0, 10_000))
def test_padding_changes_nothing(seed: int) -> None:
    batch = gapped(seed, lakes=6, width=10)
    places = np.random.default_rng(seed).integers(0, 10, 5)
    nominal = np.insert(batch.nominal_year, places, batch.nominal_year[places])
    padded = SeriesBatch(batch.lake_key, nominal, *(np.insert(values, places, np.nan, axis=1) for values in (batch.year, batch.area)))
    before, after = lines(batch, "log"), lines(padded, "log")
    np.testing.assert_allclose(after.slope, before.slope, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(after.lag_sum, before.lag_sum, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(after.lag_pairs, before.lag_pairs)


def test_blocks_do_not_show() -> None:
    batch = gapped(seed=9, lakes=8000, width=20)
    whole = lines(batch, "log")
    for lake in (0, 3275, 3276, 3277, 7999):
        rows = slice(lake, lake + 1)
        alone = lines(SeriesBatch(batch.lake_key[rows], batch.nominal_year, batch.year[rows], batch.area[rows]), "log")
        assert alone.slope[0] == pytest.approx(whole.slope[lake], rel=1e-12)
        assert alone.lag_pairs[0] == whole.lag_pairs[lake]


def test_lag_pairs_of_years_seen_more_than_once() -> None:
    nominal = [2000.0, 2000, 2001, 2003, 2004, 2004, 2004]
    fit = lines(one_lake([1.0, 2, 1, 3, 2, 4, 3], nominal + np.arange(7) / 10, nominal), "area")
    assert fit.lag_pairs[0] == 2 * 1 + 1 * 3


def test_residuals_never_vanish() -> None:
    year = np.arange(2000.0, 2010.0)
    fit = lines(one_lake(1.0 + 0.5 * (year - 2000), year), "area")
    assert 0 < fit.ssr[0] < 1e-25


@pytest.mark.parametrize(("change", "constant"), [(0.0, 1), (0.99e-9, 1), (1.01e-9, 0), (1e-6, 0)])
@pytest.mark.parametrize("response", ["log", "area"])
def test_constant_is_a_range_of_a_billionth_of_the_mean(change: float, constant: int, response: str) -> None:
    area = 0.3 * np.array([1.0, 1.0 + change, 1.0])
    assert lines(one_lake(area, [2000.0, 2010, 2020]), response).is_constant[0] == constant


@pytest.mark.parametrize("width", [0, 1, 3])
def test_nothing_observed_is_nan_not_zero(width: int) -> None:
    gap = np.full((2, width), np.nan)
    fit = lines(SeriesBatch(np.arange(2, dtype=np.int32), np.arange(width, dtype=float), gap, gap), "log")
    assert (fit.n == 0).all()
    assert np.isnan(fit.slope).all()
    assert np.isnan(fit.first_year).all()
