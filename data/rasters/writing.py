"""Writing GeoTIFFs as Moraine keeps them: cloud-optimised, deflated, in 128-px tiles with one overview, equal input to equal bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.io import DatasetReader, MemoryFile
from rasterio.transform import Affine

from data.cache import write_atomic
from data.rasters.grid import Grid
from data.rasters.probability import UNKNOWN

SCALE = 0.0001
"""Reflectance of one step of a stored scene, unless another is asked for."""
DIGEST = "MORAINE_SHA256"
"""Tag: SHA-256 of the pixels as stored, (B, H, W) in C order, little-endian; one flipped byte in a GeoTIFF often reads as other data."""
HEADER = "MORAINE_HEADER_SHA256"
"""Tag: `header_digest`. A flipped byte there moves a scene, or scales it. Files that Moraine wrote before it had this tag have none."""
WITH_HEADER = "+header"
"""What DIGEST ends with in a file that has HEADER too: a flipped byte in a tag's name must not pass for an older file."""
LAYOUT = {
    "driver": "COG", "blocksize": 128, "compress": "DEFLATE", "level": 6, "predictor": "YES", "overview_count": 1,
    "overviews": "IGNORE_EXISTING", "num_threads": 1,
}  # fmt: skip
COMPACT = {"driver": "COG", "blocksize": 256, "compress": "DEFLATE", "level": 9, "predictor": "YES", "overviews": "NONE", "num_threads": 1}
"""The layout of packs. An overview is a quarter of a file, and is missed only where a side has more than UNHALVED pixels."""
UNHALVED = 1024


def pixel_digest(stored: NDArray[np.generic]) -> str:
    """SHA-256 (hex) of stored pixels, (B, H, W) or (H, W)."""
    return hashlib.sha256(np.ascontiguousarray(stored, dtype=stored.dtype.newbyteorder("<")).data).hexdigest()


def header_digest(dataset: DatasetReader) -> str:
    """SHA-256 (hex) of what a raster says of its pixels: size, kind, place, scales, no data, names, and their digest."""
    known = dataset.crs
    told = (
        dataset.tags().get(DIGEST, ""), dataset.count, dataset.width, dataset.height, dataset.dtypes, dataset.transform[:6],
        known.to_epsg() if known else "", dataset.scales, dataset.offsets, dataset.nodatavals,
        [name or "" for name in dataset.descriptions],
    )  # fmt: skip
    return hashlib.sha256(repr(told).encode()).hexdigest()


def write_scene(path: Path, reflectance: NDArray[np.floating], bands: Sequence[str], grid: Grid, scale: float = SCALE) -> None:
    """Write reflectance atomically as uint16; NaN becomes 0, which means no data, and what would round to 0 becomes one step.

    Args:
        path: The file to make.
        reflectance: (B, H, W), 0 to 65535 × scale; what lies outside is clipped.
        bands: (B,) names.
        grid: Of the pixels.
        scale: Reflectance of one step.
    """
    steps = np.rint(np.clip(np.nan_to_num(reflectance, nan=0.0) / scale, 1, 65535)).astype(np.uint16)
    steps[np.isnan(reflectance)] = 0
    _write(path, steps, grid, bands, nodata=0, scale=scale, resampling="average")


def write_floats(path: Path, values: NDArray[np.floating], bands: Sequence[str], grid: Grid) -> None:
    """Write (B, H, W) float32 atomically (indices, elevation in m); NaN means no data."""
    _write(path, values.astype(np.float32), grid, bands, nodata=float("nan"), scale=None, resampling="average")


def write_picture(path: Path, values: NDArray[np.uint8], bands: Sequence[str], grid: Grid, nodata: float | None) -> None:
    """Write an 8-bit picture (B, H, W) atomically, its numbers as they are; `nodata` is None where every number is one."""
    _write(path, values, grid, bands, nodata=nodata, scale=None, resampling="average")


def write_mask(path: Path, stored: NDArray[np.uint8], grid: Grid, *, compact: bool = False) -> None:
    """Write a mask (H, W) atomically in the bytes of `data.rasters.probability`; `compact`: as packs have it."""
    _write(path, stored[None], grid, ["water"], nodata=UNKNOWN, scale=None, resampling="nearest", compact=compact)


def write_steps(
    path: Path,
    steps: NDArray[np.uint8] | NDArray[np.uint16],
    bands: Sequence[str],
    grid: Grid,
    *,
    scale: Sequence[float],
    offset: Sequence[float],
) -> None:
    """Write (B, H, W) whole numbers atomically as packs have them: value = number × scale + offset of its band, 0 is no data."""
    _write(path, steps, grid, bands, nodata=0, scale=scale, offset=offset, resampling="average", compact=True)


def _write(
    path: Path,
    stored: NDArray[np.generic],
    grid: Grid,
    bands: Sequence[str],
    *,
    nodata: float | None,
    scale: float | Sequence[float] | None,
    resampling: str,
    offset: Sequence[float] | None = None,
    compact: bool = False,
) -> None:
    count, height, width = stored.shape
    plain: dict[str, Any] = {
        "driver": "GTiff", "width": width, "height": height, "count": count, "dtype": stored.dtype.name, "nodata": nodata,
        "crs": grid.crs or None, "transform": Affine(*grid.transform),
    }  # fmt: skip
    with rasterio.Env(GDAL_NUM_THREADS="1"), MemoryFile() as memory:
        with memory.open(**plain) as draft:
            draft.write(stored)
            draft.descriptions = tuple(bands)
            draft.update_tags(**{DIGEST: pixel_digest(stored) + WITH_HEADER})
            if scale is not None:
                draft.scales = (scale,) * count if isinstance(scale, int | float) else tuple(scale)
            if offset is not None:
                draft.offsets = tuple(offset)
        # Opened again, so that its CRS is what a GeoTIFF can say of it.
        with rasterio.open(memory.name, "r+") as draft:
            draft.update_tags(**{HEADER: header_digest(draft)})
        layout = COMPACT if compact and max(height, width) <= UNHALVED else LAYOUT
        with memory.open() as draft:
            write_atomic(path, lambda temporary: _copy(draft, temporary, resampling, layout))


def _copy(draft: DatasetReader, target: Path, resampling: str, layout: dict[str, Any]) -> None:
    from rasterio.shutil import copy  # noqa: PLC0415

    copy(draft, target, overview_resampling=resampling, **layout)
