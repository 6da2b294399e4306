"""Measures, limits, filters and brushes against plain loops over the small dataset."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from data.store import Store
from modules.choices import Filters, Picked, Region
from modules.measures import BRUSHED, LIT, SHOWN, brushed_mask, interval, lake_rows, limits, measure, rank, shown_mask, state_bits
from tests.datasets import CONSTANT, INSUFFICIENT, small_dataset


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("measures")))


def test_measures_are_the_table_in_the_units_of_the_axes(store: Store) -> None:
    table = store.trends(store.settings())
    frame = table.frame
    low, high = interval(table)
    for row in range(len(frame)):
        if math.isnan(frame["p"].iloc[row]):
            assert row in {CONSTANT, INSUFFICIENT}
            continue
        assert measure(table, "slope")[row] == pytest.approx(100 * (math.exp(frame["slope"].iloc[row]) - 1), rel=1e-12)
        assert measure(table, "p")[row] == pytest.approx(-math.log10(frame["p"].iloc[row]), rel=1e-12, abs=1e-12)
        if frame["status"].iloc[row] != "autocorrelated":
            assert low[row] < measure(table, "slope")[row] < high[row]
    assert not np.signbit(measure(table, "q")[np.isfinite(measure(table, "q"))]).any()


def test_rank_puts_the_most_significant_first_and_the_untested_last(store: Store) -> None:
    table = store.trends(store.settings())
    p = table.frame["p"].to_numpy()
    ordered = p[np.argsort(rank(table))]
    tested = int(np.isfinite(p).sum())
    assert np.isnan(ordered[tested:]).all()
    assert (np.diff(ordered[:tested]) >= 0).all()
    assert sorted(rank(table)) == list(range(len(p)))


@given(arrays(np.float64, 60, elements=st.floats(-1e3, 1e3)), arrays(np.float64, 60, elements=st.floats(0, 1e4)))
def test_limits_hold_nearly_every_point_and_clipping_moves_only_the_rest(x: np.ndarray, y: np.ndarray) -> None:
    span = limits(x, y)
    beyond = span.beyond(x, y)
    assert beyond.sum() <= 2
    across, up = span.clipped(x, y)
    assert np.array_equal(across[~beyond], x[~beyond])
    assert np.array_equal(up[~beyond], y[~beyond])
    assert (np.abs(across) <= span.x).all()
    assert (up <= span.y).all()


def test_one_wild_point_does_not_flatten_the_rest() -> None:
    y = np.concatenate([np.linspace(0, 10, 500), [900.0]])
    span = limits(np.linspace(-5, 5, 501), y)
    assert span.y < 20
    assert span.beyond(np.zeros(501), y).sum() == 1


def test_limits_without_points() -> None:
    span = limits(np.array([np.nan]), np.array([np.nan]))
    assert span.x > 0
    assert span.y > 0


def test_filters_against_a_loop(store: Store) -> None:
    table = store.trends(store.settings())
    filters = Filters(
        basins=("Arun", "Dudh"), dam_types=("M(e)",), elevation=(4000, 4700), observations=(5, 99),
        extras=(("country", ("Nepal",)), ("glacier_distance_m", (0, 2500))),
    )  # fmt: skip
    mask = shown_mask(store, table, filters)
    expected = []
    for row, lake in store.lakes.iterrows():
        n = table.frame["n"].iloc[row]
        expected.append(
            lake["basin"] in {"Arun", "Dudh"} and lake["dam_type"] == "M(e)" and 4000 <= lake["elevation_m"] <= 4700 and n >= 5
            and lake["country"] == "Nepal" and 0 <= lake["glacier_distance_m"] <= 2500
        )  # fmt: skip
    assert mask.tolist() == expected
    assert 0 < mask.sum() < len(mask)


def test_area_filter_uses_the_newest_usable_area(store: Store) -> None:
    table = store.trends(store.settings())
    areas = store.newest_areas(table.settings.source)
    span = (float(np.quantile(areas, 0.2)), float(np.quantile(areas, 0.6)))
    mask = shown_mask(store, table, Filters(area=span))
    for row, key in enumerate(store.lake_keys):
        rows = store.areas(int(key))
        newest = rows[rows["reason"] == "ok"].sort_values("date")["area_km2"].iloc[-1]
        assert mask[row] == (span[0] <= newest <= span[1])


def test_no_filter_shows_all_and_a_list_shows_the_list(store: Store) -> None:
    table = store.trends(store.settings())
    assert shown_mask(store, table, Filters()).all()
    assert np.flatnonzero(shown_mask(store, table, Filters(lake_keys=(3, 7)))).tolist() == [3, 7]


def test_a_map_region_and_a_list(store: Store) -> None:
    box = ((86.0, 27.4), (86.12, 27.4), (86.12, 27.62), (86.0, 27.62))
    mask = brushed_mask(store, Region(("lon", "lat"), box, store.settings()))
    lakes = store.lakes
    assert mask.tolist() == [bool(lon <= 86.12 and lat <= 27.62) for lon, lat in zip(lakes["lon"], lakes["lat"], strict=True)]
    assert np.flatnonzero(brushed_mask(store, Picked((1, 5, 99)))).tolist() == [1, 5]
    assert not brushed_mask(store, None).any()


def test_a_region_counts_a_clipped_point_where_it_is_drawn(store: Store) -> None:
    table = store.trends(store.settings())
    x, y = measure(table, "slope"), measure(table, "q")
    span = limits(x, y)
    edge = ((-span.x * 2, span.y * 0.999), (span.x * 2, span.y * 0.999), (span.x * 2, span.y * 1.01), (-span.x * 2, span.y * 1.01))
    assert brushed_mask(store, Region(("slope", "q"), edge, store.settings())).tolist() == (y >= span.y * 0.999).tolist()


def test_bits() -> None:
    classes = np.array([0, 1, 2, 3], dtype=np.int8)
    shown = np.array([True, True, False, True])
    assert state_bits(classes, shown, None).tolist() == [LIT | SHOWN, 1 | LIT | SHOWN, 2, 3 | LIT | SHOWN]
    brushed = np.array([False, True, True, False])
    assert state_bits(classes, shown, brushed).tolist() == [SHOWN, 1 | LIT | SHOWN | BRUSHED, 2 | BRUSHED, 3 | SHOWN]


def test_lake_rows_hold_lakes_and_statistics_without_a_name_twice(store: Store) -> None:
    rows = lake_rows(store, store.trends(store.settings()))
    assert {"slope", "status", "country", "area_km2"} <= set(rows.columns)
    assert len(rows) == len(store.lakes)
    assert not rows.columns.duplicated().any()
