"""One maker at a time, which says how far it is and goes on where another was ended."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest

from data.simulate import Plan, run, write_simulated
from data.simulate.making import make_scenes, scenes_missing
from data.simulate.progress import FILE, LOCK, Progress, read_progress, stalled, write_progress
from data.simulate.run import make_and_tell
from data.spreading import crew
from data.spreading.hands import Alone
from tests.basin import SMALL, digests
from tests.conftest import ROOT

TINY = Plan(**{**vars(SMALL), "scenes": 3})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_simulated(tmp_path / "d", TINY)
    return tmp_path / "d"


def nobody() -> None:
    raise AssertionError("nobody else is at work")


def test_it_tells_how_far_it_is_and_leaves_nothing_behind(folder: Path) -> None:
    told: list[tuple[Progress, Progress | None]] = []
    assert make_and_tell(folder, Alone(), lambda progress: told.append((progress, read_progress(folder))), nobody) == 15
    assert [shown.done for shown, _ in told] == [0, 5, 10, 15]
    assert all(shown == kept for shown, kept in told)
    assert [shown.left_s is not None for shown, _ in told] == [False, False, False, True]
    assert read_progress(folder) is None
    assert scenes_missing(folder) == (0, 15)


def test_what_is_there_counts_as_done(folder: Path) -> None:
    make_and_tell(folder, Alone(), lambda _: None, nobody)
    next(iter((folder / "scenes").iterdir())).unlink()
    told: list[int] = []
    assert make_and_tell(folder, Alone(), lambda progress: told.append(progress.done), nobody) == 1
    assert told[0] == 14
    assert told[-1] == 15


def test_words() -> None:
    assert Progress(340, 1200, 70).words == "340 of 1,200, about 1 min left"
    assert Progress(340, 1200, 200).words == "340 of 1,200, about 3 min left"
    assert Progress(1100, 1200, 20).words == "1,100 of 1,200, less than a minute left"
    assert Progress(1200, 1200, 0.0).words == "1,200 of 1,200"
    assert Progress(0, 1200).words == "0 of 1,200"


def test_trouble_is_told_and_the_next_run_goes_on(folder: Path) -> None:
    (folder / "labels").write_text("in the way")
    with pytest.raises(OSError, match="labels"):
        make_and_tell(folder, Alone(), lambda _: None, nobody)
    told = read_progress(folder)
    assert told is not None
    assert told.trouble
    (folder / "labels").unlink()
    make_and_tell(folder, Alone(), lambda _: None, nobody)
    assert read_progress(folder) is None


def test_what_a_killed_worker_had_in_hand_is_made_by_another(folder: Path) -> None:
    left: list[int] = []

    def kill(_: int) -> None:
        if not left:
            left.append(scenes_missing(folder)[0])
            for child in multiprocessing.active_children():
                child.kill()

    with crew(2) as hands:
        make_and_tell(folder, hands, lambda told: kill(told.done) if told.done else None, nobody)
    assert left[0] > 0
    assert scenes_missing(folder)[0] == 0


def test_a_file_that_means_nothing_is_no_progress(folder: Path) -> None:
    for text in ("", "[]", '{"done": 3}', "\x00"):
        (folder / FILE).write_text(text)
        assert read_progress(folder) is None


def test_stalled_is_what_nobody_works_on_any_more(folder: Path) -> None:
    assert not stalled(folder)
    write_progress(folder, Progress(3, 15))
    assert not stalled(folder)
    os.utime(folder / FILE, (1, 1))
    assert stalled(folder)
    with run.alone(folder, nobody):
        assert not stalled(folder)
    assert stalled(folder)
    assert (folder / LOCK).exists()


def test_two_at_once_do_no_harm(folder: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "data", "simulate", "--into", str(folder), "--resume", "--workers", "1"]
    both = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    answers = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], answers
    write_simulated(tmp_path / "alone", TINY)
    make_scenes(tmp_path / "alone", Alone(), lambda _: None)
    assert digests(folder) == digests(tmp_path / "alone")
    fresh = [int(out.split("(")[1].split(" made")[0]) for out, _ in answers]
    assert sorted(fresh) == [0, 15], "each scene was made once"
