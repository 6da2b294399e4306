"""One mask from what was handed in to what the dataset keeps: its bytes on the grid of the scene, a note, and its area rows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import ProjError
from rasterio.errors import RasterioError

from data.errors import RasterError
from data.masks.job import Job
from data.masks.measuring import area_rows, drawn_row
from data.masks.pixels import grid_of, onto
from data.masks.polygons import painted
from data.masks.values import Meaning, probabilities
from data.rasters.grid import Grid
from data.rasters.probability import UNKNOWN, encoded, water


@dataclass(frozen=True)
class Made:
    """What the dataset keeps of a mask.

    Args:
        stored: (H, W) bytes on the grid of the scene; None where no scene can show it.
        kind: `probability`, `binary` (labels become `label` when they are written).
        note: What was done to it on the way in.
        rows: Of `areas`, but for the source and the record.
    """

    stored: NDArray[np.uint8] | None
    kind: str
    note: str
    rows: list[dict[str, Any]]


def made(job: Job) -> Made:
    """Make one mask.

    Raises:
        RasterError: It cannot be read or placed, or holds what it should not.
    """
    notes = [f"from {job.given.name}"]
    try:
        target = job.scene_grid or job.grid
        stored = None if target is None else _stored(job, target, notes)
        cells = _cells(job, stored, target)
    except (RasterioError, ProjError, shapely.GEOSException, ValueError) as error:
        raise RasterError(f"{job.given.name} cannot be laid over its scene: {error}", "write it anew with its CRS and transform") from error
    if not cells:
        notes.append("no area: " + _why_not(job))
    named = {"lake_key": job.target.lake_key, "date": job.day, "date_nominal": False, "date_image": None}
    kept = None if job.scene_grid is None else stored
    return Made(kept, "binary" if job.binary else "probability", "; ".join(notes), [named | each for each in cells])


def _cells(job: Job, stored: NDArray[np.uint8] | None, target: Grid | None) -> list[dict[str, Any]]:
    """What area rows say besides lake and day; none where the mask gives no area."""
    if not job.measurable or job.outline is None:
        return []
    if stored is None or target is None:
        return [drawn_row(job.given.shape, job.outline, pixel_m=job.pixel_m, factor=job.factor, scene=job.target.scene)]
    pixels = [grid.pixel_m for grid in (job.grid, target) if grid is not None and grid.crs]
    return area_rows(
        stored, target, job.outline, binary=job.binary, pixel_m=max(pixels), factor=job.factor, scene=job.target.scene
    )  # fmt: skip


def _stored(job: Job, target: Grid, notes: list[str]) -> NDArray[np.uint8]:
    """The bytes on a grid: the scene's, or the mask's own where no scene can show it."""
    given = job.given
    if given.shape is not None:
        notes.append("polygons, drawn on the scene")
        return painted(given.shape, target)
    moved, how = onto(probabilities(given.path, job.means), job.grid or target, target, binary=job.means.binary)
    stored = encoded(moved)
    if (stored == UNKNOWN).all():
        raise RasterError(f"{given.name} has no known value where its scene lies", "check its CRS and transform, and its nodata value")
    notes += [how] if how else []
    if given.second is not None and job.second_means is not None:
        notes.append(_compared(given.second, job.second_means, job.threshold, stored, target))
    return stored


def _compared(path: Path, means: Meaning, threshold: float, stored: NDArray[np.uint8], target: Grid) -> str:
    """How the `_pred` file beside a `_prob` file fits it."""
    try:
        pred = encoded(onto(probabilities(path, means), grid_of(path), target, binary=True)[0])
    except RasterError as error:
        return f"{path.name} could not be compared: {error.what}"
    known = (stored != UNKNOWN) & (pred != UNKNOWN)
    differ = int((water(stored, threshold) != water(pred))[known].sum())
    if not differ:
        return f"{path.name} agrees"
    return f"{path.name} differs in {differ:,} of {int(known.sum()):,} px at threshold {threshold:g}"


def _why_not(job: Job) -> str:
    if job.target.lake_key is None:
        return "the scene shows no lake in particular"
    if job.outline is None:
        return "the lake has no outline"
    return "the scene has no date" if job.day is None else "nobody knows where the image lies"
