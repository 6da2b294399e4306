"""A dataset whose pixel or factor changes: mapping errors worked out from them change with them, in all of its rows."""

from __future__ import annotations

import math
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.importing.frames import absent, objects
from data.records import DatasetMeta

SENSOR_PIXELS = (10.0, 30.0, 60.0)
"""Pixels that scene ids tell (see `dates.scene`), m."""
CLOSE = 1e-9


Number = TypeVar("Number", float, NDArray[np.float64])


def mapping_error(perimeter_km: Number, pixel_m: Number, factor: float) -> Number:
    """km²: perimeter × pixel × factor."""
    return perimeter_km * pixel_m / 1000 * factor


def rescaled(held: dict[str, pd.DataFrame], old: DatasetMeta, pixel_m: float | None, factor: float) -> tuple[dict[str, pd.DataFrame], int]:
    """The tables with the mapping errors of another pixel or factor, and how many changed; errors that an input stated stay.

    Without this `dataset.toml` would tell one formula and most rows follow another.

    Args:
        held: The dataset's tables.
        old: What `dataset.toml` says so far.
        pixel_m: The pixel from now on; None where outlines have that of their own image.
        factor: The factor from now on.
    """
    areas, outlines = held["areas"], held["outlines"]
    if (old.pixel_m, old.area_sd_factor) == (pixel_m, factor) or not len(areas):
        return held, 0
    names = ("lake_key", "date", "source")
    lengths = dict(zip(_keys(outlines, *names), objects(outlines, "perimeter_km"), strict=True))
    errors = objects(areas, "area_sd_km2")
    changed = 0
    for row, name in enumerate(_keys(areas, *names)):
        length = lengths.get(name)
        if length is None:
            continue
        own = _pixel(errors[row], length, old)
        pixel = pixel_m if pixel_m is not None else own
        if pixel is None or (own is None and not absent(errors[row])):
            continue
        error = mapping_error(length, pixel, factor)
        changed += error != errors[row]
        errors[row] = error
    return held | {"areas": areas.assign(area_sd_km2=np.array(errors, dtype=object))}, changed


def _keys(rows: pd.DataFrame, *names: str) -> list[tuple[object, ...]]:
    return list(zip(*(objects(rows, name) for name in names), strict=True))


def _pixel(error: float | None, length: float, old: DatasetMeta) -> float | None:
    """The pixel that an error was worked out from; None where there is none, or the input stated it."""
    pixels = SENSOR_PIXELS if old.pixel_m is None else (old.pixel_m,)
    if error is None:
        return None
    return next((p for p in pixels if math.isclose(error, mapping_error(length, p, old.area_sd_factor), rel_tol=CLOSE)), None)
