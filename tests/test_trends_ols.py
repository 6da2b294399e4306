"""The effective-sample-size test against a plain loop, its measured sizes, its statuses, and real lakes."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.regression.linear_model import OLS

from data.records import SeriesBatch, TrendSettings
from data.trends import METHODS
from data.trends.fit import STATUSES
from data.trends.ols import ordinary_least_squares
from tests.trend_cases import area_rows, gapped, observed, one_lake


def plain_loop(year: np.ndarray, nominal: np.ndarray, y: np.ndarray) -> tuple[float, float, float]:
    """(n_eff, se, p) written from the definition, pair by pair."""
    n, x = len(y), year - year.mean()
    slope = float(x @ (y - y.mean()) / (x @ x))
    e = y - y.mean() - slope * x
    products = [e[i] * e[j] for i in range(n) for j in range(i + 1, n) if abs(nominal[i] - nominal[j]) == 1]
    r1c = 0.0
    if n >= 6 and len(products) >= 5:
        r1 = sum(products) / (len(products) * np.mean(e**2))
        r1c = min(max((n * r1 + 1) / (n - 4), 0.0), 0.95)
    n_eff = n * (1 - r1c) / (1 + r1c)
    if n_eff <= 2.5:
        return n_eff, np.nan, 1.0
    se = float(np.sqrt((e @ e) / (n_eff - 2) / (x @ x)))
    return n_eff, se, float(2 * stats.t.sf(abs(slope / se), n_eff - 2))


def test_effective_size_test_equals_a_plain_loop() -> None:
    batch = gapped(seed=11, lakes=600, width=16)
    fit = ordinary_least_squares(batch, "log")
    tested = 0
    for lake in range(600):
        year, nominal, area = observed(batch, lake)
        if len(year) < 3:
            continue
        n_eff, se, p = plain_loop(year, nominal, np.log(area))
        assert fit.columns["n_eff"][lake] == pytest.approx(n_eff, rel=1e-10)
        assert fit.columns["se"][lake] == pytest.approx(se, rel=1e-10, nan_ok=True)
        assert np.exp(fit.columns["log_p"][lake]) == pytest.approx(p, rel=1e-10)
        tested += n_eff != len(year)
    assert tested > 100


def test_raw_p_and_interval_equal_statsmodels() -> None:
    batch = gapped(seed=12, lakes=2000, width=20)
    fit = ordinary_least_squares(batch, "log")
    plain = 0
    for lake in range(2000):
        year, _, area = observed(batch, lake)
        peer = OLS(np.log(area), np.column_stack([np.ones(len(year)), year - year.mean()])).fit()
        assert np.exp(fit.columns["log_p_ols"][lake]) == pytest.approx(peer.pvalues[1], rel=1e-9)
        if fit.columns["n_eff"][lake] == len(year):
            low, high = peer.conf_int()[1]
            scale = max(abs(peer.params[1]), peer.bse[1])
            assert fit.columns["ci_low"][lake] == pytest.approx(low, rel=0, abs=1e-9 * scale)
            assert fit.columns["ci_high"][lake] == pytest.approx(high, rel=0, abs=1e-9 * scale)
            assert fit.columns["t"][lake] == pytest.approx(peer.tvalues[1], rel=1e-9)
            assert fit.columns["log_p"][lake] == fit.columns["log_p_ols"][lake]
            plain += 1
    assert plain > 600


# Rejections at nominal 5 % of trendless AR(1) series, as measured once with 20,000 series (standard error .0015).
SIZES = {
    (20, 0.0): 0.038, (20, 0.3): 0.069, (20, 0.6): 0.090, (35, 0.0): 0.041, (35, 0.3): 0.065, (35, 0.6): 0.071,
    (10, 0.0): 0.036, (10, 0.3): 0.078, (10, 0.6): 0.128,
}  # fmt: skip


@pytest.mark.parametrize(("n", "rho"), SIZES)
def test_size_under_autocorrelated_noise_is_the_measured_one(n: int, rho: float) -> None:
    lakes, random = 20_000, np.random.default_rng(20)
    noise = random.normal(size=(lakes, n))
    noise[:, 1:] *= np.sqrt(1 - rho**2)
    for step in range(1, n):
        noise[:, step] += rho * noise[:, step - 1]
    year = np.arange(n) + 2000.0
    batch = SeriesBatch(np.arange(lakes, dtype=np.int32), year, np.tile(year, (lakes, 1)), np.exp(0.1 * noise))
    fit = ordinary_least_squares(batch, "log")
    size = SIZES[n, rho]
    rejected = np.mean(fit.columns["log_p"] < np.log(0.05))
    assert rejected == pytest.approx(size, abs=4 * np.hypot(0.0015, np.sqrt(size * (1 - size) / lakes)))
    assert np.mean(fit.columns["log_p_ols"] < np.log(0.05)) > rejected


def status_of(area: list[float], year: list[float] | None = None) -> tuple[str, dict[str, float]]:
    years = [2000.0 + step for step in range(len(area))] if year is None else year
    fit = ordinary_least_squares(one_lake(area, years), "log")
    return STATUSES[fit.status[0]], {name: float(values[0]) for name, values in fit.columns.items()}


TESTS = ("se", "t", "df", "ci_low", "ci_high", "log_p", "log_p_ols")


def test_insufficient_has_no_statistics() -> None:
    for status, columns in (status_of([1.0, 2.0]), status_of([1.0, 2.0, 3.0], year=[2000.5] * 3)):
        assert status == "insufficient"
        assert all(np.isnan(columns[name]) for name in (*TESTS, "slope", "r2", "n_eff"))


def test_constant_has_a_slope_but_no_test() -> None:
    status, columns = status_of([0.7] * 12)
    assert status == "constant"
    assert abs(columns["slope"]) < 1e-15
    assert all(np.isnan(columns[name]) for name in TESTS)


def test_three_and_four_observations_are_few_and_tested() -> None:
    for area in ([1.0, 1.2, 1.3], [1.0, 1.2, 1.3, 1.35]):
        status, columns = status_of(area)
        assert status == "few"
        assert columns["df"] == len(area) - 2
        assert columns["log_p"] < 0


def test_r1_is_unknown_without_enough_neighbouring_years() -> None:
    values = list(1 + np.random.default_rng(3).random(8))
    status, columns = status_of(values, year=[2000.0 + 2 * step for step in range(8)])
    assert status == "r1 unknown"
    assert np.isnan(columns["r1"])
    assert columns["n_eff"] == 8
    assert status_of(values)[0] == "ok"
    assert status_of(values[:5])[0] == "r1 unknown"


def test_strong_autocorrelation_leaves_p_one_in_the_family() -> None:
    status, columns = status_of(list(np.exp(np.sin(np.linspace(0, 2 * np.pi, 12)))))
    assert status == "autocorrelated"
    assert columns["log_p"] == 0
    assert columns["n_eff"] <= 2.5
    assert np.isnan(columns["se"])
    assert columns["log_p_ols"] < 0


def test_a_perfect_line_keeps_a_finite_p() -> None:
    _, columns = status_of(list(np.exp(0.1 * np.arange(6.0))))
    assert np.isfinite(columns["log_p_ols"])
    assert columns["log_p_ols"] < -30


def hkh_area_rows(folder: Path) -> pd.DataFrame:
    """Lakes whose GLIMS_ID is unique in all three epochs; geometry area in the files' own equal-area CRS."""
    geopandas = pytest.importorskip("geopandas")
    epochs = {year: geopandas.read_file(folder / "hkh-lakedb" / f"HKH_{year}.shp") for year in (2000, 2010, 2020)}
    areas = {
        year: (frame.geometry.area / 1e6).set_axis(frame["GLIMS_ID"])[~frame["GLIMS_ID"].duplicated(keep=False).to_numpy()]
        for year, frame in epochs.items()
    }
    joined = pd.concat(areas, axis=1, join="inner").sort_index()
    rows = [
        {"lake_key": key, "date": f"{year}-10-15", "area_km2": area}
        for key, (_, epoch) in enumerate(joined.iterrows())
        for year, area in epoch.items()
    ]
    return area_rows(rows)


def test_real_hkh_lakes_equal_statsmodels_and_none_survives(real_data: Path) -> None:
    rows = hkh_area_rows(real_data)
    keys = rows["lake_key"].unique().astype(np.int32)
    table = METHODS["ols"].table(rows, pd.DataFrame({"lake_key": keys, "lake_id": "x"}), TrendSettings(source="inventory"))
    assert len(keys) == 1391
    assert table.counts == {"few": 989, "constant": 402}
    assert table.family == 989
    assert not (table.frame["q_ols"] < 0.05).any()
    assert not (table.frame["q"] < 0.05).any()
    area = rows["area_km2"].to_numpy().reshape(-1, 3)
    assert np.count_nonzero(np.ptp(area, axis=1) == 0) == 218
    design = np.column_stack([np.ones(3), [-10.0, 0.0, 10.0]])
    for lake in np.flatnonzero(table.frame["status"] != "constant"):
        # Centred for statsmodels' sake: uncentred, its own rounding is up to 1e-7 of the slope in 11 lakes that hardly change.
        peer = OLS(np.log(area[lake]) - np.log(area[lake]).mean(), design).fit()
        row = table.frame.iloc[lake]
        assert abs(row["slope"] - peer.params[1]) <= 1e-9 * max(abs(peer.params[1]), peer.bse[1])
        # One degree of freedom: Cauchy, in closed form; statsmodels' own p is 3e-9 off in the lake with t = 1e-8.
        assert row["p_ols"] == pytest.approx(2 / np.pi * np.arctan2(1, abs(peer.tvalues[1])), rel=1e-9)
        assert row["p_ols"] == pytest.approx(peer.pvalues[1], rel=1e-9, abs=4e-9)
        assert row["se"] == pytest.approx(peer.bse[1], rel=1e-9)
