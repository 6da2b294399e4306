"""Reading one mask as it was given, and bringing it onto the grid of its scene; nothing is quantised here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.transform import Affine
from rasterio.warp import reproject

from data.errors import RasterError
from data.rasters.grid import Grid
from data.rasters.reading import header, opened

MOST_PIXELS = 2**24
"""Of one mask: 4096². Every step holds a few arrays of that size."""
NO_PLACE = ((1, 0, 0, 0, 1, 0), (1, 0, 0, 0, -1, 0))
"""Transforms of files that say nothing of where they lie."""
FINER = 1.5
"""Pixels of the scene this many times as wide as the mask's average it."""
HOW = {
    (Resampling.nearest, True): "nearest", (Resampling.average, True): "what most of a pixel is",
    (Resampling.bilinear, False): "bilinear", (Resampling.average, False): "average",
}  # fmt: skip


def raw_values(path: Path) -> tuple[NDArray[np.generic], NDArray[np.bool_]]:
    """(H, W) the values of a mask in the type of the file (scale and offset applied, where it has any), and where there is none.

    A nodata value of 0 is taken for a value: where masks declare it, it is their background.

    Raises:
        RasterError: It cannot be read, has several bands, complex values, or more than MOST_PIXELS.
    """
    with opened(path) as dataset:
        if dataset.count != 1:
            raise RasterError(f"{path} has {dataset.count} bands, a mask has one", "keep the band of water, e.g. gdal_translate -b 1")
        _refuse_large(path, dataset.width, dataset.height)
        if np.dtype(dataset.dtypes[0]).kind not in "uif":
            raise RasterError(f"{path} holds {dataset.dtypes[0]}", "store it as bytes or floats")
        read = dataset.read(1, masked=dataset.nodata != 0)
        values, absent = np.asarray(np.ma.getdata(read)), np.ma.getmaskarray(read).copy()
        if (dataset.scales[0], dataset.offsets[0]) != (1, 0):
            values = values * dataset.scales[0] + dataset.offsets[0]
    return values, absent | ~np.isfinite(values)


def grid_of(path: Path) -> Grid:
    """Where the pixels of a mask or of its scene lie. Raises RasterError where it cannot be read, or has more than MOST_PIXELS."""
    grid = header(path).grid
    _refuse_large(path, grid.width, grid.height)
    return grid


def _refuse_large(path: Path, width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise RasterError(f"{path} has {width:,} × {height:,} pixels", "cut it to its lake's surroundings")


def onto(values: NDArray[np.floating], given: Grid, target: Grid, binary: bool) -> tuple[NDArray[np.floating], str]:
    """Values on the grid of the scene, in the type they had, and what was done to them in words (empty where nothing was).

    Args:
        values: (H, W) floats, NaN where nothing is known.
        given: Their grid.
        target: The scene's.
        binary: Whether they are 0 or 1, and stay so: the nearest, or what most of a pixel is. Probabilities are interpolated, or averaged.

    Values much finer than the scene are averaged over each of its pixels, by the share of it that they cover; else most would be lost.

    Returns:
        (H', W'), NaN beyond the mask's edges.

    Raises:
        RasterError: Nobody knows where the mask lies, and it has not the scene's size.
    """
    if target.same(given):
        return values, ""
    if not given.crs or not target.crs:
        if given.shape != target.shape or (given.transform not in NO_PLACE and target.transform not in NO_PLACE):
            raise RasterError(
                f"the mask ({given.width} × {given.height} px) or its scene ({target.width} × {target.height} px) has no coordinate system",
                "write the mask with its CRS and transform",
            )
        return values, "without a place of its own: taken pixel for pixel, as its size is the scene's"
    way = _way(given, target, binary)
    out = np.full(target.shape, np.nan, dtype=values.dtype)
    reproject(
        values, out, src_transform=Affine(*given.transform), src_crs=given.crs, src_nodata=np.nan, dst_transform=Affine(*target.transform),
        dst_crs=target.crs, dst_nodata=np.nan, resampling=way, num_threads=1,
    )  # fmt: skip
    if binary and way is Resampling.average:
        out = np.where(np.isnan(out), out, out > 0.5).astype(values.dtype)
    return out, f"resampled ({HOW[way, binary]}) from {given.width} × {given.height} px of {given.pixel_m:.3g} m"


def _way(given: Grid, target: Grid, binary: bool) -> Resampling:
    if target.pixel_m > FINER * given.pixel_m:
        return Resampling.average
    return Resampling.nearest if binary else Resampling.bilinear
