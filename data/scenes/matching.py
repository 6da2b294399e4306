"""Which lake a scene shows. Ids are not unique: what overlap does not decide is listed, never guessed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import ProjError
from shapely.geometry.base import BaseGeometry

from data.known_lakes import KnownLakes, lake_names
from data.problems import Problem
from data.rasters.grid import Grid
from data.rasters.own import reached
from data.scenes.wish import Given
from data.store import Store

WHOLE = 0.999
"""Share of an outline inside a scene from which on the scene holds all of it."""


@dataclass(frozen=True)
class Match:
    """The lake of a scene.

    Args:
        lake_key: None for a scene that shows none in particular.
        label: What names its file: the lake's id, or the file's own name.
        outline: The lake's newest, longitude and latitude; None where it has none.
    """

    lake_key: int | None
    label: str
    outline: BaseGeometry | None = None


class Matcher:
    """The lakes of a dataset, by what scenes say of them.

    Args:
        store: The dataset.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lakes = KnownLakes(store)

    def outline(self, lake_key: int) -> BaseGeometry | None:
        """The newest outline of a lake, mended; None where it has none."""
        return self._lakes.outline(lake_key)

    def match(self, given: Given, grid: Grid) -> Match | Problem:
        """The lake that a scene shows, None in particular where nothing names one."""
        if given.lake_key is None and not given.lake_id:
            return Match(None, given.stem)
        if given.lake_key is not None:
            if self._store.row_of(given.lake_key) is None:
                return Problem(given.name, "unmatched", f"no lake has the lake_key {given.lake_key}")
            lakes = [given.lake_key]
        else:
            lakes = self._lakes.called(given.lake_id)
        if not lakes:
            return Problem(
                given.name, "unmatched", f"no lake has the id {given.lake_id!r}: name it <GL_ID>_<yyyy-mm-dd>.tif, or use --table"
            )
        if given.day is None and given.lake_key is None and given.lake_id == given.stem:
            return Problem(given.name, "unmatched", "its name holds no day: name it <GL_ID>_<yyyy-mm-dd>.tif, or use --table")
        if not grid.crs:
            return Problem(given.name, "refused", "it has no coordinate reference system: add it, gdal_edit.py -a_srs EPSG:…")
        return self._decided(given, grid, lakes)

    def _decided(self, given: Given, grid: Grid, lakes: list[int]) -> Match | Problem:
        shares = {key: self._inside(key, grid) for key in lakes}
        reached_keys = [key for key, share in shares.items() if share is None or share > 0]
        if not reached_keys:
            return Problem(given.name, "unmatched", f"it does not cover the outline of {lake_names(lakes)}: it shows another place")
        if len(reached_keys) > 1:
            whole = [key for key in reached_keys if (share := shares[key]) is not None and share >= WHOLE]
            if len(whole) != 1:
                shown = "several of them" if whole else "none of them whole"
                what = f"the id {given.lake_id} belongs to {lake_names(lakes)}, and it shows {shown}"
                return Problem(given.name, "ambiguous", f"{what}: name the lake_key in a table (--table)")
            reached_keys = whole
        key = reached_keys[0]
        row = self._store.row_of(key)
        assert row is not None
        return Match(key, self._store.ids[row] or f"lake-{key}", self.outline(key))

    def _inside(self, lake_key: int, grid: Grid) -> float | None:
        """Share of a lake's outline inside a scene; None where the lake has no outline, so that nobody can tell."""
        outline = self.outline(lake_key)
        if outline is None:
            return None
        return inside(outline, grid)


def inside(outline: BaseGeometry, grid: Grid) -> float:
    """Share of an outline (longitude and latitude) that lies in a raster, 0 to 1."""
    try:
        drawn = grid.to_pixels(outline)
    except ProjError:
        return 0.0
    if not np.isfinite(shapely.get_coordinates(drawn)).all():
        return 0.0
    frame = shapely.box(0, 0, grid.width, grid.height)
    if drawn.area == 0:
        return float(drawn.intersects(frame))
    return float(shapely.make_valid(drawn).intersection(frame).area / drawn.area)


def seen(valid: NDArray[np.bool_], outline: BaseGeometry, grid: Grid) -> float:
    """Share of a lake that has data: of the pixels that its outline touches, those beyond the scene's edge among them.

    Args:
        valid: (H, W) where there is data.
        outline: Longitude and latitude.
        grid: Of the scene.
    """
    touched = reached(grid.to_pixels(outline), grid.shape, 0)
    if not touched.any():
        return 0.0
    share = inside(outline, grid)
    return float(valid[touched].mean()) * (share if share < WHOLE else 1.0)
