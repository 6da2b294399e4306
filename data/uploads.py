"""A GeoTIFF that a visitor hands in: read in a confined child (`data.confined`), and only after its header has been judged."""

from __future__ import annotations

import math
import os
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.confined import confined
from data.errors import RasterError
from data.importing.dates import named_date
from data.rasters.grid import Grid
from data.rasters.judging import MOST_BYTES
from data.rasters.reading import opened
from data.scenes.headers import Told, header, told
from data.scenes.meaning import doubts, meaning
from data.scenes.parts import write_parts
from data.scenes.sensors import REFLECTANCE
from data.scenes.wish import Given, Options

MAGIC = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""How a TIFF begins: little or big endian, classic or BigTIFF."""
MOST_PIXELS = 2048 * 2048
SECONDS = 60
TURNED = 0.5
"""Degrees against north from which on it is worth a word."""


@dataclass(frozen=True)
class Upload:
    """A file as it was read.

    Args:
        name: What its owner calls it.
        bands: (B,) names of `pixels`: those of reflectance, or every one where none is named.
        grid: Of the pixels.
        says: What its numbers were taken to mean, and how its bands are known.
        notes: What its owner should know.
        day: In its name; None where it holds none.
        array: The file that holds (B, H, W) float32.
    """

    name: str
    bands: tuple[str, ...]
    grid: Grid
    says: str
    notes: tuple[str, ...]
    day: date | None
    array: Path

    def pixels(self) -> NDArray[np.float32]:
        """(B, H, W) float32 in physical units, NaN where there is no data; read from the disk as it is needed.

        Raises:
            RasterError: Its pixels are not there any more.
        """
        try:
            return np.load(self.array, mmap_mode="r", allow_pickle=False)
        except OSError as error:
            raise RasterError(f"the pixels of {self.name} are not kept any more", "hand the file in again") from error


def read_upload(path: Path, name: str, options: Options, folder: Path, stop: Event | None = None, *, whose: str = "") -> Upload:
    """Read a file in a process of its own.

    Args:
        path: The file, made by this server.
        name: What its owner calls it; messages do too.
        options: What the owner says of bands and numbers.
        folder: Where the pixels may lie until the visit ends.
        stop: Setting it gives the file up.
        whose: The visit that it is read for.

    Raises:
        RasterError: It is no GeoTIFF that can be used; the message says why and what to do.
        InputError: It takes more time or memory than one file may take.
    """
    said = {key: value for key, value in asdict(options).items() if key != "dems"}
    arguments = {"path": str(path.resolve()), "name": name, "options": said}
    answer = confined("geotiff", arguments, folder, reads=[path], seconds=SECONDS, called=name, stop=stop, whose=whose)
    return _upload(answer, name, folder)


def _upload(answer: dict[str, Any], name: str, folder: Path) -> Upload:
    """What a child says, held to what it can be: its word is that of whoever made the file."""
    try:
        grid = Grid(str(answer["crs"]), _six(answer["transform"]), int(answer["width"]), int(answer["height"]))
        bands, notes = (tuple(str(text) for text in answer[key]) for key in ("bands", "notes"))
        day = None if answer["day"] is None else date.fromisoformat(answer["day"])
        made = Upload(name, bands, grid, str(answer["says"]), notes, day, folder / Path(str(answer["array"])).name)
        if not made.array.is_file() or made.array.is_symlink():
            raise ValueError(made.array)
        values = made.pixels()
        if values.dtype != np.float32 or values.shape != (len(bands), *grid.shape):
            raise ValueError(values.shape)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise RasterError(f"{name} could not be read", "write it anew, e.g. gdal_translate -of COG") from error
    return made


def _six(numbers: list[float]) -> tuple[float, float, float, float, float, float]:
    a, b, c, d, e, f = (float(number) for number in numbers)
    return a, b, c, d, e, f


def taken(path: Path, name: str, options: Options, folder: Path) -> Upload:
    """`read_upload`, in this process: what the task `geotiff` does.

    Raises:
        RasterError: As it.
    """
    _require_tiff(path, name)
    array = folder / f"{path.stem}-{os.getpid()}.npy"
    try:
        what = _told(path, name, options)
        mean = meaning(what.headers[0], what.sensor, options)
        kept = [place for place, band in enumerate(what.bands) if band in REFLECTANCE] or list(range(len(what.bands)))
        _require_room(what, kept, name)
        sample = write_parts(what.headers[0], mean, what.bands, kept, array)
    except RasterError as error:
        array.unlink(missing_ok=True)
        raise RasterError(_named(error.what, path, name), _on_the_page(error.remedy)) from error
    bands, grid = tuple(what.bands[place] for place in kept), what.headers[0].grid
    notes = [*_about_bands(what, bands), *_about_place(grid)]
    doubt = doubts(sample, bands)
    notes += [f"{doubt}. Say what its numbers mean."] if doubt else []
    says = f"{mean.says.split(' (--')[0]}; {what.says.split(' (--')[0]}"
    return Upload(name, bands, grid, says, tuple(notes), _day(name), array)


def _require_room(what: Told, kept: list[int], name: str) -> None:
    width, height = what.headers[0].grid.width, what.headers[0].grid.height
    if (size := width * height * len(kept) * 4) > MOST_BYTES:
        raise RasterError(
            f"{name}: {width:,} × {height:,} pixels of {len(kept)} bands take {size / 2**20:,.0f} MB of memory",
            f"keep fewer bands, or cut it to the lake's surroundings: at most {MOST_BYTES // 2**20} MB are taken",
        )


def _require_tiff(path: Path, name: str) -> None:
    with path.open("rb") as file:
        begins = file.read(64)
    if begins[:4] in MAGIC:
        return
    if begins.lstrip().startswith((b"<VRT", b"<?xml")):
        what = f"{name} is no GeoTIFF but an XML file, such as a GDAL VRT, which only points at other files"
        raise RasterError(what, "write out what it points at: gdal_translate -of COG")
    raise RasterError(f"{name} is no GeoTIFF: it does not begin as a TIFF does", "upload a GeoTIFF (.tif)")


def _told(path: Path, name: str, options: Options) -> Told:
    """Header and bands, once they are known to be of a size that can be taken."""
    with opened(path) as dataset:
        size, kind, count = (dataset.width, dataset.height), dataset.dtypes[0], dataset.count
        declared = size[0] * size[1] * count * np.dtype(kind).itemsize
    if size[0] * size[1] > MOST_PIXELS:
        what = f"{name} declares {size[0]:,} × {size[1]:,} pixels of {count} bands ({declared / 2**30:,.1f} GB)"
        raise RasterError(what, f"cut it to the lake's surroundings: at most {MOST_PIXELS:,} pixels (2,048 × 2,048) are taken")
    found = told(Given(name, Path(name).stem, (path,)), options)
    a, b, _, d, e, _ = found.headers[0].grid.transform
    if not math.isfinite(a * e - b * d) or a * e - b * d == 0:
        raise RasterError(f"{name} has a transform that gives its pixels no area", "write it anew with its CRS and transform")
    if header(path).dtype == "uint8" and options.scale is None:
        what = f"{name} holds 8-bit numbers (0 to 255): a picture, not reflectance, which models are made for"
        raise RasterError(what, "upload reflectance; or choose “8-bit picture, 255 is 1” under Numbers, and expect poor masks")
    return found


def _about_bands(what: Told, bands: tuple[str, ...]) -> list[str]:
    if set(bands) & REFLECTANCE:
        return []
    count = len(what.bands)
    return [f"It does not say what its {count} band{'s are' if count > 1 else ' is'}: name them, in order, under Bands."]


def _about_place(grid: Grid) -> list[str]:
    if not grid.crs:
        return ["It has no coordinate reference system: its mask is measured in pixels, and belongs to no lake of the dataset."]
    a, b, _, d, e, _ = grid.transform
    turned = math.degrees(math.atan2(d, a))
    if abs(turned) <= TURNED and abs(math.degrees(math.atan2(b, -e))) <= TURNED:
        return []
    return [
        f"Its pixels are turned by {turned:.0f}° against the axes of its map: it is shown and measured on its own grid, north is not up."
    ]


def _named(what: str, path: Path, name: str) -> str:
    return what.replace(str(path), name).replace(path.name, name)


def _on_the_page(remedy: str) -> str:
    """What to do, for somebody who has a page and no command line before them."""
    return "say what its bands and numbers are (Bands, Numbers)" if "--" in remedy and "gdal" not in remedy else remedy


def _day(name: str) -> date | None:
    try:
        found = named_date(Path(name).stem)
    except ValueError:
        return None
    return found if isinstance(found, date) else None
