"""A maker that lives no longer than whoever started it, and goes on where another was ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from data.simulate import Plan, write_simulated
from data.simulate.background import NICE, start_making, stop_making
from data.simulate.making import make_scenes, scenes_missing
from data.simulate.progress import read_progress
from data.spreading.hands import Alone
from tests.basin import SMALL, digests
from tests.conftest import ROOT
from tests.waiting import until

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")
LONG = Plan(lakes=60, first_year=2006, last_year=2025, seed=3, scenes=40)
START = """
import sys, pathlib
from data.simulate.background import start_making
process = start_making(pathlib.Path(sys.argv[1]))
print(process.pid, flush=True)
sys.stdin.read()
"""


def family(pid: int) -> set[int]:
    """A process and all that descend from it, now."""
    found, more = {pid}, True
    while more:
        held = {int(path.name): _parent(path) for path in Path("/proc").iterdir() if path.name.isdigit()}
        grown = found | {child for child, parent in held.items() if parent in found}
        more, found = grown != found, grown
    return found


def _parent(path: Path) -> int:
    try:
        return int((path / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return -1


def alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2]}


def scenes_there(folder: Path) -> Callable[[], bool]:
    return lambda: any((folder / "scenes").glob("*.tif"))


def test_it_makes_all_and_ends(tmp_path: Path) -> None:
    plan = Plan(**{**vars(SMALL), "scenes": 2})
    write_simulated(tmp_path / "d", plan)
    process = start_making(tmp_path / "d")
    assert process is not None
    told = read_progress(tmp_path / "d")
    assert told is not None
    assert (told.done, told.total) == (0, 10)
    assert process.wait() == 0
    assert scenes_missing(tmp_path / "d") == (0, 10)
    assert read_progress(tmp_path / "d") is None
    assert start_making(tmp_path / "d") is None
    write_simulated(tmp_path / "alone", plan)
    make_scenes(tmp_path / "alone", Alone(), lambda _: None)
    assert digests(tmp_path / "d") == digests(tmp_path / "alone")


def test_it_gives_way_and_stops_when_asked(tmp_path: Path) -> None:
    write_simulated(tmp_path / "d", LONG)
    process = start_making(tmp_path / "d")
    assert process is not None
    until(scenes_there(tmp_path / "d"))
    assert os.getpriority(os.PRIO_PROCESS, process.pid) == min(os.getpriority(os.PRIO_PROCESS, 0) + NICE, 19)
    all_of_it = family(process.pid)
    assert len(all_of_it) >= 3
    stop_making(process)
    until(lambda: not alive(all_of_it))
    missing, total = scenes_missing(tmp_path / "d")
    assert 0 < missing < total
    told = read_progress(tmp_path / "d")
    assert told is not None
    assert not told.trouble


def test_it_ends_with_an_app_that_is_killed(tmp_path: Path) -> None:
    write_simulated(tmp_path / "d", LONG)
    app = subprocess.Popen(
        [sys.executable, "-c", START, str(tmp_path / "d")], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert app.stdout is not None
    maker = int(app.stdout.readline())
    until(scenes_there(tmp_path / "d"))
    all_of_it = family(maker)
    app.send_signal(signal.SIGKILL)
    app.wait()
    until(lambda: not alive(all_of_it))
