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
from rasterio.enums import MaskFlags, Resampling
from rasterio.errors import RasterioError
from rasterio.io import DatasetReader
from rasterio.windows import Window

from data.afar.places import Far, far
from data.afar.storage import LostError
from data.errors import DatasetError, RasterError
from data.rasters.grid import Grid
from data.rasters.judging import AGAIN, GDAL, MOST_BYTES, judge
from data.rasters.ranges import read_in_parts
from data.rasters.stored import Stored
from data.rasters.writing import DIGEST, HEADER, WITH_HEADER, header_digest, pixel_digest


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
        scaled: Whether its numbers are steps of something, rather than what they mean.
    """

    grid: Grid
    bands: tuple[str, ...]
    dtype: str
    tags: dict[str, str]
    scaled: bool = False

    @property
    def picture(self) -> bool:
        """Whether it is an 8-bit picture, whose numbers are shades."""
        return self.dtype == "uint8" and not self.scaled


@contextmanager
def opened(path: Path) -> Generator[DatasetReader, None, None]:
    """An open GeoTIFF, whatever its name ends with, on this machine or on object storage (`data.afar`); no other format is recognised.

    Raises:
        RasterError: It is missing, no GeoTIFF, cut short, or declares blocks that memory does not hold. What goes wrong inside the
            block (a damaged tile) comes out as RasterError as well.
        LostError: The storage that it lies on does not answer.
    """
    found = far(path)
    with _here(path) if found is None else _afar(path, found) as dataset:
        _verify_header(path, dataset)
        yield dataset


@contextmanager
def _here(path: Path) -> Generator[DatasetReader, None, None]:
    try:
        with rasterio.Env(**GDAL), rasterio.open(path, driver="GTiff") as dataset:
            judge(path, dataset)
            yield dataset
    except RasterError:
        raise
    except FileNotFoundError:
        raise RasterError(f"{path} does not exist", AGAIN) from None
    except (RasterioError, OSError, ValueError) as error:
        # rasterio hides GDAL's own words ("unable to read tile …") behind "see previous exception".
        reason = str(error.__cause__ or "") or str(error) or type(error).__name__
        what = "does not exist" if not path.exists() else f"cannot be read as a GeoTIFF: {reason}"
        raise RasterError(f"{path} {what}", AGAIN) from error


@contextmanager
def _afar(path: Path, found: Far) -> Generator[DatasetReader, None, None]:
    try:
        with read_in_parts(found.part, str(path)) as dataset:
            yield dataset
    except LostError:
        raise
    except DatasetError as error:
        raise RasterError(error.what, error.remedy) from error


def header(path: Path) -> Header:
    """What a GeoTIFF says of itself. Raises RasterError as `opened` does."""
    with opened(path) as dataset:
        return _header(dataset)


def _header(dataset: DatasetReader) -> Header:
    scaled = any(scale != 1 for scale in dataset.scales) or any(dataset.offsets)
    return Header(grid_of(dataset), _names(dataset), dataset.dtypes[0], dict(dataset.tags()), scaled)


def grid_of(dataset: DatasetReader) -> Grid:
    """The grid of an open raster."""
    return Grid(_crs(dataset), tuple(dataset.transform[:6]), dataset.width, dataset.height)  # pyright: ignore[reportArgumentType]


def _crs(dataset: DatasetReader) -> str:
    known = dataset.crs
    epsg = known.to_epsg() if known else None
    return "" if not known else f"EPSG:{epsg}" if epsg else known.to_wkt()


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
        RasterError: As `opened`; or a band is missing, the window is empty, it would take more memory than MOST_BYTES, or all of it was
            read at full size and is not what its digest says.
    """
    with opened(path) as dataset:
        names = _names(dataset)
        wanted = tuple(name.lower() for name in bands) if bands is not None else names
        absent = [name for name in wanted if name not in names]
        if absent:
            raise RasterError(f"{path} has no band {', '.join(absent)}", f"it has {', '.join(names)}: choose among these")
        numbers = [names.index(name) + 1 for name in wanted] if bands is not None else list(dataset.indexes)
        stored = _stored(path, dataset, numbers, window, largest)
        return Raster(stored.physical(), wanted, stored.grid)


def read_stored(
    path: Path, numbers: Sequence[int] | None = None, window: tuple[int, int, int, int] | None = None, largest: int | None = None
) -> Stored:
    """`read`, but the numbers as the file has them, and bands named by their place (from 1; None: every band)."""
    return read_told(path, numbers, window, largest)[1]


def read_told(
    path: Path, numbers: Sequence[int] | None = None, window: tuple[int, int, int, int] | None = None, largest: int | None = None
) -> tuple[Header, Stored]:
    """`header` and `read_stored` at once: opening a file costs as much as reading a window of it."""
    with opened(path) as dataset:
        absent = [n for n in numbers or () if not 1 <= n <= dataset.count]
        if absent:
            raise RasterError(f"{path} has no band {absent[0]}", f"it has {dataset.count} bands")
        chosen = list(numbers) if numbers is not None else list(dataset.indexes)
        return _header(dataset), _stored(path, dataset, chosen, window, largest)


def _stored(
    path: Path, dataset: DatasetReader, numbers: list[int], window: tuple[int, int, int, int] | None, largest: int | None
) -> Stored:
    left, top, right, bottom = _clipped(path, dataset, window)
    shrink = max(1.0, max(right - left, bottom - top) / largest) if largest else 1.0
    width, height = max(1, round((right - left) / shrink)), max(1, round((bottom - top) / shrink))
    _affordable(path, dataset, (right - left, bottom - top), (width, height), len(numbers))
    part = Window(left, top, right - left, bottom - top)  # pyright: ignore[reportCallIssue]
    asked: dict[str, Any] = {"window": part, "out_shape": (len(numbers), height, width)}
    values = dataset.read(numbers, resampling=Resampling.average if shrink > 1 else Resampling.nearest, **asked)
    flags = [flag for n in numbers for flag in dataset.mask_flag_enums[n - 1]]
    valid = dataset.read_masks(numbers, **asked) > 0 if MaskFlags.per_dataset in flags else None
    if shrink == 1 and numbers == list(dataset.indexes) and values.shape[1:] == dataset.shape:
        _verify(path, dataset, values)
    a, b, c, d, e, f = dataset.transform[:6]
    across, down = (right - left) / width, (bottom - top) / height
    moved = (a * across, b * down, a * left + b * top + c, d * across, e * down, d * left + e * top + f)
    names = _names(dataset)
    return Stored(
        values, tuple(names[n - 1] for n in numbers), tuple(dataset.scales[n - 1] for n in numbers),
        tuple(dataset.offsets[n - 1] for n in numbers), tuple(dataset.nodatavals[n - 1] for n in numbers), valid,
        Grid(_crs(dataset), moved, width, height),
    )  # fmt: skip


def _affordable(path: Path, dataset: DatasetReader, source: tuple[int, int], size: tuple[int, int], bands: int) -> None:
    """Raise RasterError where a read would hold more than MOST_BYTES, or go through eight times as much to average it down."""
    held = size[0] * size[1] * bands * 4
    if held > MOST_BYTES:
        raise RasterError(
            f"{path}: {source[0]} × {source[1]} pixels of {bands} bands take {held / 2**20:,.0f} MB of memory",
            "cut the scene to its lake's surroundings",
        )
    step = max((factor for factor in dataset.overviews(1) if factor * size[0] <= source[0] * 1.2), default=1)
    through = source[0] * source[1] // step**2 * bands * np.dtype(dataset.dtypes[0]).itemsize
    if through > 8 * MOST_BYTES:
        raise RasterError(
            f"{path} has {source[0]} × {source[1]} pixels of {bands} bands and no overview to read instead ({through / 2**30:,.1f} GB)",
            "cut the scene to its lake's surroundings, or write it anew with overviews: gdal_translate -of COG",
        )


def _verify(path: Path, dataset: DatasetReader, values: NDArray[Any]) -> None:
    told = dataset.tags().get(DIGEST)
    if told is not None and told.removesuffix(WITH_HEADER) != pixel_digest(values):
        raise RasterError(f"{path} is damaged: its pixels are not those that were written (its checksum differs)", AGAIN)


def _verify_header(path: Path, dataset: DatasetReader) -> None:
    told = dataset.tags().get(HEADER)
    belongs = str(dataset.tags().get(DIGEST, "")).endswith(WITH_HEADER)
    if belongs if told is None else told != header_digest(dataset):
        what = f"{path} is damaged: its size, place, scale or names are not those that were written (its checksum differs)"
        raise RasterError(what, AGAIN)


def _clipped(path: Path, dataset: DatasetReader, window: tuple[int, int, int, int] | None) -> tuple[int, int, int, int]:
    left, top, right, bottom = window or (0, 0, dataset.width, dataset.height)
    left, top, right, bottom = max(left, 0), max(top, 0), min(right, dataset.width), min(bottom, dataset.height)
    if right <= left or bottom <= top:
        raise RasterError(f"{path}: the window asked for has no pixel of it", "ask for a place inside the scene")
    return left, top, right, bottom


def read_bytes(path: Path) -> tuple[NDArray[np.uint8], Grid]:
    """A mask as Moraine stores it (see `data.rasters.probability`): (H, W) uint8, and its grid.

    Raises:
        RasterError: As `opened`; or it is not one band of bytes, or not those that its digest tells of.
    """
    with opened(path) as dataset:
        if dataset.count != 1 or dataset.dtypes[0] != "uint8" or dataset.width * dataset.height > MOST_BYTES:
            raise RasterError(f"{path} is no mask of this dataset: it should be one band of bytes", "make it with `python -m data masks`")
        stored = dataset.read(1)
        _verify(path, dataset, stored)
        return stored, grid_of(dataset)
