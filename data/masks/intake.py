"""Taking a folder of masks into a dataset as one source: what is missing or has changed, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from data.commit import recover
from data.errors import RasterError
from data.masks import tables
from data.masks.jobs import given_masks, job_of, missing, wanted, without_collisions
from data.masks.making import Job, made
from data.masks.matching import Matcher, Problem
from data.masks.wish import Outcome, Progress, Wish, checked
from data.rasters.writing import write_mask
from data.store import Store
from data.trends.series import THRESHOLD

SECONDS = 0.15
"""That a mask of 512² takes, about."""


def take_in(dataset: Path, wish: Wish, progress: Progress, announce: Callable[[str], None]) -> Outcome:
    """Make a folder of masks a source of the dataset.

    Rasters are put in place one by one, then the tables change as one; whoever is killed runs it again.

    Args:
        dataset: Its folder.
        wish: What is asked for.
        progress: Hands items on and shows how far it is.
        announce: Is told, before the work starts, how many masks and about how long.

    Raises:
        MoraineError: The dataset or the folder cannot be used, or the wish makes no sense.
    """
    wish = checked(wish)
    recover(dataset)
    store = Store(dataset)
    held = tables.held(store, wish.source)
    outcome = Outcome(wish.source, tables.folder_of(store, wish.source))
    chosen = store.meta.thresholds.get(wish.source, THRESHOLD) if wish.threshold is None else wish.threshold
    jobs = _jobs(store, wish, chosen, progress, outcome)
    todo = missing(jobs, held, dataset, outcome)
    announce(f"{wish.source}: {len(todo):,} masks to take in, {len(outcome.held):,} there already; about {_about(len(todo))}")
    intake = _Intake(dataset, wish, held, outcome, tables.Change(wish.source))
    for job, record in progress(todo, len(todo), "taking in masks"):
        intake.take(job, record)
    intake.commit(store, chosen)
    return outcome


def _jobs(store: Store, wish: Wish, threshold: float, progress: Progress, outcome: Outcome) -> list[Job]:
    given, means = given_masks(wish, outcome)
    matcher = Matcher(store)
    jobs: list[Job] = []
    for each in progress(given, len(given), "finding lakes and scenes"):
        job = job_of(each, matcher, means, threshold, store.meta.area_sd_factor)
        if isinstance(job, Problem):
            outcome.problems.append(job)
        elif wanted(job, wish):
            jobs.append(job)
    return without_collisions(jobs, outcome)


def _about(count: int) -> str:
    seconds = count * SECONDS
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


@dataclass
class _Intake:
    """A run at work."""

    dataset: Path
    wish: Wish
    held: tables.Held
    outcome: Outcome
    change: tables.Change

    def take(self, job: Job, record: str) -> None:
        """Make one mask, put its raster in place, and note its rows."""
        name, scene = job.given.name, job.target.scene
        try:
            result = made(job, self.wish.source)
        except RasterError as error:
            self.outcome.problems.append(Problem(name, "refused", f"{error.what}: {error.remedy}"))
            return
        if scene is not None and result.stored is not None and job.scene_grid is not None:
            path = f"{self.outcome.folder}/{scene.path.stem}_{scene.scene_key}.tif"
            write_mask(self.dataset / path, result.stored, job.scene_grid)
            cells = {"scene_key": scene.scene_key, "source": self.wish.source, "path": path, "note": result.note, tables.RECORD: record}
            self.change.masks.append(cells | {"kind": "label" if self.wish.labels else result.kind})
        self.change.areas += [row | {tables.RECORD: record} for row in result.rows]
        if not result.rows and job.target.lake_key is not None and job.day is not None:
            self.change.dropped |= {(job.target.lake_key, job.day)} & self.held.areas.keys()
        self.outcome.fresh[name] = result.note
        if scene is None:
            self.outcome.scenes_missing.append(name)

    def commit(self, store: Store, chosen: float) -> None:
        """Write what changed, and the threshold in use where there are probabilities."""
        change, source = self.change, self.wish.source
        soft = bool((store.threshold_rows["source"] == source).any()) or any(row["threshold"] is not None for row in change.areas)
        if soft:
            self.outcome.threshold = chosen
            if store.meta.thresholds.get(source) != chosen:
                change.threshold = chosen
        if change.areas or change.masks or change.dropped or change.threshold is not None:
            self.outcome.written = tables.commit(self.dataset, change, self.outcome.folder)
