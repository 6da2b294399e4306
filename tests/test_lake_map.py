"""The map's figure: every lake once, a view that holds them all, no request for tiles until one is chosen."""

from __future__ import annotations

import json

import numpy as np
import pytest

from data.store import Store
from data.trends.classes import classes
from modules.measures import state_bits
from modules.serving.routes import TILE
from modules.views.lake_map import BASEMAPS, map_figure
from tests.datasets import small_dataset


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("map")))


def _figure(store: Store, basemap: str = "none", scale: float = 1.0) -> dict:
    lon, lat = store.lakes["lon"].to_numpy() * scale, store.lakes["lat"].to_numpy()
    return map_figure(store.trends(store.settings()), lon, lat, {"url": "columns/x/outlines/TILE", "tiles": ["1_2"]}, basemap)


def test_every_lake_is_drawn_once(store: Store) -> None:
    shown = np.arange(len(store.lakes)) % 2 > 0
    bits = state_bits(classes(store.trends(store.settings())), shown, None)
    drawn = [
        row
        for trace in _figure(store)["data"]
        if "mask" in trace.get("meta", {})
        for row in np.flatnonzero(np.isin(bits & trace["meta"]["mask"], trace["meta"]["bits"]))
    ]
    assert sorted(drawn) == list(range(len(store.lakes)))


def test_the_view_holds_every_lake(store: Store) -> None:
    view = _figure(store)["layout"]["map"]
    wide = 560 * 360 / 512 / 2 ** view["zoom"]
    lon, lat = store.lakes["lon"], store.lakes["lat"]
    assert lon.min() > view["center"]["lon"] - wide / 2
    assert lon.max() < view["center"]["lon"] + wide / 2
    assert lat.min() < view["center"]["lat"] < lat.max()


def test_no_tiles_unless_chosen(store: Store) -> None:
    assert "http" not in json.dumps(_figure(store))
    for name, tiles in BASEMAPS.items():
        sources = _figure(store, name)["layout"]["map"]["style"]["sources"]
        assert bool(sources) == (tiles is not None)


def test_lakes_without_positions(store: Store) -> None:
    figure = _figure(store, scale=float("nan"))
    assert np.isfinite(figure["layout"]["map"]["zoom"])
    assert "no position" in figure["layout"]["annotations"][0]["text"]


def test_the_place_is_told_without_a_basemap(store: Store) -> None:
    (note,) = _figure(store)["layout"]["annotations"]
    assert f"{store.lakes['lat'].min():.1f}° N to {store.lakes['lat'].max():.1f}° N" in note["text"]
    assert f"{store.lakes['lon'].max():.1f}° W" in _figure(store, scale=-1)["layout"]["annotations"][0]["text"]
    assert "grid" in note["text"]


def test_outlines_are_asked_for_by_tile(store: Store) -> None:
    outlines = _figure(store)["layout"]["meta"]["outlines"]
    assert outlines["tile"] == TILE
    assert "TILE" in outlines["url"]
