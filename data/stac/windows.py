"""Where on a tile a lake lies, and the pixels of a file at given places."""

from __future__ import annotations

import math

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import ProjError
from rasterio.features import rasterize
from rasterio.io import DatasetReader
from rasterio.windows import Window
from shapely.geometry.base import BaseGeometry

from data.rasters.grid import Grid
from data.rasters.judging import MOST_BYTES
from data.rasters.reading import grid_of
from data.stac.errors import CatalogueError, plain

LEAST_M = 2560.0
"""Least width and height of a scene, m: 256 pixels of 10 m."""
MOST_PIXELS = 3000
"""Longest side of a scene, px; wider lakes are not fetched."""
FARTHEST = 1e8
"""px; no tile has a lake so far from its corner."""


def scene_grid(finest: Grid, coarsest: float, place: BaseGeometry) -> Grid:
    """The pixels of a scene: a part of the tile's own lattice, which may reach beyond the tile's edge.

    Args:
        finest: Of the tile's finest band.
        coarsest: Side of the coarsest band's pixel, in units of the CRS; the scene begins on such a pixel.
        place: What the scene must hold, longitude and latitude.

    Raises:
        CatalogueError: The place is wider than MOST_PIXELS, or the tile is not laid out north up in a known CRS.
    """
    a, b, c, d, e, f = finest.transform
    left, top, right, bottom = _bounds(finest, place)
    step = max(1, round(coarsest / abs(a)))
    low, high = zip(_span(left, right, abs(a), step), _span(top, bottom, abs(e), step), strict=True)
    width, height = high[0] - low[0], high[1] - low[1]
    if max(width, height) > MOST_PIXELS:
        raise CatalogueError(
            f"the scene would have {width:,} × {height:,} pixels", "fetch large lakes with a smaller --buffer, or elsewhere"
        )
    return Grid(finest.crs, (a, b, a * low[0] + b * low[1] + c, d, e, d * low[0] + e * low[1] + f), width, height)


def _bounds(grid: Grid, place: BaseGeometry) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a place (longitude and latitude) in pixels of a north-up grid."""
    a, b, _, d, e, _ = grid.transform
    if b or d or a <= 0 or e >= 0 or not grid.crs:
        raise CatalogueError("the file is not laid out north up in a known CRS", "use another catalogue")
    try:
        bounds = grid.to_pixels(place).bounds
    except ProjError:
        bounds = ()
    if len(bounds) != 4 or not all(math.isfinite(edge) and abs(edge) < FARTHEST for edge in bounds):
        raise CatalogueError("the file lies far from the lake", "use another catalogue")
    return bounds[0], bounds[1], bounds[2], bounds[3]


def _span(low: float, high: float, pixel: float, step: int) -> tuple[int, int]:
    """First and end pixel, in whole steps, that hold low to high and are LEAST_M long at least."""
    spare = max(0.0, LEAST_M / pixel - (high - low)) / 2
    first = int(np.floor((low - spare) / step)) * step
    return first, first + int(np.ceil(max((high + spare - first), LEAST_M / pixel) / step)) * step


def lake_pixels(grid: Grid, lake: BaseGeometry) -> NDArray[np.bool_]:
    """(H, W) the pixels that a lake (longitude and latitude) touches."""
    return np.asarray(rasterize([grid.to_pixels(lake)], out_shape=grid.shape, all_touched=True, dtype="uint8"), dtype=bool)


def lake_grid(whole: Grid, lake: BaseGeometry) -> Grid:
    """The part of a lattice that a lake (longitude and latitude) touches. Raises CatalogueError as `scene_grid` does."""
    left, top, right, bottom = _bounds(whole, lake)
    low, high = np.floor([left, top]).astype(int), np.floor([right, bottom]).astype(int) + 1
    width, height = (high - low).tolist()
    if max(width, height) > MOST_PIXELS:
        raise CatalogueError(f"the lake has {width:,} × {height:,} pixels", "leave it out with --lakes")
    a, b, c, d, e, f = whole.transform
    x, y = float(low[0]), float(low[1])
    return Grid(whole.crs, (a, b, a * x + b * y + c, d, e, d * x + e * y + f), width, height)


def sampled(dataset: DatasetReader, target: Grid, outside: int, what: str) -> NDArray[np.generic]:
    """The stored number at each pixel centre of a grid in the same CRS: (H, W), `outside` beyond the file.

    Coarser files repeat their pixels: nothing is interpolated, each number was measured.

    Args:
        dataset: Band 1 is read, only as much as lies within the target.
        target: Where.
        outside: The number for places outside the file.
        what: The file's address, for messages.

    Raises:
        CatalogueError: The file has another CRS, is turned, or is so much finer that the place holds more than MOST_BYTES of it.
    """
    own = grid_of(dataset)
    turned = any(grid.transform[1] or grid.transform[3] or grid.transform[0] <= 0 or grid.transform[4] >= 0 for grid in (own, target))
    if turned or not own.crs or own.crs != target.crs:
        raise CatalogueError(f"{plain(what)} is not laid out north up in {target.crs or 'a known CRS'}", "use another catalogue")
    columns, rows = _places(own, target)
    inside_x, inside_y = (columns >= 0) & (columns < own.width), (rows >= 0) & (rows < own.height)
    values = np.full(target.shape, outside, dtype=dataset.dtypes[0])
    if inside_x.any() and inside_y.any():
        x, y = columns[inside_x], rows[inside_y]
        if (x[-1] - x[0] + 1) * (y[-1] - y[0] + 1) * values.itemsize > MOST_BYTES:
            raise CatalogueError(f"{plain(what)} has far finer pixels than its neighbours", "use another catalogue")
        part = Window(int(x[0]), int(y[0]), int(x[-1] - x[0] + 1), int(y[-1] - y[0] + 1))  # pyright: ignore[reportCallIssue]
        read = dataset.read(1, window=part)
        values[np.ix_(inside_y, inside_x)] = read[np.ix_(y - y[0], x - x[0])]
    return values


def _places(own: Grid, target: Grid) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Columns and rows of a file, both ascending, under the pixel centres of a north-up grid."""
    across, down = np.zeros((target.width, 2)), np.zeros((target.height, 2))
    across[:, 0], down[:, 1] = np.arange(target.width) + 0.5, np.arange(target.height) + 0.5
    x, y = own.from_crs(target.to_crs(across))[:, 0], own.from_crs(target.to_crs(down))[:, 1]
    return np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)


def buffered(lake: BaseGeometry, degrees: float) -> BaseGeometry:
    """A lake with its surroundings, longitude and latitude."""
    return shapely.box(*lake.bounds).buffer(degrees, join_style="mitre") if degrees > 0 else lake
