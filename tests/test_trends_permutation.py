"""Shuffled years against plain loops; lakes that share their weather pass together; false discoveries stay where they were promised."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from data.records import SeriesBatch, TrendSettings
from data.store import Store
from data.trends import METHODS
from data.trends.corrections import log_q_with
from data.trends.multiplicity import log_q_benjamini_hochberg
from data.trends.ols import ordinary_least_squares
from data.trends.permutation import FEWEST, MOST, THRESHOLDS, WORK, Counts, _orders, shuffled
from modules.choices import Display
from modules.session_points import refitted
from tests.datasets import small_dataset
from tests.test_session_points import POINT
from tests.trend_cases import gapped, lake_frame, yearly

MANY = WORK // FEWEST + 1


def world(random: np.random.Generator, lakes: int, sub_basins: int, years: int, shared: float) -> tuple[SeriesBatch, np.ndarray]:
    """Trendless lakes whose weather is that of their sub-basin to this share of its variance; a fifth of observations missing."""
    group = np.arange(lakes) % sub_basins
    weather = random.normal(size=(sub_basins, years))[group] * math.sqrt(shared)
    area = np.exp(0.1 * (weather + math.sqrt(1 - shared) * random.normal(size=(lakes, years))))
    area[random.random(area.shape) < 0.2] = np.nan
    year = np.where(np.isnan(area), np.nan, 2000.0 + np.arange(years))
    return SeriesBatch(np.arange(lakes, dtype=np.int32), 2000.0 + np.arange(years), year, area), group


@pytest.mark.parametrize("response", ["log", "area"])
def test_counts_are_those_of_a_loop_of_scipy(response: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gaps, years seen twice, two sub-basins: in every shuffle each lake is fitted anew on the years as they then are."""
    monkeypatch.setattr("data.trends.permutation.MOST", 12)
    monkeypatch.setattr("data.trends.permutation.FEWEST", 12)
    batch, group = replace(gapped(seed=71, lakes=9, width=9), area_sd=None), np.array([0, 1, 0, 1, 0, 1, 0, 1, 0])
    log_p = ordinary_least_squares(batch, response).columns["log_p_ols"]
    held = ~np.isnan(batch.area)
    log_p[held.sum(axis=1) < 5] = np.nan
    counts = shuffled(batch, response, group, [log_p])
    told = ~np.isnan(log_p)
    assert told.sum() >= 6
    passed = np.zeros(counts.passed.shape, dtype=int)
    for number in (0, 1):
        mine = told & (group == number)
        columns = held[mine].any(axis=0)
        year = np.full((len(columns), 12), np.nan)
        year[columns] = _orders(batch.nominal_year[columns], 12, number)
        for lake in np.flatnonzero(mine):
            y = batch.area[lake][held[lake]]
            for shuffle in range(12):
                p = stats.linregress(year[held[lake], shuffle], np.log(y) if response == "log" else y).pvalue
                passed[shuffle] += np.log(p) <= counts.log_p
    np.testing.assert_array_equal(counts.passed, passed)


def test_whole_years_move_for_all_lakes_of_a_sub_basin_alike() -> None:
    nominal = np.array([2000.0, 2000, 2001, 2002, 2002, 2002, 2005])
    year = _orders(nominal, 200, 3)
    assert (year[0] == year[1]).all()
    assert (year[3] == year[5]).all()
    assert (np.sort(year[[0, 2, 3, 6]], axis=0) == (np.array([2000, 2001, 2002, 2005]) - 2002)[:, None]).all()
    assert len(np.unique(year.T, axis=0)) == 24
    np.testing.assert_array_equal(year, _orders(nominal, 200, 3), err_msg="the same every time")


def test_lakes_of_one_weather_pass_together() -> None:
    random = np.random.default_rng(72)
    batch, _ = world(random, 1, 1, 12, 1.0)
    twins = SeriesBatch(np.arange(6, dtype=np.int32), batch.nominal_year, np.repeat(batch.year, 6, 0), np.repeat(batch.area, 6, 0))
    log_p = np.log(np.array([0.3, 0.2, 0.1, 0.05, 0.02, 0.01]))
    together, apart = (shuffled(twins, "log", group, [log_p]).passed for group in (np.zeros(6, dtype=int), np.arange(6)))
    assert set(np.unique(together)) == {0, 6}
    assert len(np.unique(apart)) > 3
    assert together[:, 1].mean() / 6 == pytest.approx(np.exp(np.sort(log_p)[1]), abs=0.02)


def test_q_is_that_of_a_plain_loop() -> None:
    random = np.random.default_rng(73)
    log_p = np.log(np.concatenate([random.random(30), random.random(8) * 1e-4]))
    thresholds = np.sort(log_p)
    passed = np.sort(random.poisson(0.6 * 38 * np.exp(thresholds), (150, 38)), axis=1)
    q = [np.mean([min(each / (place + 1), 1) for each in (*passed[:, place], 1)]) for place in range(38)]
    q = [min(q[place:]) for place in range(38)]
    found = Counts(thresholds, passed).log_q(np.append(log_p, np.nan))
    assert np.isnan(found[-1])
    np.testing.assert_allclose(np.exp(found[:-1][np.argsort(log_p)]), q, rtol=1e-12)


@pytest.mark.parametrize("shared", [0.0, 0.9])
def test_among_trendless_lakes_a_false_find_is_as_rare_as_promised(shared: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the shared weather, at most 5 % of 160 inventories show anything (Monte Carlo error .017)."""
    monkeypatch.setattr("data.trends.permutation.MOST", 199)
    random = np.random.default_rng(74)
    wrong = 0
    for _ in range(160):
        batch, group = world(random, 40, 4, 10, shared)
        log_p = ordinary_least_squares(batch, "log").columns["log_p_ols"]
        wrong += bool((shuffled(batch, "log", group, [log_p]).log_q(log_p) < math.log(0.05)).any())
    assert wrong / 160 <= 0.05 + 3 * 0.017


def test_lakes_of_few_dates_count_as_independent() -> None:
    random = np.random.default_rng(75)
    batch, group = world(random, 500, 5, 4, 0.5)
    log_p = np.log(np.concatenate([random.random(450), random.random(50) * 1e-3]))
    found, plain = shuffled(batch, "log", group, [log_p]).log_q(log_p), log_q_benjamini_hochberg(log_p)
    likely = plain < math.log(0.3)
    np.testing.assert_allclose(np.exp(found[likely]), np.exp(plain[likely]), atol=0.02)


def test_work_is_bounded_for_any_number_of_lakes() -> None:
    """Shuffles and thresholds; with so many lakes no more than FEWEST."""
    short, group = world(np.random.default_rng(76), 4, 2, 4, 0.0)
    few = shuffled(short, "log", group, [np.log(np.array([0.1, 0.2, 0.3, np.nan]))])
    assert few.passed.shape == (MOST, 3)
    empty = SeriesBatch(np.arange(MANY, dtype=np.int32), short.nominal_year, *(np.full((MANY, 4), np.nan),) * 2)
    many = shuffled(empty, "log", np.zeros(MANY, dtype=int), [np.log(np.linspace(1e-6, 1, MANY))])
    assert many.passed.shape[0] == FEWEST
    assert many.passed.shape[1] <= THRESHOLDS


def test_a_table_is_corrected_by_its_sub_basins() -> None:
    """Which lakes are shuffled together changes q, not p; a lake without sub-basin is of its basin; a second fit says the same."""
    random = np.random.default_rng(77)
    weather = 0.1 * random.normal(size=12)
    rows = yearly({key: np.exp(weather + 0.03 * random.normal(size=12) + 0.02 * np.arange(12)).tolist() for key in range(30)})
    settings = TrendSettings(method="ols", source="inventory", correction="permutation")
    lakes = lake_frame(*range(30)).assign(basin="B", sub_basin=[f"S{key}" for key in range(30)])
    alike = lakes.assign(sub_basin=None)
    apart, together = (METHODS["ols"].table(rows, frame, settings).frame for frame in (lakes, alike))
    np.testing.assert_array_equal(apart["p"], together["p"])
    assert (apart["q"] != together["q"]).any()
    assert (together.sort_values("p")["q"].diff().dropna() >= 0).all()
    one = METHODS["ols"].table(rows, lakes.assign(sub_basin="S"), settings).frame
    np.testing.assert_array_equal(one["q"], together["q"])
    again = METHODS["ols"].table(rows.sample(frac=1, random_state=1), lakes.sample(frac=1, random_state=2), settings).frame
    pd.testing.assert_frame_equal(apart, again, check_exact=True)
    alone = METHODS["ols"].table(rows.query("lake_key == 3"), lakes.iloc[[3]], settings).frame
    assert alone["q"].iloc[0] == alone["p"].iloc[0]


def test_a_point_of_ones_own_moves_q_along_the_others(tmp_path: Path) -> None:
    store = Store(small_dataset(tmp_path / "d"))
    table = store.trends(replace(store.settings(), correction="permutation"))
    log_p, log_q = (table.frame[f"log_{letter}"].to_numpy() for letter in "pq")
    for row in np.flatnonzero(~np.isnan(log_p))[:10]:
        assert log_q_with("permutation", log_p, log_q, int(row), log_p[row]) == log_q[row]
    assert log_q_with("permutation", log_p, log_q, 0, -1e4) == np.nanmin(log_q)
    assert log_q_with("permutation", log_p, log_q, 0, 0.0) <= 0.0
    assert math.isnan(log_q_with("permutation", log_p, log_q, 0, math.nan))
    found = refitted(store, table, [POINT], Display())
    assert found is not None
    assert found.row["log_q"] in [*log_q, 0.0]


@pytest.mark.filterwarnings("error")
def test_a_p_below_all_floats_passes_quietly_and_no_shuffle_reaches_it() -> None:
    year = np.arange(2000.0, 2008.0)
    area = np.exp(np.random.default_rng(0).normal(size=(4, 8)))
    batch = SeriesBatch(np.arange(4, dtype=np.int32), year, np.tile(year, (4, 1)), area, None)
    log_p = np.array([-1e6, -800.0, -1.0, np.nan])
    counts = shuffled(batch, "log", np.zeros(4, dtype=np.int64), [log_p])
    assert counts.passed[:, :2].sum() == 0
    assert (np.diff(counts.log_q(log_p)[:3]) >= 0).all()
