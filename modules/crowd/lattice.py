"""What a browser asks about: the cells into which a view is divided, and the spot under its pointer. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from data.errors import InputError
from modules.crowd.places import Places

MOST_CELLS = 600_000
WORLDS, FAR = 2.0, 1e6
"""How often the world is drawn side by side in one view, and how often round it may have been turned, at most."""
REACH = 40.0
"""Pixels that a pointer can mean, at most."""


@dataclass(frozen=True)
class Spot:
    """Where a pointer is.

    Args:
        x, y: In units of the axes.
        wide, high: Of a pixel there, likewise.
        reach: Pixels within which a lake is meant.
    """

    x: float
    y: float
    wide: float
    high: float
    reach: float

    def __post_init__(self) -> None:
        finite = all(map(math.isfinite, (self.x, self.y, self.wide, self.high)))
        if not (finite and self.wide > 0 and self.high > 0 and 0 <= self.reach <= REACH):
            raise InputError("the pointer is nowhere in the plot", "reload the page")


@dataclass(frozen=True)
class Lattice:
    """Cells of equal size over a part of a plot, and the part of it that is seen.

    Args:
        x, y: The corner with the least of both, in units of the axes.
        wide, high: Of one cell, likewise.
        columns, rows: How many cells; cell (i, j) is number j * columns + i.
        seen: Least and most x, least and most y of what is on screen: cells beyond it are drawn when the view moves.
    """

    x: float
    y: float
    wide: float
    high: float
    columns: int
    rows: int
    seen: tuple[float, float, float, float]

    def __post_init__(self) -> None:
        values = (self.x, self.y, self.wide, self.high, *self.seen)
        if not (all(map(math.isfinite, values)) and self.wide > 0 and self.high > 0):
            raise InputError("the view is not finite", "reload the page")
        if not (self.columns > 0 and self.rows > 0 and self.columns * self.rows <= MOST_CELLS):
            raise InputError(f"the view has {self.columns} × {self.rows} cells", f"ask for {MOST_CELLS:,} at most")

    @classmethod
    def asked(cls, said: Mapping[str, str]) -> Lattice:
        """Read it from the query of an address.

        Raises:
            InputError, ValueError, KeyError: It is not one.
        """
        x, y, wide, high, *seen = (float(said[name]) for name in ("x", "y", "wide", "high", "west", "east", "low", "top"))
        return cls(x, y, wide, high, int(said["columns"]), int(said["rows"]), (seen[0], seen[1], seen[2], seen[3]))

    @property
    def cells(self) -> int:
        return self.columns * self.rows

    def turns(self, places: Places) -> list[int]:
        """How often the world has to be turned for what the view shows of it: only 0 where the plot is no world."""
        if not places.round:
            return [0]
        first, last = self.x, self.x + self.wide * self.columns
        if last - first > WORLDS or abs(first) > FAR:
            raise InputError("the view shows the world too often", "reload the page")
        return list(range(math.floor(first), math.floor(last) + 1))

    def position(self, places: Places, rows: np.ndarray | slice, turn: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """Where lakes lie, in cells from the corner; NaN where they have no place."""
        return (places.x[rows] + (turn - self.x)) / self.wide, (places.y[rows] - self.y) / self.high
