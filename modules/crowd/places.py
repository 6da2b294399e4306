"""Where lakes lie in a plot: on the axes of the volcano, or on a map of the world in the projection of the screen. Pure."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np

from data.records import TrendTable
from modules.measures import Limits, measure, span_of
from modules.once import once_a_table

MANY = 30_000
"""Lakes from which on plots are drawn of counts: up to here a browser draws each lake of its own at once."""
ABOVE, LEFT, RIGHT = 1, 2, 3
"""Beyond which edge of the axes a lake lies; 0 for none."""
HELD = 2
"""Pairs of axes of a table kept at a time, for all visits: 17 bytes a lake."""
STEEPEST = 85.051129
"""Degrees of latitude at which the map of the world ends."""


@dataclass(frozen=True)
class Places:
    """Where L lakes are drawn.

    Args:
        x, y: (L,) float64 in the units of the axes, NaN for a lake that has no place; what lies beyond the axes is put on their edge.
        beyond: (L,) uint8: ABOVE, LEFT, RIGHT, or 0.
        round: Whether x starts anew after 1, as the world does.
        span: How far the axes go; None for a map.
    """

    x: np.ndarray
    y: np.ndarray
    beyond: np.ndarray
    round: bool = False
    span: Limits | None = None

    @functools.cached_property
    def known(self) -> np.ndarray:
        """(L,) booleans: which lakes have a place."""
        return np.isfinite(self.x) & np.isfinite(self.y)


def volcano_places(table: TrendTable, x: str, y: str) -> Places:
    """The places of all lakes in the volcano, worked out once for all visits.

    Args:
        table: The trends.
        x, y: Names of `modules.measures.measure`.
    """
    held = _held(table)
    if (x, y) not in held:
        if len(held) == HELD:
            held.clear()
        held[x, y] = _volcano_places(table, x, y)
    return held[x, y]


@once_a_table
def _held(table: TrendTable) -> dict[tuple[str, str], Places]:
    return {}


def _volcano_places(table: TrendTable, x: str, y: str) -> Places:
    across, up, span = measure(table, x), measure(table, y), span_of(table, x, y)
    beyond = np.select([up > span.y, across < -span.x, across > span.x], [ABOVE, LEFT, RIGHT], 0).astype(np.uint8)
    return Places(*span.clipped(across, up), beyond, span=span)


def map_places(lon: np.ndarray, lat: np.ndarray) -> Places:
    """The places of all lakes on the map of the world.

    Args:
        lon, lat: (L,) degrees.
    """
    x, y = world_square(lon, lat)
    return Places(np.mod(x, 1), y, np.zeros(len(x), dtype=np.uint8), round=True)


def world_square(lon: np.ndarray, lat: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Degrees in the projection of the screen (Web Mercator): x from 0 at 180° W to 1, y from 0 in the north to 1."""
    return (lon + 180) / 360, 0.5 - np.arctanh(np.sin(np.radians(np.clip(lat, -STEEPEST, STEEPEST)))) / (2 * np.pi)


def latitude(y: float) -> float:
    """Invert `world_square`, degrees."""
    return math.degrees(math.asin(math.tanh((0.5 - y) * 2 * math.pi)))
