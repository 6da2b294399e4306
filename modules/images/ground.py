"""Where a scene lies, what is known to lie in it, and the square about its lake."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from pyproj.exceptions import ProjError
from shapely.geometry.base import BaseGeometry

from data.bounded import Bounded
from data.errors import RasterError
from data.rasters.grid import Grid
from data.records import Scene
from data.store import Store

Box = tuple[int, int, int, int]

MARGIN = 0.35
"""Of the lake's longer side, left free on each side of it in the square about it."""
LEAST = 48
"""px: least side of that square."""
STRAY = 0.25
"""px by which a drawn outline may stray from the stored one."""
LAID = 2 * 2**20
"""Bytes kept of what lies in scenes, in JSON: it is the same on all dates of a lake that share a grid."""
DATASETS = 4
"""Datasets whose outlines are kept at hand."""


class Outlines:
    """The newest outlines of all lakes of a dataset, found by place."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @cached_property
    def _tree(self) -> tuple[shapely.STRtree, np.ndarray]:
        shapes = shapely.from_wkb(np.array([raw or None for raw in self._store.newest_outlines], dtype=object), on_invalid="ignore")
        return shapely.STRtree(shapes), shapes

    def within(self, area: BaseGeometry, but: int | None) -> list[BaseGeometry]:
        """Outlines (lon/lat) that touch an area, without that of the lake in row `but`."""
        tree, shapes = self._tree
        return [shapes[row] for row in sorted(tree.query(area, "intersects").tolist()) if row != but]


class Grounds:
    """Tells where scenes lie; keeps the outlines of the datasets asked for last."""

    def __init__(self) -> None:
        self._outlines: Bounded[Outlines] = Bounded(DATASETS, lambda _: 1)
        self._laid: Bounded[str] = Bounded(LAID, len)

    def ground(self, store: Store, scene: Scene, grid: Grid, bands: tuple[str, ...]) -> bytes:
        """The JSON of `modules.image_urls.ground_url`. Raises RasterError where the CRS of the scene cannot be used."""
        laid = self._laid.made((store.digest, scene.lake_key, grid, scene.pixel_m), lambda: self._lie(store, scene, grid))
        return f'{{"bands":{json.dumps(bands)},{laid[1:]}'.encode()

    def _lie(self, store: Store, scene: Scene, grid: Grid) -> str:
        pixel, north = (grid.pixel_m, grid.north) if grid.crs else (scene.pixel_m, math.nan)
        told: dict[str, Any] = {
            "width": grid.width, "height": grid.height, "pixel_m": _number(pixel), "north": _number(north),
            "lake": None, "outlines": [], "neighbours": [],
        }  # fmt: skip
        if grid.crs:
            told["lake"] = lake_square(store, scene, grid)
            told["outlines"] = dated_outlines(store, scene, grid)
            told["neighbours"] = self._neighbours(store, scene, grid)
        return json.dumps(told, separators=(",", ":"), allow_nan=False)

    def _neighbours(self, store: Store, scene: Scene, grid: Grid) -> list[list[list[float]]]:
        frame = shapely.box(0, 0, grid.width, grid.height)
        area = on_the_ground(grid, shapely.segmentize(frame, max(grid.shape) / 8))
        row = store.row_of(scene.lake_key) if scene.lake_key is not None else None
        found = self._outlines.made(store.digest, lambda: Outlines(store)).within(area, row)
        return [ring for shape in found for ring in rings(drawable(grid, shape))]


def lake_outline(store: Store, scene: Scene, grid: Grid) -> BaseGeometry | None:
    """The newest outline of the scene's lake in px, None where there is none."""
    row = store.row_of(scene.lake_key) if scene.lake_key is not None else None
    raw = store.newest_outlines[row] if row is not None else None
    return in_pixels(grid, shapely.from_wkb(raw)) if raw is not None and grid.crs else None


def dated_outlines(store: Store, scene: Scene, grid: Grid) -> list[dict[str, Any]]:
    """Every outline of the scene's lake in px, by date."""
    if scene.lake_key is None:
        return []
    rows = store.outlines(scene.lake_key).sort_values("date", kind="stable")
    return [
        {"date": day.date().isoformat(), "source": source, "rings": rings(drawable(grid, shapely.from_wkb(raw)))}
        for day, source, raw in zip(rows["date"], rows["source"], rows["geometry"], strict=True)
    ]


def lake_square(store: Store, scene: Scene, grid: Grid) -> Box | None:
    """(left, top, right, bottom) px: a square about all outlines of the scene's lake with a margin, inside the scene where it fits.

    None where the lake has no outline, or none inside the scene.
    """
    newest = lake_outline(store, scene, grid)
    if newest is None:
        return None
    older = (
        [in_pixels(grid, shapely.from_wkb(raw)) for raw in store.outlines(scene.lake_key)["geometry"]] if scene.lake_key is not None else []
    )
    left, top, right, bottom = shapely.total_bounds(np.array([newest, *older], dtype=object))
    if not (left < grid.width and top < grid.height and right > 0 and bottom > 0):
        return None
    side = min(max(math.ceil(max(right - left, bottom - top) * (1 + 2 * MARGIN)), LEAST), *grid.shape)
    x, y = round((left + right - side) / 2), round((top + bottom - side) / 2)
    x, y = min(max(x, 0), grid.width - side), min(max(y, 0), grid.height - side)
    return x, y, x + side, y + side


def in_pixels(grid: Grid, shape: BaseGeometry) -> BaseGeometry:
    """An outline (lon/lat) in px. Raises RasterError where the CRS of the grid cannot be used."""
    return _moved(grid.to_pixels, shape)


def on_the_ground(grid: Grid, shape: BaseGeometry) -> BaseGeometry:
    """A geometry (px) in longitude and latitude. Raises RasterError as `in_pixels` does."""
    return _moved(grid.to_lonlat, shape)


def _moved(move: Callable[[BaseGeometry], BaseGeometry], shape: BaseGeometry) -> BaseGeometry:
    try:
        return move(shape)
    except ProjError as error:
        raise RasterError(
            f"its coordinate reference system cannot be used: {error}", "add the right one: gdal_edit.py -a_srs EPSG:…"
        ) from error


def drawable(grid: Grid, shape: BaseGeometry) -> BaseGeometry:
    """An outline (lon/lat) in px, with no more corners than can be seen."""
    return shapely.simplify(in_pixels(grid, shape), STRAY)


def rings(shape: BaseGeometry) -> list[list[list[float]]]:
    """Exterior and interior rings of a (multi)polygon, to a hundredth of a pixel."""
    found: list[list[list[float]]] = []
    for part in shapely.get_parts(shape):
        if part.geom_type == "Polygon" and not part.is_empty:
            found += [np.round(shapely.get_coordinates(ring), 2).tolist() for ring in (part.exterior, *part.interiors)]
    return found


def _number(value: float) -> float | None:
    return round(float(value), 4) if math.isfinite(value) else None
