"""The clock's view: one kind of shape for both dates, words that hold, every state said."""

from __future__ import annotations

import math
import time
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import shapely

from data.errors import RasterError
from data.lake_shapes import shape_days, shape_on
from data.rasters.grid import Grid
from data.rasters.writing import write_mask
from data.shoreline import shoreline_clock
from data.store import Store
from modules.choices import Look, State
from modules.views.shoreline_clock import Face, clock_figure, clock_words, point_name, shoreline_clock_server
from tests.datasets import SOURCE
from tests.scene_dataset import CLOUDY, MISSING, lake_grid, lake_water, scene_dataset
from tests.sessions import ViewSession


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(scene_dataset(tmp_path_factory.mktemp("clock")))


def test_masks_are_used_where_there_are_more_of_them_and_only_those_that_are_there(store: Store) -> None:
    assert len(shape_days(store, 3, SOURCE)) == 8
    assert len(shape_days(store, MISSING[0], SOURCE)) == 7
    assert shape_days(store, 4, SOURCE) == [date(2023, 10, 15)]
    assert shape_days(store, 3, "nobody") == []


def test_a_mask_gives_the_lake_and_not_the_pond_beside_it(store: Store) -> None:
    grid, pixels = lake_grid(8), lake_water(8, 2023)
    pond = np.zeros_like(pixels)
    pond[:100, :100] = pixels[:100, :100]
    shape = grid.to_pixels(shape_on(store, 8, "label", shape_days(store, 8, "label")[-1]))
    assert shape.area == pytest.approx((pixels & ~pond).sum(), rel=1e-6)


def test_growth_to_the_east_is_seen(store: Store) -> None:
    days = shape_days(store, 8, "label")
    clock = shoreline_clock(shape_on(store, 8, "label", days[0]), shape_on(store, 8, "label", days[-1]), 10.0)
    assert abs(clock.direction - 90) < 2
    words = clock_words(Face("x", "label", days[0], days[-1], clock))
    assert f"{days[0]} to {days[-1]}, by label: " in words
    assert "one side: E (9" in words or "one side: E (8" in words
    bars = {trace["name"]: trace for trace in clock_figure(Face("x", "label", days[0], days[-1], clock))["data"]}
    assert sum(bars["gained"]["r"]) / 100 == pytest.approx(clock.net_km2, rel=1e-3)
    assert sum(bars["lost"]["r"]) == pytest.approx(0, abs=1e-4)


def test_points_of_the_compass() -> None:
    assert [point_name(azimuth) for azimuth in (0, 11, 12, 90, 359)] == ["N", "N", "NNE", "E", "N"]


def test_no_change_is_said_and_a_lake_without_pixel_size_has_no_error() -> None:
    lake = shapely.box(86, 27, 86.01, 27.01)
    face = Face("x", "s", date(2020, 1, 1), date(2021, 1, 1), shoreline_clock(lake, lake, float("nan")))
    assert "did not move" in clock_words(face)
    lake, less = shapely.box(86, 27, 86.01, 27.01), shapely.box(86, 27, 86.008, 27.01)
    words = clock_words(Face("x", "s", date(2020, 1, 1), date(2021, 1, 1), shoreline_clock(lake, less, 10.0)))
    assert "Shrank" in words
    assert ": E (" in words or "at E (" in words
    assert "retreated most toward" in words
    assert "within the mapping error" not in words
    assert "error" not in clock_words(face)
    assert [trace["name"] for trace in clock_figure(face)["data"]] == ["gained", "lost"]


def test_the_view_compares_the_dates_in_focus_and_says_what_is_missing(store: Store) -> None:
    state = State(store.settings(), focus=8, look=Look(layers=("label",)))
    with ViewSession(store, shoreline_clock_server, state) as view:
        days = [day.isoformat() for day in shape_days(store, 8, "label")]
        view.set(before=days[0], after=days[-1])
        for _ in range(100):
            view.set()
            if "toward E" in str(view.output("said")):
                break
            time.sleep(0.05)
        assert days[0] in str(view.output("said"))
        assert "toward E" in str(view.output("said"))
        assert "mapping error" in str(view.output("said"))
        view.set(after=days[0])
        assert "toward E" not in str(view.output("said"))


def test_a_clock_that_nobody_sees_waits_and_then_shows_the_lake_of_that_moment(store: Store) -> None:
    state = State(store.settings(), focus=8, look=Look(layers=("label",)))
    with ViewSession(store, shoreline_clock_server, state) as view:
        days = [day.isoformat() for day in shape_days(store, 8, "label")]
        view.set(seen=False, before=days[0], after=days[-1])
        view.change("focus", None)
        assert "toward E" not in str(view.output("said"))
        view.change("focus", 8)
        for _ in range(20):
            view.set()
            time.sleep(0.02)
        assert "toward E" not in str(view.output("said")), "nothing is compared"
        view.set(seen=True)
        for _ in range(100):
            view.set()
            if "toward E" in str(view.output("said")):
                break
            time.sleep(0.05)
        assert days[0] in str(view.output("said"))
        assert "toward E" in str(view.output("said"))


def test_a_cloudy_scene_is_not_where_the_clock_opens(store: Store) -> None:
    with ViewSession(store, shoreline_clock_server, State(store.settings(), focus=CLOUDY[0])) as view:
        assert view.read("scene").date.year == 2023
        assert view.read("before").date.year == 2016


def test_a_mask_that_does_not_tell_where_it_lies_is_refused_by_name(tmp_path: Path) -> None:
    store = Store(scene_dataset(tmp_path, (8,), (2022, 2023)))
    path = store.scenes.of_lake(8)[0].masks["label"]
    write_mask(path, lake_water(8, 2022).astype(np.uint8) * 200, Grid("", (1, 0, 0, 0, 1, 0), 512, 512))
    with pytest.raises(RasterError, match="no coordinate reference system"):
        shape_on(store, 8, "label", shape_days(store, 8, "label")[0])


def test_masks_that_go_or_lie_nowhere_while_a_visit_lasts_are_named_errors(tmp_path: Path) -> None:
    """The view shows what a MoraineError says; any other error would end the visit."""
    store = Store(scene_dataset(tmp_path, (8,), (2022, 2023)))
    gone, lost = store.scenes.of_lake(8)
    days = shape_days(store, 8, "label")
    local = 'LOCAL_CS["nowhere",UNIT["metre",1]]'
    write_mask(lost.masks["label"], lake_water(8, 2023).astype(np.uint8) * 200, Grid(local, (10, 0, 0, 0, -10, 0), 512, 512))
    with pytest.raises(RasterError, match="coordinate reference system"):
        shape_on(store, 8, "label", days[1])
    gone.masks["label"].unlink()
    with pytest.raises(RasterError, match=f"no shape of {days[0]} any more"):
        shape_on(store, 8, "label", days[0])


@pytest.mark.parametrize("east", [True, False])
def test_the_scale_stands_away_from_the_growth(east: bool) -> None:
    before = shapely.box(86, 27, 86.01, 27.01)
    after = shapely.box(86, 27, 86.02, 27.01) if east else shapely.box(85.99, 27, 86.01, 27.01)
    clock = shoreline_clock(before, after, 10.0)
    layout = clock_figure(Face("x", "s", date(2020, 1, 1), date(2021, 1, 1), clock))["layout"]
    # plotly turns the scale from the right, against the clock.
    assert math.cos(math.radians(layout["polar"]["radialaxis"]["angle"])) * (1 if east else -1) < -0.9
