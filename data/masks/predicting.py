"""Masks that a segmenter makes of the dataset's own scenes, as a source: what is missing or has changed, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from data.cache import file_digest, fingerprint
from data.commit import alone_in, recover
from data.errors import InputError, RasterError
from data.known_lakes import KnownLakes
from data.lake_choice import Chosen
from data.masks import tables
from data.masks.keeping import Keeping, Place
from data.masks.making import Made
from data.masks.measuring import area_rows
from data.masks.wish import Outcome, Progress
from data.problems import Problem
from data.rasters.probability import UNKNOWN, encoded
from data.rasters.reading import read_stored
from data.records import Scene
from data.scene_bands import judged_bands
from data.store import Store
from data.trends.series import THRESHOLD
from data.words import duration

VERSION = "1"
"""Part of every record: a change in how predictions become masks must make them anew."""


@dataclass(frozen=True)
class Maker:
    """What makes the masks.

    Args:
        source: The name that they get.
        version: Names all that its answers follow from, but for the scene.
        probability: From the values of a scene (B, H, W), NaN where there is no data, its band names (B,) and the side of its pixels (m) to
            (H, W) probabilities, NaN where it cannot tell. Raises InputError where the scene lacks a band.
        seconds: That a scene of 512² px takes, about.
    """

    source: str
    version: str
    probability: Callable[[NDArray[np.float32], tuple[str, ...], float], NDArray[np.float32]]
    seconds: float = 0.03


@dataclass(frozen=True)
class _Job:
    scene: Scene
    outline: BaseGeometry | None
    record: str

    @property
    def name(self) -> str:
        return self.scene.path.name


def predict(dataset: Path, maker: Maker, limits: Chosen, progress: Progress, announce: Callable[[str], None]) -> Outcome:
    """Make a source of a segmenter: a mask of each scene, and areas of its lake.

    Every so often (`keeping.COMMIT_AFTER`) what is done becomes part of the tables; whoever is killed runs it again, and it goes on.

    Args:
        dataset: Its folder.
        maker: The segmenter.
        limits: Which lakes and days are wanted.
        progress: Hands items on and shows how far it is.
        announce: Is told, before the work starts, how many scenes and about how long.

    Raises:
        MoraineError: The dataset cannot be used, has no scene, or another run writes the same source.
    """
    recover(dataset)
    store = Store(dataset)
    if not len(store.scenes):
        raise InputError(f"{dataset} has no scenes", "add some: python -m data scenes, or python -m data stac")
    held = tables.held(store, maker.source)
    outcome = Outcome(maker.source, tables.folder_of(store, maker.source))
    todo = _missing(store, [scene for scene in store.scenes if limits.takes(scene.lake_key, scene.date)], maker, held, outcome)
    announce(
        f"{maker.source}: {len(todo):,} scenes to segment, {len(outcome.held):,} done already; about {duration(maker.seconds * len(todo))}"
    )
    threshold = store.meta.thresholds.get(maker.source)
    change = tables.Change(maker.source)
    keeping = Keeping(dataset, held, outcome, THRESHOLD if threshold is None else None, soft=True, change=change)
    with alone_in(dataset / outcome.folder):
        for job in progress(todo, len(todo), "segmenting"):
            try:
                mask, place = _made(job, maker, store.meta.area_sd_factor)
            except (RasterError, InputError) as error:
                outcome.problems.append(Problem(job.name, "refused", f"{error.what.removeprefix(f'{job.scene.path} ')}: {error.remedy}"))
                continue
            keeping.keep(job.name, mask, place, job.record)
        keeping.soft = bool(outcome.fresh)
        keeping.commit()
    outcome.threshold = THRESHOLD if threshold is None else threshold
    return outcome


def _missing(store: Store, scenes: Sequence[Scene], maker: Maker, held: tables.Held, outcome: Outcome) -> list[_Job]:
    lakes = KnownLakes(store)
    todo: list[_Job] = []
    for scene in scenes:
        if not scene.path.is_file():
            outcome.problems.append(Problem(scene.path.name, "unmatched", "its file is not there (yet): make it, then run this again"))
            continue
        outline = lakes.outline(scene.lake_key)
        job = _Job(scene, outline, _record(scene, outline, maker, store.meta.area_sd_factor))
        record, path = held.masks.get(scene.scene_key, ("", ""))
        if record == job.record and (store.path / path).is_file():
            outcome.held[job.name] = held.notes.get(scene.scene_key, "")
        else:
            todo.append(job)
    return todo


def _record(scene: Scene, outline: BaseGeometry | None, maker: Maker, factor: float) -> str:
    """A digest of everything that the scene's mask and area rows follow from."""
    told = f"{scene.scene_key} {scene.lake_key} {scene.date} {scene.valid_share} {scene.reason} {scene.sensor} {scene.bands} {factor}"
    return fingerprint(VERSION, maker.version, file_digest(scene.path), told, shapely.to_wkb(outline) if outline is not None else b"")


def _made(job: _Job, maker: Maker, factor: float) -> tuple[Made, Place]:
    scene = job.scene
    read = read_stored(scene.path)
    bands = judged_bands(scene, read.bands, read.grid)
    stored = encoded(maker.probability(read.physical(), bands, scene.pixel_m))
    if (stored == UNKNOWN).all():
        raise RasterError(f"{scene.path} has no pixel with data in every band that is needed", "get the scene anew, or leave it out")
    rows: list[dict[str, Any]] = []
    if scene.lake_key is not None and job.outline is not None and scene.date is not None and read.grid.crs:
        cells = area_rows(stored, read.grid, job.outline, binary=False, pixel_m=read.grid.pixel_m, factor=factor, scene=scene)
        named = {"lake_key": scene.lake_key, "date": scene.date, "date_nominal": False, "date_image": None}
        rows = [named | each for each in cells]
    note = f"by {maker.source}" + ("" if rows else "; no area: no lake with an outline, no date, or no place on the ground")
    return Made(stored, "probability", note, rows), Place(scene, read.grid, scene.lake_key, scene.date)
