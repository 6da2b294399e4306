"""Many jobs at once: written into the tables in batches, ended cleanly whatever ends them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from data.errors import DatasetError
from data.spreading import Hands
from data.stac.errands import Errand, Fetched, sent, tried
from data.stac.errors import Stopped, Unreachable
from data.stac.fetching import Fetcher
from data.stac.harvest import Harvester
from data.stac.journal import Journal
from data.stac.request import Job
from data.stac.tables import add_scenes

BATCH, SECONDS = 50, 60.0
"""Scenes after which the tables are written, or seconds, whichever comes first."""
GIVE_UP = 12
"""So many jobs in a row whose servers do not answer end the run."""


@dataclass
class Tally:
    """How far a run is.

    Args:
        total: Jobs to do.
        fetcher: Who reads for it.
        done, scenes, failed: Jobs ended, scenes fetched, jobs that failed.
    """

    total: int
    fetcher: Fetcher
    done: int = 0
    scenes: int = 0
    failed: int = 0
    began: float = field(default_factory=time.monotonic)

    @property
    def megabytes(self) -> float:
        """Read so far."""
        return self.fetcher.bytes / 1e6

    @property
    def left(self) -> tuple[float, float]:
        """Seconds and megabytes to go, at the rate so far."""
        share = (self.total - self.done) / max(1, self.done)
        return (time.monotonic() - self.began) * share, self.megabytes * share


@dataclass
class Outcome:
    """What a run did.

    Args:
        entries: What the journal holds of each job that is done, those of earlier runs among them.
        failed: Why a job failed.
        fresh: Jobs that this run has done.
        gave_up: Whether it ended early because servers did not answer.
    """

    entries: dict[Job, dict[str, Any]] = field(default_factory=dict[Job, dict[str, Any]])
    failed: dict[Job, str] = field(default_factory=dict[Job, str])
    fresh: set[Job] = field(default_factory=set[Job])
    gave_up: bool = False


class Run:
    """A run over jobs.

    Args:
        folder: The dataset.
        harvester, fetcher: Who does a job, and who reads for it.
        away: What workers of a cluster take along, and the journal that they leave here; None where this process works.
        outcome: Filled as the run goes on, so that it tells what was done even where the run is interrupted.
    """

    def __init__(self, folder: Path, harvester: Harvester, fetcher: Fetcher, away: tuple[Errand, Journal] | None = None) -> None:
        self._folder, self._harvester, self._fetcher, self._away = folder, harvester, fetcher, away
        self.outcome = Outcome()
        self._unwritten: list[dict[str, Any]] = []
        self._written = time.monotonic()
        self._silent = 0

    def todo(self, jobs: Sequence[Job], again: bool = False) -> list[Job]:
        """The jobs that no earlier run has done; the others count as done."""
        for job in jobs:
            entry = None if again else self._harvester.held(job)
            if entry is not None:
                self.outcome.entries[job] = entry
                self._unwritten += entry["scenes"]
        return [job for job in jobs if job not in self.outcome.entries]

    def work(self, jobs: Sequence[Job], hands: Hands, show: Callable[[Tally], None]) -> None:
        """Do these jobs. Whatever ends it, Ctrl-C among it: hands let go of theirs, and scenes fetched until then are in the tables.

        Raises:
            DatasetError: The tables cannot be written.
        """
        tally = Tally(len(jobs), self._fetcher)
        try:
            for fetched in self._fetched(jobs, hands):
                self._take(fetched, tally)
                show(tally)
                self._write_some()
                if self.outcome.gave_up:
                    break
        finally:
            self._fetcher.stop()
            if self._unwritten:
                add_scenes(self._folder, self._unwritten)

    def _fetched(self, jobs: Sequence[Job], hands: Hands) -> Iterator[Fetched]:
        if self._away is None:
            return hands.map(partial(tried, self._harvester.fetch), jobs)
        return sent(*self._away, jobs, hands)

    def _take(self, fetched: Fetched, tally: Tally) -> None:
        tally.done += 1
        self._fetcher.add(fetched.bytes)
        job, entry = fetched.job, fetched.entry
        if isinstance(fetched.error, Stopped):
            return
        if fetched.error is not None:
            self.outcome.failed[job] = fetched.error.what
            tally.failed += 1
            self._silent = self._silent + 1 if isinstance(fetched.error, Unreachable) else 0
            self.outcome.gave_up = self._silent >= GIVE_UP
            return
        assert entry is not None
        self._silent = 0
        tally.scenes += len(entry["scenes"])
        self.outcome.entries[job] = entry
        self.outcome.fresh.add(job)
        self._unwritten += entry["scenes"]

    def _write_some(self) -> None:
        if len(self._unwritten) < BATCH and (not self._unwritten or time.monotonic() - self._written < SECONDS):
            return
        self._written = time.monotonic()
        try:
            add_scenes(self._folder, self._unwritten)
        except DatasetError:
            # Another command is writing: the next batch tries again, and the last one says so.
            return
        self._unwritten.clear()
