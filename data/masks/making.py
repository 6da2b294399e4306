"""One mask from what was handed in to what the dataset keeps: its bytes on the grid of the scene, a note, and its area rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import ProjError
from rasterio.errors import RasterioError
from shapely.geometry.base import BaseGeometry

from data.cache import file_digest, fingerprint
from data.errors import RasterError
from data.masks.finding import Given
from data.masks.matching import Target
from data.masks.measuring import area_rows, named_row
from data.masks.pixels import grid_of, onto
from data.masks.polygons import painted
from data.masks.values import Meaning, probabilities
from data.rasters.grid import Grid
from data.rasters.probability import UNKNOWN, encoded, water

VERSION = "1"
"""Part of every record: a change in how masks are made must make them anew."""


@dataclass(frozen=True)
class Job:
    """A mask that is to be taken in.

    Args:
        given: The mask.
        target: Where it belongs.
        grid: Its own grid, None for polygons.
        scene_grid: The grid of its scene, None without a scene.
        outline: Of the lake in longitude and latitude, None where it has none or there is no lake.
        means: What its values mean, and those of the `_pred` file beside it.
        threshold: At which the two are compared.
        factor: `area_sd_factor` of the dataset.
    """

    given: Given
    target: Target
    grid: Grid | None
    scene_grid: Grid | None
    outline: BaseGeometry | None
    means: Meaning
    second_means: Meaning
    threshold: float
    factor: float

    @property
    def day(self) -> date | None:
        """The day of its area rows."""
        scene = self.target.scene
        return scene.date if scene is not None and scene.date is not None else self.given.day

    @property
    def binary(self) -> bool:
        """Whether it has no probabilities."""
        return self.given.shape is not None or self.means.binary

    @property
    def measurable(self) -> bool:
        """Whether it gives area rows."""
        grid = self.scene_grid or self.grid
        return self.target.lake_key is not None and self.outline is not None and self.day is not None and bool(grid and grid.crs)

    def record(self) -> str:
        """A digest of everything that its mask and area rows follow from."""
        given, scene = self.given, self.target.scene
        second = f"{file_digest(given.second)} {self.second_means} {self.threshold}" if given.second else ""
        content = shapely.to_wkb(given.shape) if given.shape is not None else file_digest(given.path)
        image = "" if scene is None else f"{scene.scene_key} {scene.valid_share} {scene.reason} {scene.sensor} {self.scene_grid}"
        outline = shapely.to_wkb(self.outline) if self.outline is not None else b""
        asked = f"{self.target.lake_key} {self.day} {self.means} {self.factor} {given.name}"
        return fingerprint(VERSION, content, second, image, outline, asked)


@dataclass(frozen=True)
class Made:
    """What the dataset keeps of a mask.

    Args:
        stored: (H, W) bytes on the grid of the scene; None where there is no scene.
        kind: `probability`, `binary` (labels become `label` when they are written).
        note: What was done to it on the way in.
        rows: Of `areas`, but for the record.
    """

    stored: NDArray[np.uint8] | None
    kind: str
    note: str
    rows: list[dict[str, Any]]


def made(job: Job, source: str) -> Made:
    """Make one mask.

    Raises:
        RasterError: It cannot be read or placed, or holds what it should not.
    """
    try:
        return _made(job, source)
    except (RasterioError, ProjError, shapely.GEOSException, ValueError) as error:
        raise RasterError(f"{job.given.name} cannot be laid over its scene: {error}", "write it anew with its CRS and transform") from error


def _made(job: Job, source: str) -> Made:
    notes = [f"from {job.given.name}"]
    stored, grid = _stored(job, notes)
    rows: list[dict[str, Any]] = []
    if job.measurable and job.outline is not None and job.target.lake_key is not None and job.day is not None:
        pixels = [each.pixel_m for each in (job.grid, grid) if each is not None and each.crs]
        cells = area_rows(
            stored, grid, job.outline, binary=job.binary, pixel_m=max(pixels), factor=job.factor, scene=job.target.scene
        )  # fmt: skip
        rows = [named_row(each, job.target.lake_key, job.day, source) for each in cells]
    else:
        notes.append("no area: " + _why_not(job, grid))
    kept = stored if job.target.scene is not None else None
    return Made(kept, "binary" if job.binary else "probability", "; ".join(notes), rows)


def _stored(job: Job, notes: list[str]) -> tuple[NDArray[np.uint8], Grid]:
    """The bytes and their grid: the scene's, or the mask's own where it has no scene."""
    given, target = job.given, job.scene_grid or job.grid
    if target is None:
        raise RasterError(f"{given.name} has no scene of that day to be drawn on", "add the scene, or import the polygons as an inventory")
    if given.shape is not None:
        notes.append("polygons, drawn on the scene")
        return painted(given.shape, target), target
    if job.grid is None:
        raise RasterError(f"{given.name} has no grid", "write it anew")
    moved, how = onto(probabilities(given.path, job.means), job.grid, target, nearest=job.means.binary)
    if how:
        notes.append(how)
    stored = encoded(moved)
    if (stored == UNKNOWN).all():
        raise RasterError(f"{given.name} has no known value where its scene lies", "check its CRS and transform, and its nodata value")
    if given.second is not None:
        notes.append(_compared(job, stored, target))
    return stored, target


def _compared(job: Job, stored: NDArray[np.uint8], target: Grid) -> str:
    """How the `_pred` file beside a `_prob` file fits it."""
    path = job.given.second
    if path is None:
        return "no _pred file"
    try:
        pred = encoded(onto(probabilities(path, job.second_means), grid_of(path), target, nearest=True)[0])
    except RasterError as error:
        return f"{path.name} could not be compared: {error.what}"
    known = (stored != UNKNOWN) & (pred != UNKNOWN)
    differ = int((water(stored, job.threshold) != water(pred))[known].sum())
    return (
        f"{path.name} differs in {differ:,} of {int(known.sum()):,} px at threshold {job.threshold:g}" if differ else f"{path.name} agrees"
    )


def _why_not(job: Job, grid: Grid) -> str:
    if job.target.lake_key is None:
        return "the scene shows no lake in particular"
    if job.outline is None:
        return "the lake has no outline"
    return "nobody knows where the image lies" if not grid.crs else "the scene has no date"
