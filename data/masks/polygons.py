"""Polygons per lake and date as masks: read like an inventory's, one mask for each lake and day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize
from shapely.geometry.base import BaseGeometry

from data.errors import InputError
from data.importing.columns import listed, recognised
from data.importing.dates import day_or_year, named_date
from data.importing.frames import column, objects
from data.importing.geometry import has_outlines, mended
from data.masks.finding import Given
from data.problems import Problem
from data.rasters.grid import Grid
from data.rasters.probability import STEPS
from data.readers import Layer, ReadOptions, read


def polygons(files: Mapping[str, Path], crs: str | None = None) -> tuple[list[Given], list[Problem]]:
    """The masks of these files, in the order of file, lake and date, and what could not be used of them.

    Args:
        files: By what reports call them: GeoPackages, GeoJSON, shapefiles (zipped too), GeoParquet.
        crs: Coordinate reference system of files that state none.
    """
    masks: list[Given] = []
    problems: list[Problem] = []
    for name, path in files.items():
        try:
            layers = read(path, ReadOptions(crs=crs))
            for layer in layers:
                _add_layer(layer, name + layer.file.removeprefix(str(path)), path, masks, problems)
        except InputError as error:
            problems.append(Problem(name, "refused", f"{error.what}: {error.remedy}"))
    return masks, problems


def _add_layer(layer: Layer, name: str, path: Path, masks: list[Given], problems: list[Problem]) -> None:
    roles = recognised(layer.frame, {}, layer.file)
    when = roles.get("date") or roles.get("year")
    if "lake_id" not in roles or layer.shapes is None or not has_outlines(layer.shapes):
        lacks = "polygons" if "lake_id" in roles else "column of lake ids (GL_ID, GLIMS_ID, lake_id …)"
        raise InputError(f"{layer.file} has no {lacks}", f"add it; its columns are {listed(layer.frame)}")
    named = _named_date(layer)
    if when is None and named is None:
        raise InputError(f"{layer.file} has no date column, and none in its name", "add a column `date` with days like 2020-10-15")
    drawn, _, why = mended(layer.shapes)
    ids = objects(layer.frame, roles["lake_id"])
    dates = [named] * len(ids) if when is None else [day_or_year(cell) for cell in column(layer.frame, when)]
    held: dict[tuple[str, date | int], list[BaseGeometry]] = {}
    for row, (lake_id, day) in enumerate(zip(ids, dates, strict=True)):
        fault = "it has no lake id" if lake_id is None else "its date cannot be read" if day is None else why[row]
        if fault or day is None:
            problems.append(Problem(f"{name} row {row + 1}", "refused", str(fault)))
        else:
            held.setdefault((str(lake_id).strip(), day), []).append(drawn[row])
    for (lake_id, day), parts in sorted(held.items(), key=lambda entry: (entry[0][0], str(entry[0][1]))):
        stem = f"{lake_id}_{day}"
        known, year = (day, None) if isinstance(day, date) else (None, day)
        masks.append(Given(f"{name}: {stem}", stem, lake_id, known, path, shape=shapely.union_all(parts), year=year))


def _named_date(layer: Layer) -> date | int | None:
    try:
        return named_date(layer.stem)
    except ValueError:
        return None


def painted(shape: BaseGeometry, grid: Grid) -> NDArray[np.uint8]:
    """(H, W) bytes of a mask: water where a pixel's centre lies in the polygons (in longitude and latitude)."""
    moved = grid.to_pixels(shape)
    if moved.is_empty:
        return np.zeros(grid.shape, dtype=np.uint8)
    return np.asarray(rasterize([moved], out_shape=grid.shape, default_value=STEPS, dtype="uint8"), dtype=np.uint8)
