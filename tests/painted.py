"""Places of every kind with every reason, sensor and planted error, painted small: what the tests of the painter share."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from data.rasters.grid import Grid
from data.simulate.chips import Painted, Place, Sight
from data.simulate.painting import paint
from data.simulate.sensors import SENSORS
from data.simulate.shapes import make_shapes, outlines_m

SIDE = 256
SENTINEL, LANDSAT8, LANDSAT7 = SENSORS
KINDS_OF_PLACE = (
    ("M(e)", 1.9, 0.0, 5100.0, 0.85),
    ("M(e)", -1.2, 300.0, 4700.0, 0.7),
    ("E(o)", 2.6, 1500.0, 4200.0, 0.05),
    ("I(s)", 0.4, 0.0, 5200.0, 0.6),
    ("E(c)", 1.4, 150.0, 5350.0, 0.1),
    ("M(l)", -2.2, 500.0, 4900.0, 0.15),
)
"""(dam type, up-valley, m to the glacier, m above the sea, turbidity)."""


def place(number: int) -> Place:
    dam, up, far, high, murk = KINDS_OF_PLACE[number]
    return Place(number + 1, 1, Grid("EPSG:32657", (10, 0, 5e5, 0, -10, 4.37e6), SIDE, SIDE), up, far, high, dam, murk)


def outlines(number: int, areas: tuple[float, ...] = (0.12, 0.16, 0.2, 0.26)) -> list[BaseGeometry]:
    """The lake in pixel coordinates at these areas, km²."""
    shapes = make_shapes(np.random.default_rng(number + 1), np.array([place(number).up_valley]), np.array([True]))
    drawn = outlines_m(shapes, np.array([areas]))[0] / 10
    return [shapely.Polygon(np.column_stack([SIDE / 2 + ring[:, 0], SIDE / 2 - ring[:, 1]])) for ring in drawn]


def sight(key: int, water: BaseGeometry, year: int, sensor: str = SENTINEL) -> Sight:
    return Sight(key, date(year, 9 + key % 3, 5 + 7 * (key % 4)), sensor, (water,), water, "ok", 0.0, "none", 0.0)


def sights(number: int) -> tuple[Sight, ...]:
    """Clear, coarse with gaps, and each of the reasons."""
    small, less, more, large = outlines(number)
    plain = [
        sight(10 * number + step, water, 2016 + 2 * step, sensor)
        for step, (water, sensor) in enumerate(zip((small, less, more, large), (SENTINEL, LANDSAT8, LANDSAT7, SENTINEL), strict=True))
    ]
    other = sight(10 * number + 5, large, 2024)
    return (
        *plain,
        replace(other, scene_key=10 * number + 5, reason="cloud", hidden=0.4),
        replace(other, scene_key=10 * number + 6, reason="shadow", hidden=0.7),
        replace(other, scene_key=10 * number + 7, reason="snow_or_ice", hidden=0.95),
        replace(other, scene_key=10 * number + 8, reason="empty", water=(shapely.Polygon(),), mapped=None),
        replace(other, scene_key=10 * number + 9, frozen=0.3),
    )


@lru_cache(maxsize=8)
def painted(number: int) -> Painted:
    return paint(place(number), sights(number))
