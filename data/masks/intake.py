"""Taking a folder of masks into a dataset as one source: what is missing or has changed, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from data.commit import alone_in, recover
from data.errors import RasterError
from data.masks import tables
from data.masks.job import Job
from data.masks.making import made
from data.masks.matching import Matcher, refused
from data.masks.planning import given_masks, job_of, missing, without_collisions
from data.masks.wish import Outcome, Progress, Wish, checked
from data.problems import Problem
from data.rasters.writing import write_mask
from data.store import Store
from data.trends.series import THRESHOLD

SECONDS, SECONDS_PER_PIXEL = 0.02, 5e-7
"""That a mask takes, about."""
COMMIT_AFTER = 30.0
"""Seconds of work that may be lost when a run is killed."""


def take_in(dataset: Path, wish: Wish, progress: Progress, announce: Callable[[str], None]) -> Outcome:
    """Make a folder of masks a source of the dataset.

    Every COMMIT_AFTER seconds what is done so far becomes part of the tables; whoever is killed runs it again, and it goes on from there.

    Args:
        dataset: Its folder.
        wish: What is asked for.
        progress: Hands items on and shows how far it is.
        announce: Is told, before the work starts, how many masks and about how long.

    Raises:
        MoraineError: The dataset or the folder cannot be used, the wish makes no sense, or another run takes in the same source.
    """
    wish = checked(wish)
    recover(dataset)
    store = Store(dataset)
    held = tables.held(store, wish.source)
    outcome = Outcome(wish.source, tables.folder_of(store, wish.source))
    chosen = store.meta.thresholds.get(wish.source, THRESHOLD) if wish.threshold is None else wish.threshold
    todo = missing(_jobs(store, wish, chosen, progress, outcome), held, dataset, outcome)
    about = _about([job for job, _ in todo])
    announce(f"{wish.source}: {len(todo):,} masks to take in, {len(outcome.held):,} there already; about {about}")
    soft = bool((store.threshold_rows["source"] == wish.source).any())
    noted = store.meta.thresholds.get(wish.source) == chosen
    intake = _Intake(dataset, wish, held, outcome, None if noted else chosen, soft, tables.Change(wish.source))
    with alone_in(dataset / outcome.folder):
        for job, record in progress(todo, len(todo), "taking in masks"):
            intake.take(job, record)
        intake.commit()
    outcome.threshold = chosen if intake.soft else None
    return outcome


def _jobs(store: Store, wish: Wish, threshold: float, progress: Progress, outcome: Outcome) -> list[Job]:
    given, means = given_masks(wish, outcome)
    matcher = Matcher(store)
    jobs: list[Job] = []
    for each in progress(given, len(given), "finding lakes and scenes"):
        job = job_of(each, matcher, means, threshold, store.meta)
        if isinstance(job, Problem):
            outcome.problems.append(job)
        elif wish.limits.takes(job.target.lake_key, job.day):
            jobs.append(job)
    return without_collisions(jobs, outcome)


def _about(jobs: Sequence[Job]) -> str:
    grids = [grid for job in jobs if (grid := job.scene_grid or job.grid)]
    seconds = SECONDS * len(jobs) + SECONDS_PER_PIXEL * sum(grid.width * grid.height for grid in grids)
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


@dataclass
class _Intake:
    """A run at work.

    Args:
        dataset: Its folder.
        wish: What is asked for.
        held: What the dataset had of the source.
        outcome: Is told what was done.
        threshold: To be noted where the source has probabilities; None where that is noted already.
        soft: Whether the source has probabilities.
        change: What is done, but not yet in the tables.
        since: When the tables changed last, s.
    """

    dataset: Path
    wish: Wish
    held: tables.Held
    outcome: Outcome
    threshold: float | None
    soft: bool
    change: tables.Change
    since: float = field(default_factory=monotonic)

    def take(self, job: Job, record: str) -> None:
        """Make one mask, put its raster in place, and note its rows."""
        name, scene, change = job.given.name, job.target.scene, self.change
        try:
            result = made(job)
        except RasterError as error:
            self.outcome.problems.append(refused(job.given, error))
            return
        if scene is not None and result.stored is not None and job.scene_grid is not None:
            path = f"{self.outcome.folder}/{scene.path.stem}_{scene.scene_key}.tif"
            write_mask(self.dataset / path, result.stored, job.scene_grid)
            kind = "label" if self.wish.labels else result.kind
            cells = {"scene_key": scene.scene_key, "path": path, "kind": kind, "note": result.note}
            change.masks.append(cells | {"source": change.source, tables.RECORD: record})
        change.areas += [row | {"source": change.source, tables.RECORD: record} for row in result.rows]
        if not result.rows and job.target.lake_key is not None and job.day is not None:
            change.dropped |= {(job.target.lake_key, job.day)} & self.held.areas.keys()
        self.soft |= any(row["threshold"] is not None for row in result.rows)
        self.outcome.fresh[name] = result.note
        if job.scene_grid is None:
            self.outcome.areas_only.append(job.called)
        if monotonic() - self.since > COMMIT_AFTER:
            self.commit()

    def commit(self) -> None:
        """Write what changed, and the threshold in use where there are probabilities."""
        change = self.change
        if self.soft:
            change.threshold, self.threshold = self.threshold, None
        if change.areas or change.masks or change.dropped or change.threshold is not None:
            self.outcome.written |= tables.commit(self.dataset, change, self.outcome.folder)
        self.change, self.since = tables.Change(change.source), monotonic()
