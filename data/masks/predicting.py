"""Masks that a segmenter makes of the dataset's own scenes, as a source: what is missing or has changed, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from data.cache import file_digest, fingerprint
from data.commit import alone_in, recover
from data.errors import DatasetError, InputError, RasterError
from data.known_lakes import KnownLakes
from data.lake_choice import Chosen
from data.masks import tables
from data.masks.keeping import Keeping, Place
from data.masks.making import Made
from data.masks.measuring import area_rows
from data.masks.wish import Outcome, Progress
from data.problems import Problem
from data.rasters.own import rasterised
from data.rasters.probability import UNKNOWN, encoded
from data.rasters.reading import read_stored
from data.records import Scene
from data.scene_bands import judged_bands
from data.spreading import Hands
from data.store import Store
from data.trends.series import THRESHOLD
from data.words import duration

VERSION = "2"
"""Part of every record: a change in how predictions become masks must make them anew."""
LEAST = 0.1
"""Of the mapping error, which the standard error of an area seen in several guises keeps at least."""


@dataclass(frozen=True)
class Question:
    """A scene, as a segmenter is asked about it.

    Args:
        values: (B, H, W) reflectance, NaN where there is no data.
        bands: (B,) their names.
        pixel_m: Side of a pixel, m.
        outline: (H, W) the lake's oldest outline; None where it has none.
    """

    values: NDArray[np.float32]
    bands: tuple[str, ...]
    pixel_m: float
    outline: NDArray[np.bool_] | None


@dataclass(frozen=True)
class Answer:
    """What a segmenter says of a scene.

    Args:
        probability: (H, W) of water, NaN where it cannot tell.
        others: Each (H, W): what it says of the same scene in other guises, from which its doubt is measured; none where it was not asked.
    """

    probability: NDArray[np.float32]
    others: tuple[NDArray[np.float32], ...] = ()


@dataclass(frozen=True)
class Maker:
    """What makes the masks; pickled where several processes work.

    Args:
        source: The name that they get.
        version: Names all that its answers follow from, but for the scene.
        ask: How it answers; raises InputError where the scene lacks what is needed.
        widen: Area in km² → by what its standard error, as `area_sd` has it, must be multiplied to be true.
        seconds: That a scene of 256² px takes, about.
        doubting: Whether the spread over guises is the error that `widen` knows; else the mapping error stays, whatever the spread.
    """

    source: str
    version: str
    ask: Callable[[Question], Answer]
    widen: Callable[[float], float]
    seconds: float = 0.03
    doubting: bool = True


@dataclass(frozen=True)
class _Job:
    scene: Scene
    outline: BaseGeometry | None
    oldest: BaseGeometry | None
    record: str
    measured: bool = True  # its lake has no clearer image of that day

    @property
    def name(self) -> str:
        return self.scene.path.name


Announce = Callable[[str], None]


def predict(dataset: Path, maker: Maker, limits: Chosen, progress: Progress, announce: Announce, *, hands: Hands) -> Outcome:
    """Make a source of a segmenter: a mask of each scene, and areas of its lake.

    Every so often (`keeping.COMMIT_AFTER`) what is done becomes part of the tables; whoever is killed runs it again, and it goes on.

    Args:
        dataset: Its folder.
        maker: The segmenter.
        limits: Which lakes and days are wanted.
        progress: Hands items on and shows how far it is.
        announce: Is told, before the work starts, how many scenes and about how long.
        hands: Who segments.

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
    seconds = maker.seconds * len(todo)
    time = duration(seconds / hands.size(seconds))
    announce(f"{maker.source}: {len(todo):,} scenes to segment, {len(outcome.held):,} done already; about {time}")
    threshold = store.meta.thresholds.get(maker.source)
    change = tables.Change(maker.source)
    keeping = Keeping(dataset, held, outcome, THRESHOLD if threshold is None else None, soft=True, change=change)
    with alone_in(dataset / outcome.folder):
        work = partial(_tried, maker=maker, factor=store.meta.area_sd_factor)
        answers = hands.map(work, todo, seconds=seconds, named=lambda job: job.name)
        try:
            for job, done in progress(answers, len(todo), "segmenting"):
                if isinstance(done, Problem):
                    outcome.problems.append(done)
                else:
                    mask, place = done
                    keeping.keep(job.name, mask, place, job.record)
        except DatasetError:  # of workers that died, or that are all gone
            keeping.commit()
            raise
        keeping.soft = bool(outcome.fresh)
        keeping.commit()
    outcome.threshold = THRESHOLD if threshold is None else threshold
    return outcome


def _missing(store: Store, scenes: Sequence[Scene], maker: Maker, held: tables.Held, outcome: Outcome) -> list[_Job]:
    lakes, clearest = KnownLakes(store), _clearest(store)
    todo: list[_Job] = []
    for scene in scenes:
        if not scene.path.is_file():
            outcome.problems.append(Problem(scene.path.name, "unmatched", "its file is not there (yet): make it, then run this again"))
            continue
        outline = lakes.outline(scene.lake_key)
        oldest = lakes.oldest(scene.lake_key)
        measured = clearest.get((scene.lake_key, scene.date), scene.scene_key) == scene.scene_key
        record = _record(scene, [outline, oldest], maker, store.meta.area_sd_factor)
        job = _Job(scene, outline, oldest, record if measured else f"{record} unmeasured", measured)
        record, path = held.masks.get(scene.scene_key, ("", ""))
        if record == job.record and (store.path / path).is_file():
            outcome.held[job.name] = held.notes.get(scene.scene_key, "")
        else:
            todo.append(job)
    return todo


def _clearest(store: Store) -> dict[tuple[int | None, date | None], int]:
    """Lake and day → the scene that is measured where several sensors saw the lake that day: most of it, and the first of equals."""
    order = sorted(store.scenes, key=lambda scene: (np.nan_to_num(scene.valid_share), -scene.scene_key))  # the best is the last, and stays
    return {(scene.lake_key, scene.date): scene.scene_key for scene in order if scene.lake_key is not None and scene.date}


def _record(scene: Scene, outlines: Sequence[BaseGeometry | None], maker: Maker, factor: float) -> str:
    """A digest of everything that the scene's mask and area rows follow from."""
    told = f"{scene.scene_key} {scene.lake_key} {scene.date} {scene.valid_share} {scene.reason} {scene.sensor} {scene.bands} {factor}"
    shapes = [shapely.to_wkb(outline) if outline is not None else b"" for outline in outlines]
    return fingerprint(VERSION, maker.version, file_digest(scene.path), told, *shapes)


def _tried(job: _Job, maker: Maker, factor: float) -> tuple[_Job, tuple[Made, Place] | Problem]:
    """A job, and what came of it."""
    try:
        return job, _made(job, maker, factor)
    except (RasterError, InputError) as error:
        return job, Problem(job.name, "refused", f"{error.what.removeprefix(f'{job.scene.path} ')}: {error.remedy}")


def _made(job: _Job, maker: Maker, factor: float) -> tuple[Made, Place]:
    scene = job.scene
    read = read_stored(scene.path)
    grid, bands = read.grid, judged_bands(scene, read.bands, read.grid)
    placed = bool(grid.crs)
    oldest = rasterised(grid.to_pixels(job.oldest), (grid.height, grid.width)) if job.oldest is not None and placed else None
    answer = maker.ask(Question(read.physical(), bands, scene.pixel_m, oldest))
    stored = encoded(answer.probability)
    if (stored == UNKNOWN).all():
        raise RasterError(f"{scene.path} has no pixel with data in every band that is needed", "get the scene anew, or leave it out")
    rows: list[dict[str, Any]] = []
    lake_key = scene.lake_key if job.measured else None
    if lake_key is not None and job.outline is not None and scene.date is not None and placed:

        def areas(mask: NDArray[np.uint8], outline: BaseGeometry) -> list[dict[str, Any]]:
            return area_rows(mask, grid, outline, binary=False, pixel_m=grid.pixel_m, factor=factor, scene=scene)

        cells = areas(stored, job.outline)
        others = answer.others if maker.doubting else ()
        doubt = [[row["area_km2"] for row in areas(encoded(other), job.outline)] for other in others]
        named = {"lake_key": lake_key, "date": scene.date, "date_nominal": False, "date_image": None}
        rows = [named | row for row in widened(cells, doubt, maker.widen)]
    why = (
        "no lake with an outline, no date, or no place on the ground" if job.measured else "another image of that lake and day is measured"
    )
    note = f"by {maker.source}" + ("" if rows else f"; no area: {why}")
    return Made(stored, "probability", note, rows), Place(scene, grid, lake_key, scene.date)


def rows_of_scene(lakes: KnownLakes, scene: Scene, maker: Maker, factor: float) -> tuple[list[dict[str, Any]], BaseGeometry | None]:
    """The area rows that a scene would get, and the outline that says which water is the lake's; nothing is written.

    Args:
        lakes: Of the dataset.
        scene: One of its scenes.
        maker: The segmenter.
        factor: `area_sd_factor` of the dataset.

    Raises:
        RasterError, InputError: The scene cannot be read, or lacks what is needed.
    """
    outline = lakes.outline(scene.lake_key)
    mask, _ = _made(_Job(scene, outline, lakes.oldest(scene.lake_key), ""), maker, factor)
    return mask.rows, outline


def widened(rows: list[dict[str, Any]], doubt: list[list[float]], widen: Callable[[float], float]) -> list[dict[str, Any]]:
    """Area rows whose `area_sd_km2` covers the truth: measured doubt in place of the mapping error where there is any, times `widen`.

    Args:
        rows: Of `area_rows`, one a threshold.
        doubt: For each guise in which the scene was seen, km² at each threshold; none where it was seen once.
        widen: See `Maker`.
    """
    spreads = np.std(doubt, axis=0, ddof=1) if doubt else [None] * len(rows)
    return [
        row | {"area_sd_km2": raw_error(row["area_sd_km2"], spread) * widen(row["area_km2"])}
        for row, spread in zip(rows, spreads, strict=True)
    ]


def raw_error(mapping: float, spread: float | None) -> float:
    """km² before widening: the mapping error; or the spread over guises, with LEAST of that error, since guises can agree by chance."""
    return mapping if spread is None else float(np.hypot(spread, LEAST * mapping))
