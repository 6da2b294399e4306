"""Many jobs at once: what is written when, and that it ends well whatever ends it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from data.commit import transaction
from data.errors import DatasetError
from data.spreading import crew
from data.stac import running
from data.stac.errors import CatalogueError, Stopped, Unreachable
from data.stac.fetching import Fetcher
from data.stac.request import Job
from data.stac.running import GIVE_UP, Run, Tally
from data.stac.seasons import windows
from data.store import Store
from tests.stac_cases import LAKE
from tests.stac_server import World, dataset
from tests.test_stac_tables import row

JOBS = [Job(LAKE, window) for window in windows("1990:2025", None)]


def entry(job: Job, scenes: int = 1) -> dict[str, Any]:
    rows = [row(0, f"{job.window.year}-10-1{n}") for n in range(scenes)]
    return {"lake": 0, "season": job.window.year, "found": 1, "judged": 1, "refused": [], "faults": [], "scenes": rows, "bytes": 1000}


class Done:
    """In place of a Harvester: `work` does a job; `before` are those of earlier runs."""

    def __init__(self, work: Callable[[Job], dict[str, Any]], before: dict[int, dict[str, Any]] | None = None) -> None:
        self.fetch, self._before = work, before or {}

    def held(self, job: Job) -> dict[str, Any] | None:
        return self._before.get(job.window.year)


def a_run(folder: Path, work: Callable[[Job], dict[str, Any]], before: dict[int, dict[str, Any]] | None = None) -> Run:
    return Run(folder, Done(work, before), Fetcher())  # pyright: ignore[reportArgumentType]


def worked(run: Run, jobs: Sequence[Job], workers: int, show: Callable[[Tally], None]) -> None:
    with crew(workers, waits=True) as hands:
        run.work(jobs, hands, show)


class Turns:
    """Lets one worker do its next job only once the run has seen to the one before."""

    def __init__(self, work: Callable[[Job], dict[str, Any]]) -> None:
        self._free, self._work = threading.Semaphore(1), work

    def work(self, job: Job) -> dict[str, Any]:
        assert self._free.acquire(timeout=10)
        return self._work(job)

    def show(self, _: Tally) -> None:
        self._free.release()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return dataset(World(1, (2020,)), tmp_path / "d")


def scenes(folder: Path) -> int:
    return Store(folder).table("scenes").num_rows


def test_every_job_is_done_and_every_scene_written(folder: Path) -> None:
    run, seen = a_run(folder, entry), list[tuple[int, int]]()
    worked(run, run.todo(JOBS), 4, lambda tally: seen.append((tally.done, tally.scenes)))
    assert set(run.outcome.entries) == run.outcome.fresh == set(JOBS)
    assert scenes(folder) == len(JOBS)
    assert seen[-1] == (len(JOBS), len(JOBS))
    assert seen == sorted(seen)


def test_jobs_of_earlier_runs_are_not_done_again_but_their_scenes_are_in_the_tables(folder: Path) -> None:
    before = {job.window.year: entry(job) for job in JOBS[:10]}
    run = a_run(folder, entry, before)
    todo = run.todo(JOBS)
    assert todo == JOBS[10:]
    worked(run, todo, 2, lambda _: None)
    assert run.outcome.fresh == set(JOBS[10:])
    assert scenes(folder) == len(JOBS)
    again = a_run(folder, entry, before)
    assert again.todo(JOBS, again=True) == JOBS


def test_a_job_that_fails_is_told_and_the_others_go_on(folder: Path) -> None:
    def work(job: Job) -> dict[str, Any]:
        if job.window.year % 2:
            raise CatalogueError(f"bad {job.window.year}", "")
        return entry(job)

    run = a_run(folder, work)
    worked(run, JOBS, 3, lambda _: None)
    assert {job.window.year: why for job, why in run.outcome.failed.items()} == {year: f"bad {year}" for year in range(1991, 2026, 2)}
    assert not run.outcome.gave_up
    assert scenes(folder) == 18


def test_servers_that_stay_silent_end_the_run(folder: Path) -> None:
    done: list[Job] = []

    def work(job: Job) -> dict[str, Any]:
        done.append(job)
        if len(done) <= 2:
            return entry(job)
        raise Unreachable("silent", "")

    turns = Turns(work)
    run = a_run(folder, turns.work)
    worked(run, JOBS, 1, turns.show)
    assert run.outcome.gave_up
    assert GIVE_UP + 2 <= len(done) <= GIVE_UP + 3
    assert scenes(folder) == 2


def test_one_answer_between_silences_is_enough_to_go_on(folder: Path) -> None:
    def work(job: Job) -> dict[str, Any]:
        if (job.window.year - 1990) % GIVE_UP == GIVE_UP - 1:
            return entry(job)
        raise Unreachable("silent", "")

    turns = Turns(work)
    run = a_run(folder, turns.work)
    worked(run, JOBS, 1, turns.show)
    assert not run.outcome.gave_up
    assert len(run.outcome.entries) + len(run.outcome.failed) == len(JOBS)


@pytest.mark.parametrize("ending", [KeyboardInterrupt, RuntimeError])
def test_whatever_ends_it_threads_end_and_scenes_are_written(folder: Path, ending: type[BaseException]) -> None:
    run = a_run(folder, entry)
    fetcher = run._fetcher
    waiting = threading.Event()

    def work(job: Job) -> dict[str, Any]:
        if job is JOBS[0]:
            return entry(job)
        waiting.set()
        fetcher._stop.wait()
        raise Stopped

    def show(_: Tally) -> None:
        assert waiting.wait(10)
        raise ending

    run._harvester.fetch = work
    before = threading.active_count()
    with pytest.raises(ending):
        worked(run, JOBS, 2, show)
    assert threading.active_count() == before
    assert (set(run.outcome.entries), run.outcome.failed) == ({JOBS[0]}, {})
    assert scenes(folder) == 1


def test_scenes_are_written_in_batches(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH", 10)
    written: list[int] = []
    real = running.add_scenes
    monkeypatch.setattr(running, "add_scenes", lambda place, rows: written.append(len(rows)) or real(place, rows))
    turns = Turns(entry)
    worked(a_run(folder, turns.work), JOBS, 1, turns.show)
    assert written == [10, 10, 10, 6]


def test_while_another_command_writes_the_batch_waits_and_at_the_end_it_is_an_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH", 1)
    with transaction(folder), pytest.raises(DatasetError):
        worked(a_run(folder, entry), JOBS[:3], 1, lambda _: None)
    # The journal has them: the next run writes them down, though it has nothing to fetch.
    run = a_run(folder, entry, {job.window.year: entry(job) for job in JOBS[:3]})
    worked(run, run.todo(JOBS[:3]), 1, lambda _: None)
    assert scenes(folder) == 3


def test_what_is_left_goes_by_the_rate_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    fetcher = Fetcher()
    tally = Tally(100, fetcher, done=25, began=1000.0)
    fetcher.bytes = 50_000_000
    monkeypatch.setattr(running.time, "monotonic", lambda: 1010.0)
    assert tally.left == (30.0, 150.0)
