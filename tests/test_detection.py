"""The zone of detectable change: its quartiles by plain counting, its shapes on the axes, and what is said of one lake."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from data.records import TrendTable
from data.store import Store
from data.trends.classes import classes
from data.trends.quiet import KIND_WORDS, STABLE, UNOBSERVABLE, kinds
from modules.choices import Display, Filters
from modules.detection import Zone, detectable_zone, reach_words, zone_shapes, zone_words
from modules.measures import Limits, shown_mask, state_bits
from modules.views.volcano import volcano_figure
from tests.datasets import small_dataset


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("detection")))


@pytest.fixture(scope="module", params=["log", "area"])
def table(store: Store, request: pytest.FixtureRequest) -> TrendTable:
    return store.trends(replace(store.settings(), response=request.param))


@pytest.mark.parametrize("axis", ["slope", "t"])
def test_quartiles_are_of_the_tested_lakes_that_are_lit(table: TrendTable, axis: str) -> None:
    lit = np.arange(len(table.frame)) % 3 > 0
    tested = table.frame[lit & table.frame["log_p"].notna()]
    name = "detectable_pct" if table.settings.response == "log" else "detectable"
    reach = (tested[name] if axis == "slope" else tested["detectable"] / tested["se"]).fillna(np.inf)
    zone = detectable_zone(table, axis, lit)
    assert zone is not None
    for share, edge in ((0.25, zone.low), (0.5, zone.middle), (0.75, zone.high)):
        assert (reach <= edge).sum() >= share * len(reach) > (reach < edge).sum()
    assert detectable_zone(table, axis, np.zeros(len(table.frame), dtype=bool)) is None


def test_lakes_that_could_show_nothing_count_as_infinitely_far(table: TrendTable) -> None:
    frame = table.frame.assign(detectable=np.nan, detectable_pct=np.nan)
    zone = detectable_zone(replace(table, frame=frame), "slope", np.ones(len(frame), dtype=bool))
    assert zone is not None
    assert np.isinf([zone.low, zone.middle, zone.high]).all()
    assert "could not have shown any change" in zone_words(zone)
    assert [(shape["x0"], shape["x1"]) for shape in zone_shapes(zone, Limits(5, 3))] == [(-5.2, 5.2)] * 2


def test_shapes_stay_on_the_axis_and_the_left_is_as_likely_as_the_right() -> None:
    shapes = zone_shapes(Zone(1.0, 3.0, 80.0, "%/yr"), Limits(10, 3))
    inner, outer, left, right = shapes
    assert (np.log1p(inner["x1"] / 100), right["x0"]) == (pytest.approx(-np.log1p(inner["x0"] / 100)), 3.0)
    assert (outer["x0"], outer["x1"]) == (-10.4, 10.4)
    assert left["x0"] == left["x1"] == pytest.approx(-3 / 1.03)
    assert [shape["x0"] for shape in zone_shapes(Zone(1.0, 3.0, 8.0, "km²/yr"), Limits(10, 3))] == [-1, -8, -3, 3]


def test_the_volcano_draws_the_zone_and_says_so_unless_it_is_off(table: TrendTable) -> None:
    bits = state_bits(classes(table), np.ones(len(table.frame), dtype=bool), None)
    on, off = (volcano_figure(table, Display(zone=zone), bits, [])["layout"] for zone in (True, False))
    assert len(on["shapes"]) > len(off["shapes"])
    assert "could hide" in on["xaxis"]["title"]["text"]
    assert "could hide" not in off["xaxis"]["title"]["text"]
    assert (on["meta"]["reach"], off["meta"]["reach"]) == (True, False)


def test_kinds_filter(store: Store, table: TrendTable) -> None:
    split = kinds(table, classes(table), 1.0)
    for words, code in (("stable", STABLE), ("unobservable", UNOBSERVABLE)):
        found = shown_mask(store, table, Filters(trends=(words,)), split)
        assert np.flatnonzero(found).tolist() == np.flatnonzero(split == code).tolist()
        kept = shown_mask(store, table, Filters(trends=(words,), cut=("q", 0.05, 0.0, 1.0)))
        assert (kept == found).all()
    both = shown_mask(store, table, Filters(trends=("not significant", "growing")), split)
    assert (both == np.isin(classes(table), (1, 2))).all()
    assert KIND_WORDS[STABLE] == "stable"


def test_what_is_said_of_a_lake(table: TrendTable) -> None:
    response = table.settings.response
    lake: dict[str, Any] = table.frame.loc[table.frame["detectable"].notna()].iloc[0].to_dict()
    unit = "%/yr" if response == "log" else "km²/yr"
    assert reach_words(lake, response).startswith("≥ ")
    assert f"{unit} would have shown" in reach_words(lake, response)
    none = lake | {"detectable": np.nan, "detectable_pct": np.nan}
    assert reach_words(none, response) == "no change would have shown"
    assert not reach_words(lake | {"log_p": np.nan}, response)
