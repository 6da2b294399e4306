"""The pixels of a scene, in the numbers that they mean, on one grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.transform import Affine
from rasterio.warp import reproject

from data.errors import RasterError
from data.rasters.grid import Grid
from data.rasters.judging import MOST_BYTES
from data.rasters.reading import read_stored
from data.rasters.writing import write_floats, write_picture, write_scene
from data.scenes.headers import Header, Told
from data.scenes.meaning import Meaning
from data.scenes.sensors import REFLECTANCE

MOST, LEAST = 6.5, -1.0
"""Reflectance that 16-bit steps of .0001 hold; numbers beyond are stored as floats."""


@dataclass(frozen=True)
class Pixels:
    """A scene in memory.

    Args:
        values: (B, H, W) float32, NaN where there is no data; or uint8 of a picture.
        bands: (B,) names.
        grid: Of the pixels.
        nodata: Of a picture, None where every number is one.
        note: What was done to files on another grid, empty where nothing was.
    """

    values: NDArray[np.float32] | NDArray[np.uint8]
    bands: tuple[str, ...]
    grid: Grid
    nodata: float | None = None
    note: str = ""

    @property
    def valid(self) -> NDArray[np.bool_]:
        """(H, W) where every band of reflectance (every band, where none is) has data."""
        chosen = [place for place, band in enumerate(self.bands) if band in REFLECTANCE] or list(range(len(self.bands)))
        if self.values.dtype == np.uint8:
            none = np.zeros(self.values.shape[1:], dtype=bool)
            return ~none if self.nodata is None else np.logical_or.reduce(self.values[chosen] != self.nodata, initial=False)
        return np.logical_and.reduce(np.isfinite(self.values[chosen]), initial=True)


def finest(headers: Sequence[Header]) -> Grid:
    """The grid of the file with the smallest pixels, the first of several."""
    return min(
        (each.grid for each in headers), key=lambda grid: abs(grid.transform[0] * grid.transform[4] - grid.transform[1] * grid.transform[3])
    )


def pixels(told: Told, means: Sequence[Meaning]) -> Pixels:
    """Read a scene.

    Args:
        told: Its files and bands.
        means: (files,) what their numbers mean.

    Raises:
        RasterError: A file cannot be read, or its files lie in places that cannot be brought together.
    """
    if all(mean.kind == "picture" for mean in means) and len(told.headers) == 1:
        stored = read_stored(told.headers[0].path)
        values = stored.values.astype(np.uint8, copy=False)
        if stored.valid is None:
            return Pixels(values, told.bands, stored.grid, stored.nodata[0])
        return Pixels(np.where(stored.valid, values, 0).astype(np.uint8), told.bands, stored.grid, 0)
    grid = finest(told.headers)
    layers: list[NDArray[np.float32]] = []
    moved: list[str] = []
    named = iter(told.bands)
    for header, mean in zip(told.headers, means, strict=True):
        values, own = physical(header.path, mean, list(islice(named, len(header.described))))
        if not grid.same(own):
            values = _onto(header.path, values, own, grid)
            moved.append(header.path.name)
        layers.append(values)
    note = f"{', '.join(moved)}: nearest pixels on the grid of the finest file" if moved else ""
    return Pixels(np.concatenate(layers), told.bands, grid, note=note)


def physical(
    path: Path,
    mean: Meaning,
    bands: Sequence[str],
    numbers: Sequence[int] | None = None,
    window: tuple[int, int, int, int] | None = None,
) -> tuple[NDArray[np.float32], Grid]:
    """(B, H, W) what a file's numbers mean. Of a satellite product only bands of reflectance are scaled: a classification is not.

    Args:
        path: The file.
        mean: What its numbers mean.
        bands: (B,) names of the bands that are read.
        numbers, window: As of `data.rasters.reading.read_stored`.

    Raises:
        RasterError: As it.
    """
    stored = read_stored(path, numbers, window)
    if mean.scaling is None:
        return stored.physical(), stored.grid
    mine = [not mean.product or band in REFLECTANCE or band.startswith("band ") for band in bands]
    scale = tuple(mean.scaling.scale if scaled else 1.0 for scaled in mine)
    values = replace(stored, scale=scale, offset=tuple(mean.scaling.offset if scaled else 0.0 for scaled in mine)).physical()
    if np.isfinite(mean.scaling.nodata):
        values[(stored.values == mean.scaling.nodata) & np.array(mine)[:, None, None]] = np.nan
    return values, stored.grid


def _onto(path: Path, values: NDArray[np.float32], own: Grid, target: Grid) -> NDArray[np.float32]:
    """Nearest pixels on another grid: nothing is interpolated, each number was measured."""
    if len(values) * target.width * target.height * 4 > MOST_BYTES:
        what = f"{path} would have {target.width:,} × {target.height:,} pixels on the grid of its scene's finest file"
        raise RasterError(what, "write all files of the scene on one grid")
    if not own.crs or not target.crs:
        raise RasterError(f"{path} has another grid than the other files of its scene, and no coordinate system", "write all on one grid")
    out = np.full((len(values), *target.shape), np.nan, dtype=np.float32)
    reproject(
        values, out, src_transform=Affine(*own.transform), src_crs=own.crs, src_nodata=np.nan, dst_transform=Affine(*target.transform),
        dst_crs=target.crs, dst_nodata=np.nan, resampling=Resampling.nearest, num_threads=1,
    )  # fmt: skip
    return out


def write(path: Path, scene: Pixels, means: Sequence[Meaning]) -> None:
    """Write a scene as the dataset keeps it: reflectance in 16-bit steps, a picture in its bytes, anything else in floats."""
    if scene.values.dtype == np.uint8:
        write_picture(path, scene.values.astype(np.uint8, copy=False), scene.bands, scene.grid, scene.nodata)
    elif _is_reflectance(scene, means):
        write_scene(path, scene.values.astype(np.float32, copy=False), scene.bands, scene.grid)
    else:
        write_floats(path, scene.values.astype(np.float32, copy=False), scene.bands, scene.grid)


def _is_reflectance(scene: Pixels, means: Sequence[Meaning]) -> bool:
    unnamed = all(band.startswith("band ") for band in scene.bands)
    if not set(scene.bands) <= REFLECTANCE and not (unnamed and all(mean.kind == "scaled" for mean in means)):
        return False
    held = scene.values[np.isfinite(scene.values)]
    return not len(held) or (float(held.min()) >= LEAST and float(held.max()) <= MOST)
