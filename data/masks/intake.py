"""Taking a folder of masks into a dataset as one source: what is missing or has changed, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from data.commit import alone_in, recover
from data.errors import RasterError
from data.masks import tables
from data.masks.job import Job
from data.masks.keeping import Keeping, Place
from data.masks.making import made
from data.masks.matching import Matcher, refused
from data.masks.planning import given_masks, job_of, missing, without_collisions
from data.masks.wish import Outcome, Progress, Wish, checked
from data.problems import Problem
from data.store import Store
from data.trends.series import THRESHOLD

SECONDS, SECONDS_PER_PIXEL = 0.02, 5e-7
"""That a mask takes, about."""


def take_in(dataset: Path, wish: Wish, progress: Progress, announce: Callable[[str], None]) -> Outcome:
    """Make a folder of masks a source of the dataset.

    Every so often (`keeping.COMMIT_AFTER`) what is done becomes part of the tables; whoever is killed runs it again, and it goes on.

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
    soft = wish.source in store.thresholds
    noted = store.meta.thresholds.get(wish.source) == chosen
    keeping = Keeping(dataset, held, outcome, None if noted else chosen, soft, tables.Change(wish.source))
    with alone_in(dataset / outcome.folder):
        for job, record in progress(todo, len(todo), "taking in masks"):
            _take(job, record, keeping, labels=wish.labels)
        keeping.commit()
    outcome.threshold = chosen if keeping.soft else None
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


def _take(job: Job, record: str, keeping: Keeping, *, labels: bool) -> None:
    """Make one mask and keep it."""
    try:
        result = made(job)
    except RasterError as error:
        keeping.outcome.problems.append(refused(job.given, error))
        return
    place = Place(job.target.scene, job.scene_grid, job.target.lake_key, job.day)
    keeping.keep(job.given.name, replace(result, kind="label") if labels else result, place, record)
    if job.scene_grid is None:
        keeping.outcome.areas_only.append(job.called)
