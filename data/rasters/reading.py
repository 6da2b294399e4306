"""Reading GeoTIFFs that may be anything: the header is judged before a pixel is read, and every failure is a RasterError."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.windows import Window

from data.errors import RasterError
from data.rasters.grid import Grid

MOST_BYTES = 256 * 2**20
"""What one read may bring into memory, and what one block of a file may hold."""
MOST_BANDS = 64
GDAL: dict[str, Any] = {"GDAL_CACHEMAX": 64, "GDAL_NUM_THREADS": "1", "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR"}
AGAIN = "copy the file again from where it came, or take it out of the folder"


@dataclass(frozen=True)
class Raster:
    """Pixels in memory.

    Args:
        values: (B, H, W) float32 in physical units (reflectance 0 to 1, m …): DN × scale + offset; NaN where there is no data.
        bands: (B,) names as the file gives them, lower case; `band 1` … where it gives none.
        grid: Of these pixels: of the window, and of the size that was asked for.
    """

    values: NDArray[np.float32]
    bands: tuple[str, ...]
    grid: Grid


@dataclass(frozen=True)
class Header:
    """What a GeoTIFF says of itself.

    Args:
        grid: Of the whole file.
        bands: (B,) names, lower case; `band 1` … where the file gives none.
        dtype: numpy's name.
        tags: The file's own tags.
    """

    grid: Grid
    bands: tuple[str, ...]
    dtype: str
    tags: dict[str, str]


@contextmanager
def opened(path: Path) -> Generator[DatasetReader, None, None]:
    """An open GeoTIFF, whatever its name ends with; no other format is recognised.

    Raises:
        RasterError: It is missing, no GeoTIFF, cut short, or declares blocks that memory does not hold. What goes wrong inside the
            block (a damaged tile) comes out as RasterError as well.
    """
    try:
        with rasterio.Env(**GDAL), rasterio.open(path, driver="GTiff") as dataset:
            judge(path, dataset)
            yield dataset
    except RasterError:
        raise
    except FileNotFoundError:
        raise RasterError(f"{path} does not exist", AGAIN) from None
    except (RasterioError, OSError, ValueError) as error:
        what = "does not exist" if not path.exists() else f"cannot be read as a GeoTIFF: {str(error) or type(error).__name__}"
        raise RasterError(f"{path} {what}", AGAIN) from error


def judge(path: Path | str, dataset: DatasetReader) -> None:
    """Raise RasterError where a raster declares bands or blocks that memory does not hold; `path` is what messages call it."""
    if not 1 <= dataset.count <= MOST_BANDS:
        raise RasterError(f"{path} has {dataset.count} bands", f"keep 1 to {MOST_BANDS}")
    if min(dataset.width, dataset.height) < 1:
        raise RasterError(f"{path} has {dataset.width} × {dataset.height} pixels", AGAIN)
    for (rows, columns), kind in zip(dataset.block_shapes, dataset.dtypes, strict=True):
        held = rows * columns * np.dtype(kind).itemsize * dataset.count
        if held > MOST_BYTES:
            raise RasterError(
                f"{path} declares {dataset.width} × {dataset.height} pixels in blocks of {columns} × {rows}: one block takes "
                f"{held / 2**20:,.0f} MB of memory",
                "write it anew in tiles, e.g. gdal_translate -of COG -co BLOCKSIZE=256",
            )


def header(path: Path) -> Header:
    """What a GeoTIFF says of itself. Raises RasterError as `opened` does."""
    with opened(path) as dataset:
        return Header(grid_of(dataset), _names(dataset), dataset.dtypes[0], dict(dataset.tags()))


def grid_of(dataset: DatasetReader) -> Grid:
    """The grid of an open raster."""
    known = dataset.crs
    epsg = known.to_epsg() if known else None
    crs = "" if not known else f"EPSG:{epsg}" if epsg else known.to_wkt()
    return Grid(crs, tuple(dataset.transform[:6]), dataset.width, dataset.height)  # pyright: ignore[reportArgumentType]


def _names(dataset: DatasetReader) -> tuple[str, ...]:
    return tuple((name or f"band {n}").strip().lower() for n, name in enumerate(dataset.descriptions, 1))


def read(
    path: Path, bands: Sequence[str] | None = None, window: tuple[int, int, int, int] | None = None, largest: int | None = None
) -> Raster:
    """Read bands of a GeoTIFF, or a part of it, at full size or smaller.

    Args:
        path: The file.
        bands: Names to read, in this order; None: every band.
        window: (left, top, right, bottom) in px, clipped to the raster.
        largest: The longest side may have so many pixels; larger ones are averaged down (from the overview, where the file has one).

    Raises:
        RasterError: As `opened`; or a band is missing, the window is empty, or it would take more memory than MOST_BYTES.
    """
    with opened(path) as dataset:
        names = _names(dataset)
        wanted = tuple(name.lower() for name in bands) if bands is not None else names
        absent = [name for name in wanted if name not in names]
        if absent:
            raise RasterError(f"{path} has no band {', '.join(absent)}", f"it has {', '.join(names)}: choose among these")
        left, top, right, bottom = _clipped(path, dataset, window)
        shrink = max(1.0, max(right - left, bottom - top) / largest) if largest else 1.0
        width, height = max(1, round((right - left) / shrink)), max(1, round((bottom - top) / shrink))
        held = width * height * len(wanted) * 4
        if held > MOST_BYTES:
            raise RasterError(
                f"{path}: {right - left} × {bottom - top} pixels of {len(wanted)} bands take {held / 2**20:,.0f} MB of memory",
                "cut the scene to its lake's surroundings",
            )
        index = [names.index(name) + 1 for name in wanted]
        part = Window(left, top, right - left, bottom - top)  # pyright: ignore[reportCallIssue]
        values = _physical(dataset, index, part, (height, width))
        whole = grid_of(dataset)
        a, b, c, d, e, f = whole.transform
        across, down = (right - left) / width, (bottom - top) / height
        moved = (a * across, b * down, a * left + b * top + c, d * across, e * down, d * left + e * top + f)
        return Raster(values, wanted, Grid(whole.crs, moved, width, height))


def _clipped(path: Path, dataset: DatasetReader, window: tuple[int, int, int, int] | None) -> tuple[int, int, int, int]:
    left, top, right, bottom = window or (0, 0, dataset.width, dataset.height)
    left, top, right, bottom = max(left, 0), max(top, 0), min(right, dataset.width), min(bottom, dataset.height)
    if right <= left or bottom <= top:
        raise RasterError(f"{path}: the window asked for has no pixel of it", "ask for a place inside the scene")
    return left, top, right, bottom


def _physical(dataset: DatasetReader, index: list[int], window: Window, shape: tuple[int, int]) -> NDArray[np.float32]:
    size = (len(index), *shape)
    shrinks = shape != (window.height, window.width)
    raw = dataset.read(index, window=window, out_shape=size, masked=True, resampling=Resampling.average if shrinks else Resampling.nearest)
    scale = np.array([dataset.scales[n - 1] for n in index], dtype=np.float64)[:, None, None]
    offset = np.array([dataset.offsets[n - 1] for n in index], dtype=np.float64)[:, None, None]
    values = np.asarray(raw.data, dtype=np.float64) * scale + offset
    values[np.ma.getmaskarray(raw) | ~np.isfinite(values)] = np.nan
    return values.astype(np.float32)


def read_bytes(path: Path) -> tuple[NDArray[np.uint8], Grid]:
    """A mask as Moraine stores it (see `data.rasters.probability`): (H, W) uint8, and its grid.

    Raises:
        RasterError: As `opened`; or it is not one band of bytes.
    """
    with opened(path) as dataset:
        if dataset.count != 1 or dataset.dtypes[0] != "uint8" or dataset.width * dataset.height > MOST_BYTES:
            raise RasterError(f"{path} is no mask of this dataset: it should be one band of bytes", "make it with `python -m data masks`")
        return dataset.read(1), grid_of(dataset)
