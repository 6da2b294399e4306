"""The lakes to fetch scenes of, with an outline each."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from data.stac.request import Lake
from data.store import Store

POINT = 0.001
"""Degrees around the point of a lake that has no outline."""


def lakes(store: Store, keys: Iterable[int]) -> tuple[list[Lake], list[int]]:
    """These lakes with their newest outlines, a small circle about the point of one that has none; and the keys of those without both."""
    found: list[Lake] = []
    nowhere: list[int] = []
    for key in keys:
        row = store.row_of(int(key))
        if row is None:
            continue
        outline, about = _outline(store, row)
        if outline is None:
            nowhere.append(int(key))
        else:
            found.append(Lake(int(key), store.labels[row], outline, about))
    return found, nowhere


def _outline(store: Store, row: int) -> tuple[BaseGeometry | None, str]:
    held = store.newest_outlines[row]
    drawn = None if held is None else shapely.make_valid(shapely.from_wkb(held))
    if drawn is not None and not drawn.is_empty:
        return drawn, ""
    lon, lat = (float(store.lakes[name].astype("float64").iloc[row]) for name in ("lon", "lat"))
    if not np.isfinite([lon, lat]).all():
        return None, ""
    return shapely.Point(lon, lat).buffer(POINT), "no outline: judged in a circle about its point"
