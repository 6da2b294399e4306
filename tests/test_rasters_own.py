"""A lake's own water, against a flood fill in plain Python."""

from __future__ import annotations

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from data.rasters.own import joined_to, own_water, reached

SIDE = 12
fields = st.lists(st.lists(st.booleans(), min_size=SIDE, max_size=SIDE), min_size=SIDE, max_size=SIDE).map(np.array)
places = st.integers(-3, SIDE + 2).map(lambda n: n + 0.37)


def flooded(water: np.ndarray, starts: list[tuple[int, int]]) -> np.ndarray:
    """Water that sides of pixels join to the starts."""
    own, waiting = np.zeros_like(water), [start for start in starts if water[start]]
    while waiting:
        row, column = waiting.pop()
        if own[row, column]:
            continue
        own[row, column] = True
        for down, right in ((row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)):
            if 0 <= down < water.shape[0] and 0 <= right < water.shape[1] and water[down, right]:
                waiting.append((down, right))
    return own


def touched_pixels(lake: shapely.Geometry, shape: tuple[int, int]) -> list[tuple[int, int]]:
    return [
        (row, column)
        for row in range(shape[0])
        for column in range(shape[1])
        if lake.intersects(shapely.box(column, row, column + 1, row + 1))
    ]


@given(fields, places, places, st.integers(0, 4), st.integers(0, 4))
def test_own_water_is_what_a_flood_from_the_outline_reaches(water: np.ndarray, left: float, top: float, wide: int, high: int) -> None:
    lake = shapely.box(left, top, left + 0.2 + wide, top + 0.2 + high)
    expected = flooded(water, touched_pixels(lake.buffer(1.0), water.shape))
    np.testing.assert_array_equal(own_water(water, lake), expected)


@given(fields, fields)
def test_joined_water_is_flooded_water(water: np.ndarray, touched: np.ndarray) -> None:
    starts = [(int(row), int(column)) for row, column in np.argwhere(touched)]
    np.testing.assert_array_equal(joined_to(water, touched), flooded(water, starts))


def test_water_that_meets_at_a_corner_only_is_not_joined() -> None:
    water = np.zeros((6, 6), bool)
    water[0:2, 0:2] = water[2:4, 2:4] = True
    own = own_water(water, shapely.box(0.2, 0.2, 0.6, 0.6), reach=0.1)
    assert own[:2, :2].all()
    assert own.sum() == 4


def test_a_lake_without_outline_or_off_the_image_owns_nothing() -> None:
    water = np.ones((6, 6), bool)
    assert not own_water(water, shapely.Polygon()).any()
    assert not own_water(water, shapely.box(20, 20, 22, 22)).any()
    assert not reached(shapely.Polygon(), (6, 6)).any()
    assert not own_water(~water, shapely.box(1, 1, 3, 3)).any()
