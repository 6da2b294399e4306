"""The shoreline clock against constructions whose answer is known."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import InputError
from data.rasters.grid import Grid
from data.rasters.vectors import water_shape
from data.shoreline import shoreline_clock
from data.simulate.shapes import Shapes, make_shapes, outlines_m, to_degrees

LON, LAT = 86.9, 27.9


def lonlat(metres: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(metres, lambda xy: to_degrees(xy[None], np.array([LON]), np.array([LAT]))[0])


def disc(x: float, y: float, radius: float) -> shapely.Geometry:
    return shapely.Point(x, y).buffer(radius, quad_segs=64)


@given(azimuth=st.floats(0, 360, exclude_max=True), seed=st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_growth_toward_one_side_is_recovered_within_10_degrees(azimuth: float, seed: int) -> None:
    up_valley = np.radians([90 - azimuth])
    shapes = make_shapes(np.random.default_rng(seed), up_valley, np.array([True]))
    straight = Shapes(shapes.radius, shapes.weight, shapes.stretch, np.zeros(1), up_valley)
    before, after = (shapely.Polygon(ring) for ring in outlines_m(straight, np.array([[0.2, 0.32]]))[0])
    clock = shoreline_clock(lonlat(before), lonlat(after), 10.0)
    assert abs((clock.direction - azimuth + 180) % 360 - 180) < 10
    assert clock.strength > 0.5


@given(azimuth=st.floats(0, 360, exclude_max=True))
@settings(max_examples=20, deadline=None)
def test_the_same_from_masks_of_10_m_pixels(azimuth: float) -> None:
    grid = Grid("EPSG:32645", (10, 0, 0, 0, -10, 0), 256, 256)
    x, y = grid.to_crs(shapely.get_coordinates(grid.to_pixels(shapely.Point(LON, LAT))))[0]
    grid = Grid("EPSG:32645", (10, 0, x - 1280, 0, -10, y + 1280), 256, 256)
    rows, columns = np.mgrid[:256, :256] + 0.5
    east, north = 10 * (columns - 128), 10 * (128 - rows)
    toward = np.radians(azimuth)
    lake = np.hypot(east, north) < 300
    grown = lake | (np.hypot(east - 150 * np.sin(toward), north - 150 * np.cos(toward)) < 300)
    before, after = (grid.to_lonlat(water_shape(water)) for water in (lake, grown))
    clock = shoreline_clock(before, after, 10.0)
    # Grid north and true north differ by the convergence of meridians, which the clock has taken out.
    assert abs((clock.direction - grid.north - azimuth + 180) % 360 - 180) < 2 + abs(2 * grid.north)
    assert clock.net_km2 == pytest.approx((grown.sum() - lake.sum()) * grid.pixel_km2, rel=1e-4)


def test_slices_add_up_to_the_whole_change() -> None:
    before, after = disc(0, 0, 400), disc(120, -60, 380)
    clock = shoreline_clock(lonlat(before), lonlat(after), 10.0)
    assert clock.gained_km2.sum() == pytest.approx(after.difference(before).area / 1e6, rel=1e-4)
    assert clock.lost_km2.sum() == pytest.approx(before.difference(after).area / 1e6, rel=1e-4)
    assert clock.net_km2 == pytest.approx((after.area - before.area) / 1e6, rel=1e-3)


def test_growth_all_round_has_no_direction_to_speak_of() -> None:
    clock = shoreline_clock(lonlat(disc(0, 0, 300)), lonlat(disc(0, 0, 400)), 10.0)
    assert clock.strength < 1e-3
    assert np.ptp(clock.gained_km2) < 1e-3 * clock.gained_km2.mean() + 1e-6


def test_error_of_a_slice_is_its_shore_times_half_a_pixel_in_quadrature() -> None:
    clock = shoreline_clock(lonlat(disc(0, 0, 300)), lonlat(disc(0, 0, 400)), 10.0, 0.5)
    expected = np.hypot(2 * np.pi * 300 / 36, 2 * np.pi * 400 / 36) * 5 / 1e6
    np.testing.assert_allclose(clock.sd_km2, expected, rtol=2e-3)
    np.testing.assert_allclose(clock.advance_m, 100, rtol=2e-3)


def test_the_shore_moves_as_far_as_it_does_even_where_the_lake_grows_many_times() -> None:
    """A wedge between two azimuths whose end moves from 300 to 1,500 m: the slice widens on the way, the shore moves by 1,200 m."""
    angle = np.radians(np.linspace(0, 30, 61))

    def wedge(radius: float) -> shapely.Geometry:
        return shapely.Polygon([(0, 0), *np.column_stack([radius * np.sin(angle), radius * np.cos(angle)])])

    lake = disc(0, 0, 300)
    clock = shoreline_clock(lonlat(lake), lonlat(shapely.union(lake, wedge(1500))), 10.0)
    np.testing.assert_allclose(clock.advance_m[:3], 1200, rtol=1e-2)
    np.testing.assert_allclose(clock.advance_m[3:], 0, atol=2)


def test_nothing_changed_and_a_lake_that_has_gone() -> None:
    lake = lonlat(disc(0, 0, 300))
    same = shoreline_clock(lake, lake, 10.0)
    assert np.isnan(same.direction)
    assert same.strength == 0
    gone = shoreline_clock(lake, shapely.Polygon(), float("nan"))
    assert gone.net_km2 == pytest.approx(-np.pi * 0.09, rel=1e-3)
    assert np.isnan(gone.sd_km2).all()
    with pytest.raises(InputError, match="no outline on the earlier date"):
        shoreline_clock(shapely.Polygon(), lake, 10.0)


def test_water_shape_has_exactly_the_pixels() -> None:
    water = np.random.default_rng(1).uniform(size=(40, 50)) < 0.4
    assert water_shape(water).area == water.sum()
    assert water_shape(np.zeros((3, 3), dtype=bool)).is_empty
