"""Hillshade of a scene's elevation model, on the scene's own grid."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import ProjError
from rasterio.crs import CRS
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.transform import Affine
from rasterio.warp import reproject

from data.errors import RasterError
from data.rasters.grid import Grid
from data.rasters.reading import Raster, header, read
from data.records import Scene
from data.store import Store
from modules.image_urls import LARGEST
from modules.images.colours import hatch
from modules.images.faults import require

AZIMUTHS = (225.0, 270.0, 315.0, 360.0)
ALTITUDE = 45.0
LEVEL = 1e-12
"""Squared slope up to which the ground counts as level: it faces nowhere."""
MARGIN = 3
"""px of the elevation model read beyond the scene."""


def hillshade_of(
    store: Store, scene: Scene, grid: Grid, window: tuple[int, int, int, int] | None = None, largest: int = LARGEST
) -> NDArray[np.uint8]:
    """(H, W, 3) grey of the whole scene or a window of it (px), at most `largest` px a side; hatched where no elevation is known.

    Raises:
        MissingError: The elevation model is missing.
        RasterError: The scene has none, it cannot be read, does not cover it, or either lacks a CRS.
    """
    if scene.dem is None:
        require(store, scene, scene.path)
        raise RasterError(
            "no elevation model belongs to this scene", "name one in the column dem of scenes.parquet, or choose another look"
        )
    require(store, scene, scene.dem)
    left, top, right, bottom = window or (0, 0, grid.width, grid.height)
    target = _part(grid, (max(left, 0), max(top, 0), min(right, grid.width), min(bottom, grid.height)), largest)
    try:
        heights = _on_grid(_around(scene, target), target)
    except (ProjError, RasterioError) as error:
        raise RasterError(f"{scene.dem} cannot be laid under the scene: {error}", "check the CRS of both") from error
    if np.isnan(heights).all():
        raise RasterError(f"{scene.dem} does not cover the scene", "name an elevation model that does")
    shade = hillshade(heights, target.pixel_m)
    grey = np.nan_to_num(shade * 255).astype(np.uint8)
    return hatch(np.stack([grey] * 3, axis=-1), np.isnan(shade))


def hillshade(heights: NDArray[np.float32], pixel: float) -> NDArray[np.float32]:
    """(H, W) light from 0 to 1 on elevations (H, W) in m with pixels of `pixel` m, north up; NaN beside and where they are NaN.

    Slopes by the 3 × 3 weights of Horn 1981, Proc. IEEE 69:14; light from four directions, each weighted by how squarely the slope faces
    it, sin²(aspect − azimuth) (Mark 1992, USGS Open-File Report 92-422): no valley lies in the dark for its direction alone.
    """
    known = heights.astype(np.float32)
    z = np.pad(known, 1, mode="reflect", reflect_type="odd") if min(known.shape) > 1 else np.pad(known, 1, mode="edge")
    across = (z[:-2, 2:] + 2 * z[1:-1, 2:] + z[2:, 2:] - z[:-2, :-2] - 2 * z[1:-1, :-2] - z[2:, :-2]) / (8 * pixel)
    down = (z[2:, :-2] + 2 * z[2:, 1:-1] + z[2:, 2:] - z[:-2, :-2] - 2 * z[:-2, 1:-1] - z[:-2, 2:]) / (8 * pixel)
    steep = np.maximum(across**2 + down**2, np.float32(LEVEL))
    flat, tall = np.float32(np.cos(np.radians(ALTITUDE))), np.float32(np.sin(np.radians(ALTITUDE)))
    shade = np.zeros_like(steep)
    for azimuth in np.radians(AZIMUTHS):
        east, north = np.float32(np.sin(azimuth)), np.float32(np.cos(azimuth))
        # The slope looks east by -across and north by down: its aspect needs no arc tangent.
        weight = (across * north + down * east) ** 2 / steep
        shade += weight * np.clip(tall + flat * (down * north - across * east), 0, None)
    return np.where(steep > LEVEL, shade / (2 * np.sqrt(1 + steep)), tall + 0 * steep)


def _part(grid: Grid, window: tuple[int, int, int, int], largest: int) -> Grid:
    left, top, right, bottom = window
    if right <= left or bottom <= top:
        raise RasterError("the window asked for has no pixel of it", "ask for a place inside the scene")
    shrink = max(1.0, max(right - left, bottom - top) / largest)
    width, height = max(1, round((right - left) / shrink)), max(1, round((bottom - top) / shrink))
    a, b, c, d, e, f = grid.transform
    across, down = (right - left) / width, (bottom - top) / height
    moved = (a * across, b * down, a * left + b * top + c, d * across, e * down, d * left + e * top + f)
    return Grid(grid.crs, moved, width, height)


def _around(scene: Scene, target: Grid) -> Raster:
    assert scene.dem is not None
    whole = header(scene.dem).grid
    if not whole.crs or not target.crs:
        lacking = scene.dem if not whole.crs else scene.path
        raise RasterError(f"{lacking} has no coordinate reference system", "add it: gdal_edit.py -a_srs EPSG:…")
    edge = shapely.segmentize(shapely.box(0, 0, target.width, target.height), max(target.shape) / 8)
    left, top, right, bottom = whole.to_pixels(target.to_lonlat(edge)).bounds
    if not np.isfinite([left, top, right, bottom]).all():
        raise RasterError(f"{scene.dem} does not cover the scene", "name an elevation model that does")
    window = (int(left) - MARGIN, int(top) - MARGIN, int(right) + 1 + MARGIN, int(bottom) + 1 + MARGIN)
    if right <= 0 or bottom <= 0 or left >= whole.width or top >= whole.height:
        raise RasterError(f"{scene.dem} does not cover the scene", "name an elevation model that does")
    first = header(scene.dem).bands[:1]
    return read(scene.dem, first, window, largest=2 * max(target.shape))


def _on_grid(dem: Raster, target: Grid) -> NDArray[np.float32]:
    heights = np.full(target.shape, np.nan, dtype=np.float32)
    reproject(
        dem.values[0], heights, src_transform=Affine(*dem.grid.transform), src_crs=CRS.from_user_input(dem.grid.crs), src_nodata=np.nan,
        dst_transform=Affine(*target.transform), dst_crs=CRS.from_user_input(target.crs), dst_nodata=np.nan,
        resampling=Resampling.cubic, num_threads=1,
    )  # fmt: skip
    return heights
