"""From the bytes of a mask to area rows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from data.masks.measuring import area_rows, drawn_row, measured
from data.rasters.grid import Grid
from data.rasters.probability import THRESHOLDS, UNKNOWN
from data.records import Scene
from tests.test_rasters_own import flooded, touched_pixels

SIDE = 14
GRID = Grid("EPSG:32645", (10, 0, 400_000, 0, -10, 3_000_000), SIDE, SIDE)
bytes_ = st.sampled_from([0, 0, 9, 10, 11, 60, 100, 101, 140, 190, 191, 200, UNKNOWN])
fields = st.lists(st.lists(bytes_, min_size=SIDE, max_size=SIDE), min_size=SIDE, max_size=SIDE).map(lambda rows: np.array(rows, np.uint8))
lakes = st.tuples(st.integers(-2, 12), st.integers(-2, 12), st.integers(1, 5), st.integers(1, 5)).map(
    lambda at: shapely.box(at[0] + 0.37, at[1] + 0.37, at[0] + at[2] + 0.21, at[1] + at[3] + 0.21)
)


def scene(**changed: object) -> Scene:
    held = {
        "scene_key": 7, "lake_key": 3, "date": date(2020, 10, 15), "sensor": "MSI", "bands": (), "path": Path("/x.tif"), "pixel_m": 10.0,
        "valid_share": 1.0, "reason": "ok", "split": "", "dem": None, "masks": {},
    }  # fmt: skip
    return Scene(**{**held, **changed})  # pyright: ignore[reportArgumentType]


def on_the_ground(lake: shapely.Geometry) -> shapely.Geometry:
    return GRID.to_lonlat(lake)


@settings(max_examples=40)
@given(fields, lakes)
def test_pixels_and_perimeters_equal_a_plain_loop_at_every_threshold(stored: np.ndarray, lake: shapely.Geometry) -> None:
    found = measured(stored, lake, THRESHOLDS)
    starts = touched_pixels(lake.buffer(1.0), stored.shape)
    for k in range(20):
        own = flooded((stored != UNKNOWN) & (stored > 10 * k), starts)
        assert found.pixels[k] == own.sum()
        sides = sum(
            not (0 <= y < SIDE and 0 <= x < SIDE and own[y, x])
            for row, column in np.argwhere(own).tolist()
            for y, x in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1))
        )
        assert found.perimeter[k] == sides


@settings(max_examples=40)
@given(fields, lakes)
def test_areas_never_grow_with_the_threshold(stored: np.ndarray, lake: shapely.Geometry) -> None:
    pixels = measured(stored, lake, THRESHOLDS).pixels
    assert list(pixels) == sorted(pixels, reverse=True)


def rows_of(stored: np.ndarray, lake: shapely.Geometry, seen: Scene | None = None, binary: bool = True) -> list[dict]:
    return area_rows(stored, GRID, on_the_ground(lake), binary=binary, pixel_m=30, factor=0.5, scene=seen)


def test_a_binary_mask_gives_one_row_and_probabilities_twenty() -> None:
    stored, lake = np.zeros((SIDE, SIDE), np.uint8), shapely.box(4, 4, 9, 9)
    stored[4:9, 4:9] = 200
    (row,) = rows_of(stored, lake)
    assert row["threshold"] is None
    assert row["area_km2"] == pytest.approx(25 * GRID.pixel_km2, rel=1e-12)
    assert row["area_sd_km2"] == pytest.approx(20 * GRID.pixel_m / 1000 * 0.030 * 0.5, rel=1e-12)  # perimeter × pixel × factor
    assert (row["reason"], row["valid_share"], row["sensor"], row["scene_key"]) == ("ok", 1.0, None, None)
    assert [row["threshold"] for row in rows_of(stored, lake, binary=False)] == list(THRESHOLDS)


def test_what_is_not_known_of_the_lake_makes_it_partial() -> None:
    stored, lake = np.full((SIDE, SIDE), 200, np.uint8), shapely.box(4, 4, 8, 8)
    stored[4, 4:8] = UNKNOWN
    (row,) = rows_of(stored, lake)
    assert (row["valid_share"], row["reason"]) == (0.75, "partial")
    (row,) = rows_of(np.full((SIDE, SIDE), 200, np.uint8), shapely.box(-3, 4, 9, 8))
    assert row["valid_share"] == pytest.approx(0.75, abs=1e-3)
    (row,) = rows_of(np.full((SIDE, SIDE), 200, np.uint8), shapely.box(-30, 4, -20, 8))
    assert (row["valid_share"], row["reason"], row["area_km2"]) == (0.0, "partial", 0.0)


def test_a_lake_smaller_than_a_pixel_is_judged_by_that_pixel() -> None:
    stored = np.full((SIDE, SIDE), UNKNOWN, np.uint8)
    stored[5, 5] = 200
    (row,) = rows_of(stored, shapely.box(5.6, 5.6, 5.9, 5.9))
    assert (row["valid_share"], row["reason"]) == (1.0, "ok")


def test_no_water_is_empty_at_that_threshold_only() -> None:
    stored = np.full((SIDE, SIDE), 101, np.uint8)
    reasons = [row["reason"] for row in rows_of(stored, shapely.box(4, 4, 8, 8), binary=False)]
    assert reasons == ["ok"] * 11 + ["empty"] * 9


@pytest.mark.parametrize(
    ("told", "reason"), [("cloud", "cloud"), ("snow_or_ice", "snow_or_ice"), ("ok", "ok"), ("empty", "ok"), ("", "ok")]
)
def test_what_hides_the_scene_hides_the_lake(told: str, reason: str) -> None:
    (row,) = rows_of(np.full((SIDE, SIDE), 200, np.uint8), shapely.box(4, 4, 8, 8), scene(reason=told, valid_share=0.9))
    assert (row["reason"], row["valid_share"], row["sensor"], row["scene_key"]) == (reason, 0.9, "MSI", 7)


def test_a_scene_that_is_hardly_valid_is_partial() -> None:
    (row,) = rows_of(np.full((SIDE, SIDE), 200, np.uint8), shapely.box(4, 4, 8, 8), scene(valid_share=0.5))
    assert row["reason"] == "partial"
    (row,) = rows_of(np.full((SIDE, SIDE), 200, np.uint8), shapely.box(4, 4, 8, 8), scene(valid_share=float("nan")))
    assert (row["reason"], row["valid_share"]) == ("ok", 1.0)


def test_polygons_are_measured_as_they_are_drawn_where_they_touch_the_lake() -> None:
    lake, touching = shapely.box(86.0, 27.0, 86.01, 27.01), shapely.box(86.01008, 27.0, 86.02, 27.01)  # 8 m beyond the outline
    beyond = shapely.box(86.03, 27.0, 86.04, 27.01)
    row = drawn_row(shapely.union_all([touching, beyond]), lake, pixel_m=10, factor=0.5, scene=None)
    area, length = Geod(ellps="WGS84").geometry_area_perimeter(touching)
    assert row["area_km2"] == pytest.approx(abs(area) / 1e6, rel=1e-12)
    assert row["area_sd_km2"] == pytest.approx(length / 1e3 * 0.010 * 0.5, rel=1e-12)
    assert (row["reason"], row["valid_share"], row["threshold"]) == ("ok", 1.0, None)
    row = drawn_row(beyond, lake, pixel_m=None, factor=0.5, scene=None)
    assert (row["area_km2"], row["area_sd_km2"], row["reason"]) == (0.0, None, "empty")
