"""Which lake a flood came from: ids, distances against geodesics, ties, and lakes without a place."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from data.floods.dating import UNKNOWN
from data.floods.matching import matched, rivals
from data.floods.places import LakePlaces, distance_km
from data.floods.record import FloodRecord, Match
from data.store import Store
from tests.datasets import LAKES, TWINS, small_dataset

GEOD = Geod(ellps="WGS84")
KM = 1 / 111.0


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("floods") / "d"))


def flood(lon: float = math.nan, lat: float = math.nan, lake_id: str = "") -> FloodRecord:
    return FloodRecord(1, "1", lake_id, lon, lat, UNKNOWN)


def one(store: Store, record: FloodRecord, within: float = 1.5) -> Match:
    return matched([record], store, within)[0]


def place(store: Store, key: int) -> tuple[float, float]:
    return float(store.lakes["lon"][key]), float(store.lakes["lat"][key])


@settings(max_examples=60)
@given(st.floats(-179.99, 179.99), st.floats(-75, 75), st.floats(0, 360), st.floats(0.002, 0.03), st.integers(3, 9))
def test_distances_are_geodesic(lon: float, lat: float, way: float, size: float, corners: int) -> None:
    """Against the shortest geodesic to the corners and 2,000 points of the outline, within 0.2 m and a hundredth of a percent."""
    away = np.linspace(0, 2 * np.pi, corners, endpoint=False) + way
    centre_lon, centre_lat, _ = GEOD.fwd(lon, lat, way, 5000 * size / 0.03 + 400)
    shape = shapely.Polygon(np.column_stack([centre_lon + size * np.cos(away), centre_lat + size * np.sin(away)]))
    found = distance_km(lon, lat, shape)
    ring = shapely.line_interpolate_point(shape.exterior, np.linspace(0, 1, 2001), normalized=True)
    xy = np.vstack([shapely.get_coordinates(ring), shapely.get_coordinates(shape)])
    shortest = GEOD.inv(np.full(len(xy), lon), np.full(len(xy), lat), xy[:, 0], xy[:, 1])[2].min() / 1000
    wrapped = (np.asarray(shape.exterior.coords)[:, 0] - lon + 180) % 360 - 180 + lon
    if shapely.Polygon(np.column_stack([wrapped, np.asarray(shape.exterior.coords)[:, 1]])).intersects(shapely.Point(lon, lat)):
        assert found == 0
    else:
        step = shapely.length(shape.exterior) * 111 / 2000
        assert shortest - step**2 / max(shortest, step) <= found <= shortest * 1.0001 + 2e-4


def test_a_lake_across_the_antimeridian_is_near(tmp_path: Path) -> None:
    assert distance_km(179.999, 50.0, shapely.Point(-179.999, 50.0)) == pytest.approx(GEOD.inv(179.999, 50, -179.999, 50)[2] / 1000)


def test_an_id_wins_over_a_nearer_lake_and_its_case_does_not_matter(store: Store) -> None:
    lon, lat = place(store, 30)
    found = one(store, flood(lon, lat, f" {store.ids[3].lower()} "))
    assert (found.lake_key, found.how) == (3, "id")
    assert found.km == pytest.approx(GEOD.inv(lon, lat, *place(store, 3))[2] / 1000, rel=0.1)
    assert one(store, flood(lake_id=store.ids[3])).lake_key == 3
    assert math.isnan(one(store, flood(lake_id=store.ids[3])).km)


@pytest.mark.parametrize("word", ["Ephemeral", "not mapped", "No lake", "NA", "", "GL000000E00000N"])
def test_words_and_strange_ids_leave_it_to_distance(store: Store, word: str) -> None:
    lon, lat = place(store, 5)
    inside, outside = one(store, flood(lon, lat, word)), one(store, flood(lon + 0.001 + KM, lat, word))
    assert (inside.lake_key, inside.how, inside.km) == (5, "distance", 0.0)
    assert (outside.lake_key, outside.how) == (5, "distance")
    assert 0.8 < outside.km < 1.0
    assert one(store, flood(lon + 0.025, lat, word)).how == "none"
    assert one(store, flood(lon + 0.025, lat, word), 2.5).lake_key in {5, 6}
    assert one(store, flood(lake_id=word)).how == "none"


def test_a_shared_id_goes_to_the_nearest_of_its_lakes(store: Store) -> None:
    shared = store.ids[TWINS[0]]
    for key in TWINS:
        found = one(store, flood(*place(store, key), shared))
        assert (found.lake_key, found.how, found.km) == (key, "id", 0.0)
        assert [other for other, _ in found.others] == [key for key in TWINS if key != found.lake_key]
    lost = one(store, flood(lake_id=shared))
    assert (lost.lake_key, lost.how) == (None, "ambiguous")
    assert {key for key, _ in lost.others} == set(TWINS)


def test_lakes_equally_near_are_told(store: Store) -> None:
    lon, lat = place(store, 0)
    middle = one(store, flood(lon + 0.0255, lat), 5)
    assert middle.lake_key is not None
    assert [key for key, _ in rivals(middle)] == [{0: 1, 1: 0}[middle.lake_key]]
    assert rivals(one(store, flood(lon, lat), 8)) == (), "it lies in a lake"
    assert rivals(one(store, flood(lon + 0.003, lat), 8)) == (), "the other is much farther"


def test_every_lake_finds_itself_and_nothing_is_missed(store: Store) -> None:
    places = LakePlaces(store)
    random = np.random.default_rng(1)
    for _ in range(40):
        lon, lat = 86 + 0.4 * random.random(), 27.5 + 0.25 * random.random()
        every = {key: places.distance_km(key, lon, lat) for key in range(LAKES)}
        assert dict(places.near(lon, lat, 6)) == {key: km for key, km in every.items() if km <= 6}
