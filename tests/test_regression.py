"""The regression report against the trend table and textbook formulas."""

import dataclasses

import numpy as np
import pytest
from scipy import stats

from data.errors import TrendError
from data.records import TrendSettings
from data.regression import regression_report
from data.trends import METHODS
from tests.trend_cases import lake_frame, yearly

AREAS = list(np.exp(0.03 * np.arange(14) + np.random.default_rng(8).normal(0, 0.06, 14)))
AREAS[5] = np.nan


@pytest.mark.parametrize("response", ["log", "area"])
def test_report_agrees_with_the_trend_table(response: str) -> None:
    settings = TrendSettings(source="inventory", response=response)
    rows = yearly({4: AREAS})
    row = METHODS["ols"].table(rows, lake_frame(4), settings).frame.iloc[0]
    report = regression_report(rows, 4, settings)
    level, slope = report.coefficients
    assert (report.n, report.df, report.lake_key, report.response) == (13, 11, 4, response)
    assert slope.value == pytest.approx(row["slope"], rel=1e-10)
    assert slope.p == pytest.approx(row["p_ols"], rel=1e-9)
    assert level.value == pytest.approx(row["mean_response"], rel=1e-12)


def test_influence_and_prediction_equal_their_textbook_formulas() -> None:
    report = regression_report(yearly({0: AREAS}), 0, TrendSettings(source="inventory"))
    year = np.array([one.year for one in report.influence])
    y = np.log([one.area_km2 for one in report.influence])
    x, n = year - year.mean(), len(year)
    sxx = x @ x
    slope = x @ y / sxx
    e = y - y.mean() - slope * x
    s2 = e @ e / (n - 2)
    leverage = 1 / n + x**2 / sxx
    s2_without = (e @ e - e**2 / (1 - leverage)) / (n - 3)
    columns = {f.name: np.array([getattr(one, f.name) for one in report.influence]) for f in dataclasses.fields(report.influence[0])}
    np.testing.assert_allclose(columns["residual"], e, atol=1e-12)
    np.testing.assert_allclose(columns["leverage"], leverage, rtol=1e-10)
    np.testing.assert_allclose(columns["cooks_distance"], e**2 / (2 * s2) * leverage / (1 - leverage) ** 2, rtol=1e-9)
    np.testing.assert_allclose(columns["studentised"], e / np.sqrt(s2_without * (1 - leverage)), rtol=1e-9)
    np.testing.assert_allclose(columns["fitted_km2"], np.exp(y - e), rtol=1e-10)
    assert [one.year for one in report.predictions] == pytest.approx(list(year[-1] + np.arange(1, 6)))
    for one in report.predictions:
        away = one.year - year.mean()
        half = stats.t.ppf(0.975, n - 2) * np.sqrt(s2 * (1 + 1 / n + away**2 / sxx))
        mean = y.mean() + slope * away
        assert (one.low_km2, one.area_km2, one.high_km2) == pytest.approx(tuple(np.exp([mean - half, mean, mean + half])), rel=1e-9)


def test_diagnostics_equal_their_definitions_and_say_when_n_is_small() -> None:
    report = regression_report(yearly({0: AREAS}), 0, TrendSettings(source="inventory"))
    e = np.array([one.residual for one in report.influence])
    found = {one.name: one for one in report.diagnostics}
    assert found["Durbin–Watson"].statistic == pytest.approx(np.sum(np.diff(e) ** 2) / np.sum(e**2), rel=1e-10)
    assert found["Durbin–Watson"].p is None
    skew, kurtosis = stats.skew(e), stats.kurtosis(e)
    assert found["Jarque–Bera"].statistic == pytest.approx(len(e) / 6 * (skew**2 + kurtosis**2 / 4), rel=1e-9)
    assert found["Shapiro–Wilk"].p == pytest.approx(stats.shapiro(e).pvalue)
    assert not found["Breusch–Pagan"].reliable
    assert "rough" in found["Breusch–Pagan"].says
    long = regression_report(yearly({0: list(np.exp(np.random.default_rng(1).normal(size=30)))}), 0, TrendSettings(source="inventory"))
    assert all(one.reliable for one in long.diagnostics)


def test_summary_is_the_same_on_every_run() -> None:
    report = regression_report(yearly({0: AREAS}), 0, TrendSettings(source="inventory"))
    assert "OLS Regression Results" in report.summary
    assert "Durbin-Watson" in report.summary
    assert "Date:" not in report.summary
    assert "Time:" not in report.summary
    assert report == regression_report(yearly({0: AREAS}), 0, TrendSettings(source="inventory"))


def test_few_observations_make_no_noise(recwarn: pytest.WarningsRecorder) -> None:
    regression_report(yearly({0: [1.0, 1.3, 1.4, 1.2]}), 0, TrendSettings(source="inventory"))
    assert [str(warning.message) for warning in recwarn if "omni" in str(warning.message)] == []


def test_three_observations_give_a_report_with_its_limits() -> None:
    report = regression_report(yearly({0: [1.0, 1.3, 1.4]}, step=10), 0, TrendSettings(source="inventory"))
    assert (report.n, report.df) == (3, 1)
    assert all(np.isnan(one.studentised) for one in report.influence)
    assert not any(one.reliable for one in report.diagnostics)
    # Three residuals of a line are always in the ratio 1 : -2 : 1, for which Shapiro's p is 2e-15 whatever the data.
    assert all(one.p is None for one in report.diagnostics)
    assert any("Omnibus" in note for note in report.notes)


@pytest.mark.parametrize(("areas", "complaint"), [([1.0, 2.0], "2 usable observations"), ([3.0] * 6, "never changes")])
def test_what_cannot_be_regressed_is_said(areas: list[float], complaint: str) -> None:
    with pytest.raises(TrendError, match=complaint):
        regression_report(yearly({0: areas}), 0, TrendSettings(source="inventory"))
