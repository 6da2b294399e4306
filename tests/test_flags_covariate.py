"""Tests with one covariate more: statsmodels as the oracle, then what the flags make of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from data.flags.covariate import partial
from data.flags.table import lake_seen
from data.records import TrendSettings
from tests.flag_cases import dated, flags_of

SETTINGS = TrendSettings(source="inventory")


def every_other_year(seed: int) -> pd.DataFrame:
    """One lake, 6 to 14 dates two years apart, so that no residuals are neighbours and the test is the plain one."""
    random = np.random.default_rng(seed)
    years = 2000 + 2 * np.sort(random.choice(18, random.integers(6, 15), replace=False))
    rows = [
        {"lake_key": 0, "date": f"{year}-{random.integers(8, 11)}-{random.integers(1, 28)}", "area_km2": random.lognormal(-1, 0.2)}
        for year in years
    ]
    return dated_rows(rows)


def dated_rows(rows: list[dict[str, object]]) -> pd.DataFrame:
    base = dated({0: [1.0] * len(rows)})
    return base.assign(date=pd.to_datetime([row["date"] for row in rows]), area_km2=[row["area_km2"] for row in rows])


@pytest.mark.parametrize("seed", range(20))
def test_step_and_interval_are_those_of_statsmodels(seed: int) -> None:
    seen = lake_seen(every_other_year(seed), 0, SETTINGS)
    used = seen.used
    n = int(used.n[0])
    late = (np.arange(used.year.shape[1]) >= n // 2).astype(float)[None]
    found = partial(used, late, used.held)
    x, z, y = used.year[0, :n], late[0, :n], used.log_area[0, :n]
    oracle = sm.OLS(y, np.column_stack([np.ones(n), x - x.mean(), z])).fit()
    alone = sm.OLS(y, np.column_stack([np.ones(n), x - x.mean()])).fit()
    np.testing.assert_allclose([found.slope[0], found.effect[0]], oracle.params[1:], rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose([found.low[0], found.high[0]], oracle.conf_int()[2], rtol=1e-8, atol=1e-12)
    assert found.log_p[0] == pytest.approx(np.log(oracle.pvalues[2]), rel=1e-7)
    assert found.alone[0] == pytest.approx(alone.params[1], rel=1e-8)


def test_a_covariate_that_years_explain_is_not_tested() -> None:
    seen = lake_seen(dated({0: np.exp(np.random.default_rng(1).normal(0, 0.1, 12)).tolist()}), 0, SETTINGS)
    found = partial(seen.used, 3 * seen.used.year + 1, seen.used.held)
    assert np.isnan([found.log_p[0], found.effect[0], found.slope[0]]).all()


def switched(step: float, *, growth: float = 0.02, noise: float = 0.01, lakes: int = 5) -> pd.DataFrame:
    """Lakes by one sensor for twelve years, by another for twelve."""
    random = np.random.default_rng(8)
    years = np.arange(24)
    areas = {key: np.exp(growth * years + step * (years >= 12) + random.normal(0, noise, 24)).tolist() for key in range(lakes)}
    rows = dated(areas)
    return rows.assign(sensor=np.where(rows["date"].dt.year < 2012, "Landsat", "Sentinel-2"))


def test_a_sensor_step_is_found_and_the_trend_is_what_it_leaves() -> None:
    found = flags_of(switched(0.1), "sensor", "acceleration", "drainage")
    assert found["kind"].tolist() == ["sensor"] * 5
    assert set(found["date"].dt.year) == {2012}
    np.testing.assert_allclose(found["value"], 100 * np.expm1(0.1), atol=4)
    words = found["words"].iat[0]
    assert "with Sentinel-2 (from 2012-10-01), p " in words
    with_step, without = (float(part.split("trend is ")[-1].split(" %/yr")[0]) for part in (words, words.split("step, ")[1]))
    assert with_step == pytest.approx(2.0, abs=0.3)
    assert without > with_step + 0.3


def test_no_step_no_flag_but_a_test() -> None:
    rows = switched(0.0)
    assert flags_of(rows, "sensor").empty
    from data.flags.sensor import sensor_test

    tested = sensor_test(lake_seen(rows[rows["lake_key"] == 2], 2, SETTINGS))
    assert tested is not None
    assert tested.low_pct < 0 < tested.high_pct
    assert tested.slope_pct == pytest.approx(2.0, abs=0.5)
    assert sensor_test(lake_seen(rows[rows["lake_key"] == 2].assign(sensor="Landsat"), 2, SETTINGS)) is None


def test_two_sensors_side_by_side_need_three_dates_each() -> None:
    rows = switched(0.5, lakes=1)
    assert flags_of(rows[rows["date"].dt.year < 2014], "sensor").empty


def test_acceleration_says_both_rates() -> None:
    years = np.arange(24)
    random = np.random.default_rng(3)
    bent = np.exp(0.0015 * (years - 11.5) ** 2 + 0.02 * years + random.normal(0, 0.01, 24))
    straight = np.exp(0.02 * years + random.normal(0, 0.01, 24))
    found = flags_of(dated({1: bent.tolist(), 2: straight.tolist()}), "acceleration")
    assert found["lake_key"].tolist() == [1]
    assert found["value"].iat[0] == pytest.approx(100 * 10 * 2 * 0.0015, rel=0.1)
    assert found["words"].iat[0] == "speeds up: from -1.5 %/yr in 2000 to +5.7 %/yr in 2023, p < 0.0001"


def test_what_drained_is_not_said_to_accelerate() -> None:
    areas = [1.0, 1.02, 0.99, 1.01, 1, 1.01, 1.02, 0.3, 0.31, 0.3, 0.29, 0.3]
    assert flags_of(dated({1: areas}))["kind"].tolist() == ["drainage"]
