"""What the files of a scene say of themselves, before a pixel is read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from data.errors import RasterError
from data.rasters.grid import Grid
from data.rasters.reading import grid_of, opened
from data.scenes.sensors import SENTINEL_2, Sensor, band_name, known_sensor, told_by_numbers
from data.scenes.wish import Given, Options

TELLING = ("sensor", "platform", "satellite", "spacecraft", "constellation", "product", "scene", "mission", "system:index")
"""Parts of names of tags that may tell the sensor."""


@dataclass(frozen=True)
class Header:
    """One file.

    Args:
        path: The file.
        grid: Of its pixels.
        described: (B,) names as the file has them, empty where it has none.
        dtype: numpy's name.
        scaled: Whether the file states a scale or an offset of its own.
        tags: Its own tags and those of its bands, keys in lower case.
    """

    path: Path
    grid: Grid
    described: tuple[str, ...]
    dtype: str
    scaled: bool
    tags: dict[str, str]


@dataclass(frozen=True)
class Told:
    """The files of a scene and what their bands are.

    Args:
        headers: Of its files.
        bands: (B,) names, over all files.
        sensor: None where it is none that is known.
        label: What the sensor is called, as somebody said it; empty where nobody did.
        says: How the bands are known.
    """

    headers: tuple[Header, ...]
    bands: tuple[str, ...]
    sensor: Sensor | None
    label: str
    says: str


def header(path: Path) -> Header:
    """Read one file's header. Raises RasterError as `data.rasters.reading.opened` does."""
    with opened(path) as dataset:
        tags = {key.lower(): str(value) for n in range(dataset.count + 1) for key, value in dataset.tags(n).items()}
        scaled = any(scale != 1 for scale in dataset.scales) or any(offset != 0 for offset in dataset.offsets)
        described = tuple((name or "").strip() for name in dataset.descriptions)
        return Header(path, grid_of(dataset), described, dataset.dtypes[0], scaled, tags)


def told(given: Given, options: Options) -> Told:
    """What the bands of a scene are: as the table or `--bands` says, else as the files describe them, else in the sensor's usual order.

    Raises:
        RasterError: A file cannot be read, or what is said does not fit it.
    """
    headers = tuple(header(path) for path in given.paths)
    label = given.sensor or options.sensor or _tagged(headers)
    sensor = known_sensor(label) if label else None
    described = [name for each in headers for name in each.described]
    if given.bands is not None:
        several = next((each for each in headers if len(each.described) > 1), None)
        if several is not None:
            raise RasterError(f"{several.path} has {len(several.described)} bands where the table names one", "leave its column band empty")
        return Told(headers, tuple(band_name(name, sensor) for name in given.bands), sensor, label, "bands as the table names them")
    if options.bands is not None:
        if len(options.bands) != len(described):
            what = f"{given.paths[0]} has {len(described)} bands where {len(options.bands)} are named"
            raise RasterError(what, "name as many bands as the files have: --bands")
        return Told(headers, tuple(band_name(name, sensor) for name in options.bands), sensor, label, "bands as --bands names them")
    return _described(headers, described, sensor, label)


def _described(headers: tuple[Header, ...], described: list[str], sensor: Sensor | None, label: str) -> Told:
    counted = all(name.lower() in {"", f"band {n}", f"band_{n}", f"b{n}"} for n, name in enumerate(described, 1))
    order = sensor.order(len(described)) if sensor is not None else None
    if not counted or (sensor is not None and order is None and all(described)):
        if sensor is None and told_by_numbers(described) is not None:
            sensor, label = SENTINEL_2, SENTINEL_2.name
        names = tuple(band_name(name or f"band {n}", sensor) for n, name in enumerate(described, 1))
        if len(set(names)) == len(names):
            return Told(headers, names, sensor, label, "bands as the files describe them")
    if order is not None and sensor is not None:
        return Told(headers, order, sensor, label, f"bands in the usual order of {sensor.name}: {', '.join(order)}")
    names = tuple(f"band {n}" for n in range(1, len(described) + 1))
    return Told(headers, names, sensor, label, f"{len(described)} bands without names (--bands or --sensor would name them)")


def _tagged(headers: tuple[Header, ...]) -> str:
    """The sensor that a tag names, empty where none does."""
    for each in headers:
        for key, value in each.tags.items():
            found = known_sensor(value) if any(part in key for part in TELLING) else None
            if found is not None:
                return found.name
    return ""
