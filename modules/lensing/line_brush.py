"""Which lines a box or a lasso over a plot takes. Pure."""

from __future__ import annotations

import math
from typing import Any, cast

import numpy as np
import pandas as pd
import shapely

from data.errors import InputError
from modules.links.packing import Point, rounded_polygon


def drawn_polygon(sent: object, axes: tuple[str, str]) -> tuple[tuple[Point, ...], bool] | None:
    """What the browser drew over a plot with these axes: the polygon, and whether its y are logarithms; None: nothing like that."""
    if not isinstance(sent, dict):
        return None
    told = cast(dict[str, Any], sent)
    try:
        if tuple(told.get("axes", ())) != axes:
            return None
        log = told.get("log") is True
        return rounded_polygon((x, math.log10(y) if log else y) for x, y in told.get("polygon", ())), log
    except (InputError, TypeError, ValueError, OverflowError):
        return None


def lines_in(values: pd.DataFrame, polygon: tuple[Point, ...], *, log: bool = False) -> tuple[int, ...]:
    """The lines that cross, touch or lie in a polygon.

    Args:
        values: A row a line, by its key; columns are places along x; NaN is a gap.
        polygon: Its corners, in the coordinates of the axes.
        log: Whether the y of these is the logarithm to base 10.
    """
    area = shapely.make_valid(shapely.Polygon(polygon))
    y = values.to_numpy(dtype=float)
    x = np.broadcast_to(values.columns.to_numpy(dtype=float), y.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.log10(y) if log else y
    found = [_meets(area, across, up) for across, up in zip(x, y, strict=True)]
    return tuple(int(key) for key, taken in zip(values.index, found, strict=True) if taken)


def _meets(area: Any, x: np.ndarray, y: np.ndarray) -> bool:
    known = np.isfinite(y)
    runs = np.split(np.arange(len(y)), np.flatnonzero(np.diff(known.astype(int))) + 1)
    pieces = [np.column_stack([x[run], y[run]]) for run in runs if len(run) and known[run[0]]]
    shapes = [shapely.LineString(piece) if len(piece) > 1 else shapely.Point(piece[0]) for piece in pieces]
    return any(area.intersects(shape) for shape in shapes)
