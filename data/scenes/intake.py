"""Taking files into a dataset as scenes: what is missing or has changed, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data.commit import recover
from data.errors import RasterError
from data.problems import Problem
from data.scenes import tables
from data.scenes.finding import in_folder
from data.scenes.jobs import Job, Planner, missing, without_collisions
from data.scenes.listing import in_table
from data.scenes.matching import Matcher, seen
from data.scenes.meaning import doubts
from data.scenes.pixels import Pixels, pixels, write
from data.scenes.report import counted
from data.scenes.wish import Outcome, Progress, Wish
from data.store import Store

BATCH, SECONDS = 200, 60.0
"""Scenes after which the tables are written, or seconds, whichever comes first: so much is done again after a kill."""
ENOUGH = 0.8
"""Share of a lake from which on its scene is `ok`."""


def take_in(dataset: Path, wish: Wish, progress: Progress, announce: Callable[[str], None]) -> Outcome:
    """Take scenes into a dataset: each is written anew beside its tables, so the files that were handed in are not needed afterwards.

    Args:
        dataset: Its folder.
        wish: What is asked for.
        progress: Hands items on and shows how far it is.
        announce: Is told, before the work starts, how many scenes and about how long.

    Raises:
        MoraineError: The dataset, the folder or the table cannot be used.
    """
    recover(dataset)
    tables.clear_strays(dataset, time.time())
    store = Store(dataset)
    outcome = Outcome()
    given = in_folder(wish.folder, outcome) if wish.folder is not None else in_table(wish.table or Path(), outcome)
    planner = Planner(Matcher(store), wish.options, tables.held(store.table("scenes")))
    jobs: list[Job] = []
    for each in progress(given, len(given), "looking at files"):
        job = planner.job(each)
        if isinstance(job, Problem):
            outcome.problems.append(job)
        elif wish.chosen.takes(job.match.lake_key, job.given.day):
            jobs.append(job)
        else:
            outcome.skipped += 1
    todo = missing(without_collisions(jobs, outcome), dataset, outcome)
    announce(f"{counted(len(todo))} to take in, {len(outcome.held):,} there already; about {_about(todo)}")
    _work(dataset, store, todo, progress, outcome)
    return outcome


def _about(jobs: Sequence[Job]) -> str:
    seconds = sum(job.seconds for job in jobs if job.rewrites)
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def _work(dataset: Path, store: Store, todo: Sequence[Job], progress: Progress, outcome: Outcome) -> None:
    keys = store.table("scenes").column("scene_key").to_pylist()
    intake = _Intake(dataset, outcome, dict(store.meta.sensors), max(keys, default=-1) + 1)
    try:
        for job in progress(todo, len(todo), "taking in scenes"):
            intake.take(job)
    finally:
        intake.commit()


@dataclass
class _Intake:
    """A run at work."""

    dataset: Path
    outcome: Outcome
    sensors: dict[str, list[str]]
    next_key: int
    rows: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    written: float = field(default_factory=time.monotonic)

    def take(self, job: Job) -> None:
        """Write one scene, and note its row."""
        name = job.given.name
        try:
            scene = pixels(job.told, job.means)
            if job.rewrites:
                write(self.dataset / job.path, scene, job.means)
            if job.cut is not None:
                job.cut.write(self.dataset)
        except RasterError as error:
            self.outcome.problems.append(Problem(name, "refused", f"{error.what}: {error.remedy}"))
            return
        row = self._row(job, scene)
        self.rows.append(row)
        self.outcome.fresh[name] = row["note"]
        for says in dict.fromkeys((job.told.says, *(mean.says for mean in job.means))):
            self.outcome.assumed.setdefault(says, []).append(name)
        if len(self.rows) >= BATCH or time.monotonic() - self.written > SECONDS:
            self.commit()

    def _row(self, job: Job, scene: Pixels) -> dict[str, Any]:
        sensor = tables.sensor_name(self.sensors, job.label, scene.bands)
        self.sensors[sensor] = list(scene.bands)
        share, reason = _visible(job, scene)
        key = job.row.scene_key if job.row is not None else self.next_key
        self.next_key += job.row is None
        pixel = scene.grid.pixel_m
        return {
            "scene_key": key, "lake_key": job.match.lake_key, "date": job.given.day, "sensor": sensor, "path": job.path,
            "pixel_m": pixel if scene.grid.crs else None, "valid_share": share, "reason": reason or None, "split": job.given.split or None,
            "dem": job.cut.path if job.cut else None, "origin": job.given.name, "note": _note(job, scene), "name": job.given.stem,
            tables.RECORD: job.record,
        }  # fmt: skip

    def commit(self) -> None:
        """Write the rows so far into the tables."""
        if self.rows:
            used = {row["sensor"] for row in self.rows}
            tables.put(self.dataset, self.rows, [], {name: bands for name, bands in self.sensors.items() if name in used})
        self.rows, self.written = [], time.monotonic()


def _visible(job: Job, scene: Pixels) -> tuple[float | None, str]:
    """Share of the lake that has data, and the reason code: as the table says, else where the outline can tell."""
    told = job.given.valid_share
    share = seen(scene.valid, job.match.outline, scene.grid) if told is None and job.match.outline is not None else told
    if job.given.reason or share is None:
        return share, job.given.reason
    return share, "ok" if share >= ENOUGH else "partial"


def _note(job: Job, scene: Pixels) -> str:
    dem = f"elevation covers {job.cut.share:.0%} of it" if job.cut is not None and job.cut.share < 0.999 else ""
    doubt = doubts(scene.values, scene.bands)
    return "; ".join(part for part in (doubt, scene.note, dem) if part)
