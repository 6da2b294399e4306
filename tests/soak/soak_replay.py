"""Crowds: users that open, filter, click, brush, take a flipbook and have an image segmented, all at once, on a server of its own.

Every answer is held against what its user asked for. In full on a basin of 800 lakes, 60 of them with images, and on a pack of it; a sample
is played once for all suites, on the small dataset of the tests.
"""

from __future__ import annotations

import functools
import math
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.asgi import finished
from tests.browser.server import serving
from tests.harness import ROOT, Figures
from tests.load.basin import played_basin
from tests.load.replay import Crowd
from tests.load.tally import Tally
from tests.load.tree import Watch, watched
from tests.load.user import Way

USERS, INFERENCES = 30, 20
P50_MS, P95_MS = 60.0, 300.0
MANY, STAYING, PLACES = 100, 20, 120
PACK_MB, LIMIT_MB, PEAK_MB = 60, 1024.0, 900.0
PATIENCE_S = 300.0


@dataclass(frozen=True)
class Played:
    """What came of a crowd.

    Args:
        tally: What its users found.
        watch: What the server and its children took.
        given: What one user too many was given; see `Crowd.fill`.
    """

    tally: Tally
    watch: Watch
    given: tuple[int, str, str] = (0, "", "")


@contextmanager
def _served(folder: Path, limit_mb: float = math.inf, **env: str) -> Iterator[tuple[str, Watch]]:
    """A server on that dataset, ended where it takes more than a limit."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        serving(Path(scratch) / "state", {"MORAINE_DATASETS": str(folder), **env}) as server,
        watched(server.process.pid, limit_mb) as watch,
    ):
        yield server.url, watch
        faults = _faults(server.log)
        assert not faults, faults[0]


def _faults(log: Sequence[str]) -> list[str]:
    """Exceptions that the server reported. A timer that ends with its visit while it waits for its turn is none, though Shiny says so."""
    parts = "".join(line for line in log if "uvicorn.access" not in line).split("Traceback (most recent call last):\n")[1:]
    return [part for part in parts if "asyncio.exceptions.CancelledError" not in part]


@functools.cache
def _sample(seed: int) -> Played:
    with played_basin(seed, full=False) as folder, _served(folder, MORAINE_SESSIONS="3") as (url, watch):
        crowd = Crowd(url, folder, seed, Way(clicks=3, think_s=0.1, inference=False), ramp_s=0.1)
        given = finished(crowd.fill(2, 1))
    return Played(crowd.tally, watch, given)


def _held(played: Played, clicks: int) -> None:
    """Nothing wrong, nothing missing, nobody dropped."""
    tally, said = played.tally, "\n".join(played.tally.complaints)
    assert not tally.wrong, f"{tally.wrong} of {tally.checked} answers were of something else:\n{said}"
    assert not tally.missing, f"{tally.missing} answers did not come:\n{said}"
    assert not tally.dropped, f"{tally.dropped} visits were dropped:\n{said}"
    assert len(tally.seconds["click"]) >= clicks


def _figures(played: Played, **more: Any) -> Figures:
    memory = {"peak_mb": round(played.watch.peak_mb), "processes": played.watch.most}
    return {**more, **played.tally.figures(), **memory}


def thirty(seed: int, scale: float) -> Figures:
    """USERS users, each with two seconds of thought before a step."""
    if scale < 1.0:
        played, users = _sample(seed), 2
    else:
        users = USERS
        with played_basin(seed, full=True) as folder, _served(folder) as (url, watch):
            played = Played(finished(Crowd(url, folder, seed).play(users)), watch)
    if scale == 1.0:
        print(_figures(played, users=users), flush=True)  # told where something below fails, too
    _held(played, users * 3)
    if scale == 1.0:
        assert played.tally.percentile("click", 50) <= P50_MS, f"p50 {played.tally.percentile('click', 50)} ms"
        assert played.tally.percentile("click", 95) <= P95_MS, f"p95 {played.tally.percentile('click', 95)} ms"
    return _figures(played, users=users)


def hundred(seed: int, scale: float) -> Figures:
    """MANY users play, STAYING more have the page open, and so every one of PLACES is taken: one more is told so, in words.

    They come quickly, so that the first is still there when the last has come.
    """
    if scale < 1.0:
        played, users = _sample(seed), 2
    else:
        users = MANY
        with played_basin(seed, full=True) as folder, _served(folder, MORAINE_SESSIONS=str(PLACES)) as (url, watch):
            crowd = Crowd(url, folder, seed, Way(clicks=10, patience_s=PATIENCE_S), ramp_s=0.2, inferring=INFERENCES)
            given = finished(crowd.fill(users, STAYING))
            played = Played(crowd.tally, watch, given)
    _held(played, users * 3)
    status, again, words = played.given
    assert (status, again.isdecimal()) == (503, True), played.given
    assert "try" in words.lower(), "the page says what to do"
    return _figures(played, users=users)


def packed(seed: int, scale: float) -> Figures:
    """USERS users and INFERENCES inferences on a pack: the server and all its children together stay below PEAK_MB."""
    if scale < 1.0:
        played, users = _sample(seed), 2
    else:
        users = USERS
        with played_basin(seed, full=True) as folder, tempfile.TemporaryDirectory() as scratch:
            pack = Path(scratch) / "pack"
            command = [sys.executable, "-m", "data", "pack", str(folder), "--max-mb", str(PACK_MB), "--into", str(pack)]
            subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
            with _served(pack, LIMIT_MB) as (url, watch):
                played = Played(finished(Crowd(url, pack, seed, inferring=INFERENCES).play(users)), watch)
    assert not played.watch.ended, f"more than {LIMIT_MB:.0f} MB: ended"  # first: then answers are missing, too
    _held(played, users * 3)
    assert scale < 1.0 or len(played.tally.seconds["inference"]) == INFERENCES
    assert played.watch.peak_mb <= PEAK_MB, f"{played.watch.peak_mb:.0f} MB"
    return _figures(played, users=users)


SUITES = {"replay.thirty": thirty, "replay.hundred": hundred, "memory.packed": packed}
