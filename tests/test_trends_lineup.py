"""The shuffled volcanoes: every lake keeps its dates and its areas, in any order equally likely, and nothing in them grows."""

from itertools import permutations

import numpy as np
import pytest
from scipy.stats import chisquare

from data.records import SeriesBatch, TrendSettings
from data.trends import METHODS, resolve
from data.trends.lineup import PANELS, null_panel, seat, shuffled
from tests.trend_cases import gapped


def with_sd(batch: SeriesBatch) -> SeriesBatch:
    return SeriesBatch(batch.lake_key, batch.nominal_year, batch.year, batch.area, 0.1 * batch.area)


def test_each_lake_keeps_its_dates_its_gaps_and_its_areas_with_their_errors() -> None:
    batch = with_sd(gapped(3, 200, 15))
    mixed = shuffled(batch, np.random.default_rng(0))
    np.testing.assert_array_equal(mixed.year, batch.year)
    np.testing.assert_array_equal(np.isnan(mixed.area), np.isnan(batch.area))
    np.testing.assert_array_equal(np.sort(mixed.area, axis=1), np.sort(batch.area, axis=1))
    assert mixed.area_sd is not None
    np.testing.assert_array_equal(mixed.area_sd, 0.1 * mixed.area)
    moved = (mixed.area != batch.area) & ~np.isnan(batch.area)
    assert moved.sum() > 0.8 * (~np.isnan(batch.area)).sum()


def test_every_order_is_equally_likely() -> None:
    lakes = 60_000
    area = np.tile([1.0, np.nan, 2.0, 3.0], (lakes, 1))
    years = np.where(np.isnan(area), np.nan, 2000.0 + np.arange(4))
    mixed = shuffled(SeriesBatch(np.arange(lakes, dtype=np.int32), 2000.0 + np.arange(4), years, area), np.random.default_rng(1)).area
    orders = [(mixed[:, [0, 2, 3]] == order).all(axis=1).sum() for order in permutations([1.0, 2.0, 3.0])]
    assert sum(orders) == lakes
    assert chisquare(orders).pvalue > 1e-4


def test_what_grew_for_certain_does_no_more() -> None:
    year = 2000.0 + np.arange(20)
    random = np.random.default_rng(2)
    area = np.exp(0.05 * (year - 2010) + random.normal(0, 0.05, (4000, 20)))
    batch = SeriesBatch(np.arange(4000, dtype=np.int32), year, np.broadcast_to(year, area.shape).copy(), area)
    every = np.ones(4000, dtype=bool)
    assert (METHODS["ols"].fit(batch, "log").columns["log_p"] < np.log(1e-6)).mean() > 0.9
    panel = null_panel(batch, METHODS["ols"], "log", every, (5, 1))
    assert (panel.evidence > -np.log10(0.05)).mean() < 0.06
    assert abs(np.mean(panel.slope)) < 0.1


@pytest.mark.parametrize("name", ["auto", *METHODS])
def test_every_method_can_be_lined_up_and_a_seed_makes_the_same(name: str) -> None:
    batch, rows = with_sd(gapped(4, 60, 9)), np.arange(60) % 2 == 0
    method = resolve(TrendSettings(method=name))
    one, same, other = (null_panel(batch, method, "area", rows, seed) for seed in ((1, 1), (1, 1), (1, 2)))
    np.testing.assert_array_equal(one.evidence, same.evidence)
    assert not np.array_equal(one.slope, other.slope, equal_nan=True)
    assert len(one.slope) == 30
    np.testing.assert_array_equal(np.isnan(one.slope), np.isnan(one.evidence))
    assert (one.evidence[~np.isnan(one.evidence)] >= 0).all()


def test_every_seat_is_taken_as_often() -> None:
    assert chisquare(np.bincount([seat(seed) for seed in range(4000)], minlength=PANELS)).pvalue > 1e-4
