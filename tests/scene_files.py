"""GeoTIFFs as users have them, made by rasterio itself, for the tests of `data.scenes`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.transform import Affine

from data.rasters.grid import Grid
from tests.scene_dataset import lake_grid

SIX = ("blue", "green", "red", "nir", "swir1", "swir2")


def small_grid(lake_key: int, size: int = 128, shift: int = 0) -> Grid:
    """`size`² pixels of 10 m about a lake of the small dataset, moved east by `shift` pixels."""
    grid = lake_grid(lake_key)
    a, b, c, d, e, f = grid.transform
    start = (grid.width - size) // 2
    return Grid(grid.crs, (a, b, c + a * (start + shift), d, e, f + e * start), size, size)


def numbers(count: int, grid: Grid, seed: int = 0, low: int = 8000, high: int = 20000) -> np.ndarray:
    """(B, H, W) uint16 that no two bands share."""
    return np.random.default_rng(seed).integers(low, high, (count, *grid.shape)).astype(np.uint16)


def write_tiff(
    path: Path, values: np.ndarray, grid: Grid, names: Sequence[str] = (), tags: dict[str, str] | None = None, **told: Any
) -> Path:
    """A plain GeoTIFF. `told` may give nodata, scales and offsets."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scales, offsets = told.pop("scales", None), told.pop("offsets", None)
    plain: dict[str, Any] = {
        "driver": "GTiff", "count": len(values), "height": values.shape[1], "width": values.shape[2], "dtype": values.dtype.name,
        "crs": grid.crs or None, "transform": Affine(*grid.transform), **told,
    }  # fmt: skip
    with rasterio.open(path, "w", **plain) as dataset:
        dataset.write(values)
        if names:
            dataset.descriptions = tuple(names)
        if tags:
            dataset.update_tags(**tags)
        if scales is not None:
            dataset.scales = scales
        if offsets is not None:
            dataset.offsets = offsets
    return path


def physical(path: Path) -> np.ndarray:
    """(B, H, W) float64 of a file by rasterio alone: number × scale + offset, NaN where the file's mask says so."""
    with rasterio.open(path) as dataset:
        values = dataset.read().astype(np.float64)
        scales, offsets = (np.array(each)[:, None, None] for each in (dataset.scales, dataset.offsets))
        return np.where(dataset.read_masks() > 0, values * scales + offsets, np.nan)
