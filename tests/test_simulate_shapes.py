"""Outlines against pyproj's geodesics and shapely's topology."""

import numpy as np
import pyproj
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from data.simulate.shapes import Shapes, fitted_m, make_shapes, outlines_m, perimeter_km, swelled, to_degrees

GEOD = pyproj.Geod(ellps="WGS84")


def shapes_of(seed: int, count: int, one_sided: bool) -> Shapes:
    rng = np.random.default_rng(seed)
    return make_shapes(rng, rng.uniform(0, 7, count), np.full(count, one_sided))


@settings(max_examples=25)
@given(st.integers(0, 2**31), st.booleans(), st.tuples(st.floats(-180, 179), st.floats(-65, 65)), st.floats(0.001, 5), st.floats(0.2, 3))
def test_areas_are_geodesic_areas(seed: int, one_sided: bool, place: tuple[float, float], area: float, factor: float) -> None:
    wanted = np.array([[area, area * factor]])
    lon, lat = np.full((2, 2), place).T
    metres = fitted_m(outlines_m(shapes_of(seed, 1, one_sided), wanted)[0], lon, lat, wanted[0])
    degrees = to_degrees(metres, lon, lat)
    for outline, each, perimeter in zip(degrees, wanted[0], perimeter_km(metres), strict=True):
        found, length = GEOD.geometry_area_perimeter(shapely.Polygon(outline))
        assert found / 1e6 == pytest.approx(each, rel=1e-5)  # anticlockwise, too: clockwise would be negative
        assert length / 1e3 == pytest.approx(perimeter, rel=1e-3)


@pytest.mark.parametrize("one_sided", [False, True])
def test_a_larger_outline_contains_a_smaller_one(one_sided: bool) -> None:
    areas = np.tile(np.array([0.05, 0.02, 0.1, 0.03]), (200, 1))
    outlines = shapely.polygons(outlines_m(shapes_of(1, 200, one_sided), areas))
    assert shapely.is_valid(outlines).all()
    order = outlines[:, [1, 3, 0, 2]]
    outside = shapely.area(shapely.difference(order[:, :-1], order[:, 1:]))
    assert (outside <= 1e-9 * shapely.area(order[:, :-1])).all()


def test_bending_changes_areas_little() -> None:
    outlines = shapely.polygons(outlines_m(shapes_of(2, 500, False), np.full((500, 1), 0.5)))
    assert np.median(np.abs(shapely.area(outlines) / 0.5e6 - 1)) < 2e-3


def test_one_sided_growth_goes_up_the_valley() -> None:
    shapes = shapes_of(3, 100, True)
    centroid = shapely.centroid(shapely.polygons(outlines_m(shapes, np.tile([0.1, 0.2], (100, 1)))))
    moved = np.column_stack(
        [shapely.get_x(centroid[:, 1]) - shapely.get_x(centroid[:, 0]), shapely.get_y(centroid[:, 1]) - shapely.get_y(centroid[:, 0])]
    )
    up = np.column_stack([np.cos(shapes.turn), np.sin(shapes.turn)])
    assert ((moved * up).sum(axis=1) > 20).all()  # metres; the lakes are some 300 m across


def test_outlines_are_irregular() -> None:
    outlines = shapely.polygons(outlines_m(shapes_of(4, 300, False), np.ones((300, 1))))
    hull = shapely.area(outlines) / shapely.area(shapely.convex_hull(outlines))
    assert np.quantile(hull, 0.9) < 0.995  # nearly all have bays
    assert hull.min() > 0.5


def test_swelled_outlines_have_their_areas_and_move_only_where_they_may() -> None:
    outlines = outlines_m(shapes_of(5, 200, False), np.full((200, 1), 0.2))[:, 0]
    toward = np.maximum(np.cos(np.arctan2(outlines[..., 1], outlines[..., 0])), 0)
    for weight, wanted in ((toward, 0.45e6), (np.ones_like(toward), 0.07e6), (np.ones_like(toward), 0.3e6)):
        made = swelled(outlines, weight, np.full(200, wanted))
        np.testing.assert_allclose(shapely.area(shapely.polygons(made)), wanted, rtol=1e-9)
        assert (made[weight == 0] == outlines[weight == 0]).all()
