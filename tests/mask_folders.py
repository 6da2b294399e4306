"""Folders of masks as other programs leave them, and plain loops that say what must become of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.transform import Affine

from data.masks.intake import take_in
from data.masks.wish import Outcome, Wish
from data.rasters.grid import Grid
from data.rasters.writing import write_scene
from data.store import Store
from tests.datasets import once
from tests.image_cases import Case, plain_chip, write_cases
from tests.scene_dataset import BANDS, SENSOR, SIZE, lake_grid


def write_tif(path: Path, values: np.ndarray, grid: Grid | None = None, **more: Any) -> Path:
    """A plain GeoTIFF of one band; without a grid it lies nowhere."""
    path.parent.mkdir(parents=True, exist_ok=True)
    height, width = values.shape[-2:]
    placed = {} if grid is None else {"crs": grid.crs or None, "transform": Affine(*grid.transform)}
    profile = {"driver": "GTiff", "width": width, "height": height, "count": 1, "dtype": values.dtype.name, "compress": "deflate"}
    with rasterio.open(path, "w", **{**profile, **placed, **more}) as dataset:
        dataset.write(values.reshape(-1, height, width))
    return path


def shifted(grid: Grid, right: float, down: float, shape: tuple[int, int] | None = None, scale: float = 1.0) -> Grid:
    """The grid moved by pixels, of another size, its pixels `scale` times as wide."""
    a, b, c, d, e, f = grid.transform
    height, width = shape or grid.shape
    return Grid(grid.crs, (a * scale, b * scale, c + a * right + b * down, d * scale, e * scale, f + d * right + e * down), width, height)


def taken(dataset: Path, folder: Path, source: str = "unet", **more: Any) -> Outcome:
    """`take_in` without a bar."""
    return take_in(dataset, Wish(folder, source, **more), lambda items, total, what: iter(items), lambda text: None)


DYING = """
import os, signal, sys
from data.masks import keeping
keeping.COMMIT_AFTER = float(sys.argv[2])
left, real = [int(sys.argv[1])], os.replace
def replace(*names):
    left[0] -= 1
    if left[0] < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    real(*names)
os.replace = replace
"""
"""Begins a script that kills itself: after so many files have come into place (argument 1), rows written every so many s (2)."""


def tree(folder: Path) -> dict[str, bytes]:
    """Every file of a folder and what it holds."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def place_of(grid: Grid, other: Grid, row: float, column: float) -> tuple[float, float]:
    """A place of one grid (row, column; centres at .5) on another of the same CRS."""
    a, b, c, d, e, f = grid.transform
    x, y = a * column + b * row + c, d * column + e * row + f
    a, b, c, d, e, f = other.transform
    size = a * e - b * d
    return (a * (y - f) - d * (x - c)) / size, (e * (x - c) - b * (y - f)) / size


def plain_nearest(values: np.ndarray, given: Grid, target: Grid) -> np.ndarray:
    """The value of the pixel that each middle lies in."""
    out = np.full(target.shape, np.nan)
    for row in range(target.height):
        for column in range(target.width):
            down, right = place_of(target, given, row + 0.5, column + 0.5)
            if 0 <= down < given.height and 0 <= right < given.width:
                out[row, column] = values[int(down), int(right)]
    return out


def plain_bilinear(values: np.ndarray, given: Grid, target: Grid) -> np.ndarray:
    """Between the four nearest middles, those not known left out and the others' weights raised; NaN where the nearest is not known."""
    out = np.full(target.shape, np.nan)
    for row in range(target.height):
        for column in range(target.width):
            down, right = place_of(target, given, row + 0.5, column + 0.5)
            if 0 <= down < given.height and 0 <= right < given.width and not np.isnan(values[int(down), int(right)]):
                out[row, column] = between(values, down - 0.5, right - 0.5)
    return out


def between(values: np.ndarray, down: float, right: float) -> float:
    """The bilinear value at a place whose row and column are counted from the middle of the first pixel."""
    top, left = int(np.floor(down)), int(np.floor(right))
    total = weights = 0.0
    for row, column, weight in corners(down - top, right - left):
        y, x = top + row, left + column
        if 0 <= y < values.shape[0] and 0 <= x < values.shape[1] and not np.isnan(values[y, x]):
            total += weight * float(values[y, x])
            weights += weight
    return total / weights if weights > 0 else np.nan


def corners(down: float, right: float) -> Sequence[tuple[int, int, float]]:
    return [(0, 0, (1 - down) * (1 - right)), (0, 1, (1 - down) * right), (1, 0, down * (1 - right)), (1, 1, down * right)]


def plain_average(values: np.ndarray, given: Grid, target: Grid) -> np.ndarray:
    """The mean of the known pixels under each pixel, by the share of it that they cover; NaN at the edges. For grids of the same axes."""
    out = np.full(target.shape, np.nan)
    for row in range(target.height):
        for column in range(target.width):
            top, left = place_of(target, given, row, column)
            low, right = place_of(target, given, row + 1, column + 1)
            total = weights = 0.0
            for y in range(max(0, int(top)), min(given.height, int(np.ceil(low)))):
                for x in range(max(0, int(left)), min(given.width, int(np.ceil(right)))):
                    share = max(0.0, min(low, y + 1) - max(top, y)) * max(0.0, min(right, x + 1) - max(left, x))
                    if not np.isnan(values[y, x]):
                        total += share * float(values[y, x])
                        weights += share
            inside = top >= 0 and left >= 0 and low <= given.height and right <= given.width
            out[row, column] = total / weights if weights > 1e-9 and inside else np.nan
    return out


SIDE = 64
LAKES, YEARS = (0, 5), range(2018, 2023)


def chip_grid(lake_key: int) -> Grid:
    """64² pixels of 10 m about a lake of the small dataset."""
    return shifted(lake_grid(lake_key), (SIZE - SIDE) / 2, (SIZE - SIDE) / 2, (SIDE, SIDE))


def chip_day(year: int) -> date:
    return date(year, 9, year % 28 + 1)


def chip_water(year: int) -> np.ndarray:
    """(64, 64) booleans: a square about the middle, a column wider each year, and a pond in the corner."""
    water = np.zeros((SIDE, SIDE), dtype=bool)
    water[24:40, 24 : 40 + year - 2018] = water[:4, :4] = True
    return water


def chip_dataset(folder: Path, cases: Sequence[Case] | None = None) -> Path:
    """The small dataset with scenes of 64² of two lakes on five days; scene_key = 100 × lake + year - 2000."""
    return _usual_chips(folder) if cases is None else _chips(folder, cases)


@once
def _usual_chips(folder: Path) -> None:
    _chips(folder, [chip_case(lake, year) for lake in LAKES for year in YEARS])


def _chips(folder: Path, cases: Sequence[Case]) -> Path:
    write_cases(folder, cases, {SENSOR: list(BANDS)})
    for case in cases:
        if case.day is not None and case.lake is not None:
            write_scene(folder / case.path, plain_chip(chip_water(case.day.year)), BANDS, chip_grid(case.lake), scale=0.001)
    return folder


def chip_case(lake: int, year: int, reason: str = "ok") -> Case:
    return Case(100 * lake + year - 2000, f"scenes/{lake}_{year}.tif", lake, chip_day(year), SENSOR, reason)


def chip_masks(dataset: Path, folder: Path, kind: str = "prob", lakes: Sequence[int] = LAKES, years: Sequence[int] = YEARS) -> Path:
    """A mask of each of these lakes and days, named by the earlier pipeline's rule."""
    ids = Store(dataset).ids
    for lake in lakes:
        for year in years:
            _chip_mask(ids[lake], folder, lake, year, kind)
    return folder


def chip_mask(dataset: Path, folder: Path, lake: int, year: int, kind: str = "prob") -> Path:
    """Probabilities that fall from the left of the water to its right, or the water itself."""
    return _chip_mask(Store(dataset).ids[lake], folder, lake, year, kind)


def _chip_mask(lake_id: str, folder: Path, lake: int, year: int, kind: str) -> Path:
    water = chip_water(year)
    values = np.where(water, np.linspace(1, 0.3, SIDE)[None, :], 0.01).astype(np.float32) if kind == "prob" else water.astype(np.uint8)
    return write_tif(folder / f"{lake_id}_{chip_day(year)}_{kind}.tif", values, chip_grid(lake))
