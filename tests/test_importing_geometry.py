"""Areas on the ellipsoid against projections made for areas; outlines that need mending, and those beyond it."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from data.importing.geometry import areas_and_perimeters, mended, polygons, with_footprints
from tests import inventories


def objects(*shapes: object) -> np.ndarray:
    found = np.empty(len(shapes), dtype=object)
    found[:] = shapes
    return found


@settings(max_examples=40, deadline=None)
@given(st.floats(-175, 175), st.floats(-75, 75), st.lists(st.floats(0.3, 1), min_size=5, max_size=12), st.floats(0.001, 0.05))
def test_area_against_two_equal_area_projections(lon: float, lat: float, radii: list[float], size: float) -> None:
    """Azimuthal around the lake and cylindrical; edges are straight in different systems, hence the tolerances."""
    angle = np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    x, y = lon + size * np.array(radii) * np.cos(angle), lat + size * np.array(radii) * np.sin(angle)
    star = shapely.Polygon(zip(x, y, strict=True))
    area, length = areas_and_perimeters(objects(star))
    series = gpd.GeoSeries([star], crs="EPSG:4326")
    local = series.to_crs(f"+proj=laea +lat_0={lat} +lon_0={lon} +datum=WGS84")
    assert area[0] == pytest.approx(local.area.iloc[0] / 1e6, rel=1e-5)
    assert area[0] == pytest.approx(series.to_crs(6933).area.iloc[0] / 1e6, rel=5e-3)
    assert length[0] == pytest.approx(local.length.iloc[0] / 1e3, rel=1e-5)


def test_islands_are_no_lake_but_have_a_shore() -> None:
    outer, island = inventories.lake(500, 3000, 2), inventories.lake(500, 3000, 1)
    whole, ring, two = inventories.geographic(
        [outer, outer.difference(island), shapely.MultiPolygon([outer, inventories.lake(505, 3000, 1)])], inventories.UTM_45
    )
    area, length = areas_and_perimeters(
        objects(
            whole,
            ring,
            two,
            None,
        )
    )
    np.testing.assert_allclose(area[:3], [4, 3, 5], rtol=1e-3)
    np.testing.assert_allclose(length[:3], [8, 12, 12], rtol=1e-3)
    assert np.isnan(area[3:]).all()


def test_mending_keeps_what_is_there_and_says_what_is_not() -> None:
    square = shapely.box(85, 28, 85.01, 28.01)
    bow_tie = shapely.Polygon([(85, 28), (85.01, 28.01), (85.01, 28), (85, 28.01)])
    cases = objects(
        square, bow_tie, None, shapely.Polygon(), shapely.LineString([(0, 0), (1, 1)]), shapely.box(200, 28, 201, 29),
        shapely.Polygon([(85, 28), (85.01, np.nan), (85.01, 28)]), shapely.Polygon([(85, 28), (85.01, 28), (85, 28)]),
    )  # fmt: skip
    shapes, fixed, why = mended(cases)
    assert fixed.tolist() == [False, True] + [False] * 6
    assert why[:2] == [None, None]
    assert shapes[1].is_valid
    assert shapely.area(shapes[1]) == pytest.approx(0.01**2 / 2)
    expected = ["no outline", "no outline", "LineString", "off the globe", "not numbers", "cannot be mended"]
    assert all(words in str(found) for words, found in zip(expected, why[2:], strict=True))
    assert shapely.is_missing(shapes[2:]).all()


def test_polygonal_parts_of_a_collection() -> None:
    square = shapely.box(0, 0, 1, 1)
    mixed = shapely.GeometryCollection([square, shapely.Point(5, 5), shapely.MultiPolygon([shapely.box(2, 2, 3, 3)])])
    assert shapely.area(polygons(mixed)) == 2
    assert polygons(shapely.Point(0, 0)) is None


def test_footprint_of_a_point_is_a_disc_of_its_area() -> None:
    rows = pd.DataFrame(
        {"geometry": objects(None, None, None), "lon": [85.0, np.nan, 85.0], "lat": [28.0, 28.0, 28.0], "area_km2": [2.0, 1.0, 0.0]}
    )
    found = with_footprints(rows)["footprint"].to_numpy(dtype=object)
    assert shapely.area(found[0]) == pytest.approx(2e6, rel=0.01)
    assert found[1] is None
    assert found[2] is None
