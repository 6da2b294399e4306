"""Making the images of a simulated dataset: only those that are missing, lake by lake, in worker processes."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.cache import TEMP_SUFFIX, read_table
from data.rasters.coverage import covered
from data.rasters.probability import STEPS, UNKNOWN
from data.rasters.writing import write_floats, write_mask, write_scene
from data.scene_table import LABEL
from data.simulate.chips import BANDS, Chip, Sight
from data.simulate.made_by import read_made_by
from data.simulate.painting import paint_each
from data.simulate.places import Job, Places
from data.simulate.scene_tables import dem_path, mask_path, scene_path
from data.simulate.tables import SOURCE
from data.simulate.world import make_world
from data.spreading import Hands

STRAY_S = 60.0
"""Seconds after which nobody is at work any more on a small file that is still half-written."""
SCALE = 0.001
"""Reflectance of one step of a stored scene."""


def scenes_missing(folder: Path) -> tuple[int, int]:
    """How many of a simulated dataset's scenes are not there yet, and how many it has in all."""
    path = folder / "scenes.parquet"
    names: list[str] = read_table(path, ["path"]).column("path").to_pylist() if path.exists() else []
    return sum(not (folder / name).exists() for name in names), len(names)


def make_scenes(folder: Path, hands: Hands, made: Callable[[int], object]) -> None:
    """Make what is missing: scenes, masks, elevation models; the lakes with the clearest trends first. Files appear whole.

    The bytes depend on the plan alone, neither on who makes them nor on what was there before.

    Args:
        folder: What `write_simulated` made.
        hands: Who paints.
        made: Told the number of scenes made for each lake, as its files are there.

    Raises:
        DatasetError: The folder is no simulated dataset of this simulator, or a worker died.
        OSError: A file cannot be written.
    """
    world = make_world(read_made_by(folder))
    places = Places(world)
    jobs = (places.job(int(row)) for row in world.rows)
    for count in hands.map(partial(make_lake, folder), jobs, named=lambda job: job.lake_id):
        made(count)


def make_lake(folder: Path, job: Job) -> int:
    """Make the missing files of one lake; returns how many scenes it made. A scene comes after its masks and its elevation model."""
    todo = [number for number in range(len(job.stems)) if not all((folder / name).exists() for name in _names(job, number))]
    fresh = sum(not (folder / scene_path(job.stems[number])).exists() for number in todo)
    if not todo:
        return 0
    dem, chips = paint_each(job.place, job.sights)
    if not (folder / dem_path(job.lake_id)).exists():
        write_floats(folder / dem_path(job.lake_id), np.round(dem[None], 1), ["elevation"], job.place.grid)
    for number, chip in enumerate(chips):
        if number in todo:
            _write(folder, job, number, chip)
    return fresh


def _names(job: Job, number: int) -> list[str]:
    stem = job.stems[number]
    masks = [mask_path(LABEL, stem), *([mask_path(SOURCE, stem)] if job.mapped[number] else [])]
    return [dem_path(job.lake_id), *masks, scene_path(stem)]


def _write(folder: Path, job: Job, number: int, chip: Chip) -> None:
    stem, sight, grid = job.stems[number], job.sights[number], job.place.grid
    label, mapper, scene = (folder / name for name in (mask_path(LABEL, stem), mask_path(SOURCE, stem), scene_path(stem)))
    if not label.exists():
        write_mask(label, label_mask(sight, grid.shape), grid)
    if job.mapped[number] and not mapper.exists():
        write_mask(mapper, mapper_mask(sight, chip), grid)
    if not scene.exists():
        write_scene(scene, chip.reflectance, BANDS, grid, SCALE)


def label_mask(sight: Sight, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """(H, W) bytes: all water there truly is, by the middle of the road: a pixel of which more than half is wet."""
    return (covered(sight.water, shape) > 0.5).astype(np.uint8) * np.uint8(STEPS)


def mapper_mask(sight: Sight, chip: Chip) -> NDArray[np.uint8]:
    """(H, W) bytes: the lake as it was drawn, its neighbours as they are, and nothing known of what the date hides."""
    drawn = [*([] if sight.mapped is None else [sight.mapped]), *sight.water[1:]]
    stored = (covered(drawn, chip.hidden.shape) > 0.5).astype(np.uint8) * np.uint8(STEPS)
    return np.where(chip.hidden, np.uint8(UNKNOWN), stored) if sight.reason != "ok" else stored


def clear_leftovers(folder: Path) -> None:
    """Remove what a maker that was killed left half-written. Only while nobody else makes scenes here."""
    for part in (folder / "scenes", folder / "labels", folder / "dem", (folder / mask_path(SOURCE, "x")).parent):
        for left in part.glob(f".*{TEMP_SUFFIX}"):
            left.unlink(missing_ok=True)
    for left in folder.glob(f".*{TEMP_SUFFIX}"):  # beside the tables, where apps that start write for a moment too
        if time.time() - left.stat().st_mtime > STRAY_S:
            left.unlink(missing_ok=True)
