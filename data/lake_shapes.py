"""What shape a lake had on a day, by a source: its outline, or else the water of its mask."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import shapely
from pyproj.exceptions import ProjError
from shapely.geometry.base import BaseGeometry

from data.afar.places import there
from data.errors import RasterError
from data.rasters.own import own_water
from data.rasters.probability import water
from data.rasters.reading import read_bytes
from data.rasters.vectors import water_shape
from data.store import Store


def shape_days(store: Store, lake_key: int, source: str) -> list[date]:
    """The days of which a source has a shape of the lake, ascending.

    They are days of outlines, or of masks where it has more of those: never of both, since outlines and masks of one source may have been
    drawn by different rules. A mask whose file is not there yet does not count.
    """
    rows = store.outlines(lake_key)
    outlined = {day.date() for day in rows["date"][rows["source"] == source]}
    masked = _masks(store, lake_key, source)
    return sorted(masked if len(masked) > len(outlined) else outlined)


def shape_on(store: Store, lake_key: int, source: str, day: date, threshold: float | None = None) -> BaseGeometry:
    """The lake's shape on one of `shape_days`, in longitude and latitude; empty where the mask shows no water of its own.

    Water is where the mask's probability is above the threshold (None: the dataset's own for the source).

    Raises:
        RasterError: The mask is gone, cannot be read, or does not tell where it lies.
    """
    outlined, masked = _outlines(store, lake_key, source), _masks(store, lake_key, source)
    if day in outlined and (len(masked) <= len(outlined) or day not in masked):
        return outlined[day]
    if day not in masked:
        raise RasterError(f"{source} has no shape of {day} any more: its file is gone", "choose another date, or bring the file back")
    return _water(store, lake_key, masked[day], store.threshold(source, threshold))


def _water(store: Store, lake_key: int, path: Path, threshold: float) -> BaseGeometry:
    stored, grid = read_bytes(path)
    if not grid.crs:
        raise RasterError(f"{path} has no coordinate reference system", "add it: gdal_edit.py -a_srs EPSG:…")
    try:
        own = own_water(water(stored, threshold), grid.to_pixels(_newest(store, lake_key)))
        return grid.to_lonlat(water_shape(own))
    except ProjError as error:
        raise RasterError(
            f"the coordinate reference system of {path} cannot be used: {error}", "add the right one: gdal_edit.py -a_srs EPSG:…"
        ) from error


def _outlines(store: Store, lake_key: int, source: str) -> dict[date, BaseGeometry]:
    rows = store.outlines(lake_key)
    mine = rows[rows["source"] == source]
    held: dict[date, BaseGeometry] = {}
    for day, blob in zip(mine["date"], mine["geometry"], strict=True):
        shape = shapely.make_valid(shapely.from_wkb(blob))
        held[day.date()] = shapely.union(held[day.date()], shape) if day.date() in held else shape
    return held


def _masks(store: Store, lake_key: int, source: str) -> dict[date, Path]:
    scenes = store.scenes.of_lake(lake_key)
    return {scene.date: scene.masks[source] for scene in scenes if scene.date and source in scene.masks and there(scene.masks[source])}


def _newest(store: Store, lake_key: int) -> BaseGeometry:
    row = store.row_of(lake_key)
    held = store.newest_outlines[row] if row is not None else None
    return shapely.Polygon() if held is None else shapely.make_valid(shapely.from_wkb(held))
