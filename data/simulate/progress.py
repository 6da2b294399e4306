"""How far the making of scenes is, in a small file that anybody may read: `.making.json` in the dataset, gone when all is made."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from data.cache import write_text
from data.errors import MoraineError
from data.simulate.making import clear_leftovers, make_scenes, scenes_missing

try:
    import fcntl
except ImportError:  # Windows has no flock; there, two makers at once do the same work, which harms nothing.
    fcntl = None

FILE, LOCK = ".making.json", ".making.lock"
SHOW_LEFT = 3
"""Lakes from which the rest is estimated."""


@dataclass(frozen=True)
class Progress:
    """Where it stands.

    Args:
        done, total: Scenes.
        left_s: Seconds to go, None while nobody knows.
        trouble: Why it ended early; empty while it goes on.
    """

    done: int
    total: int
    left_s: float | None = None
    trouble: str = ""

    @property
    def words(self) -> str:
        """`340 of 1,200, about 2 min left`."""
        left = "" if self.left_s is None else f", about {self.left_s / 60:.0f} min left" if self.left_s > 90 else ", about 1 min left"
        return f"{self.done:,} of {self.total:,}{left}"


def read_progress(folder: Path) -> Progress | None:
    """How far the scenes of a dataset are, None where nobody makes any."""
    try:
        return Progress(**json.loads((folder / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_progress(folder: Path, progress: Progress) -> None:
    """Write the file atomically."""
    write_text(folder / FILE, json.dumps(asdict(progress)))


def make_and_tell(folder: Path, workers: int, show: Callable[[Progress], object], waiting: Callable[[], object]) -> int:
    """`make_scenes`, keeping `.making.json` up to date; returns how many scenes it made.

    Args:
        folder, workers: As there.
        show: Called as it goes on.
        waiting: Called where another process makes these scenes already; then this one waits, and makes what is missing still.

    Raises:
        DatasetError, OSError: As `make_scenes`; the file then holds the reason.
    """
    with _alone(folder, waiting):
        missing, total = scenes_missing(folder)
        began, lakes, fresh = time.monotonic(), 0, 0

        def made(count: int) -> None:
            nonlocal lakes, fresh
            lakes, fresh = lakes + (count > 0), fresh + count
            left = (time.monotonic() - began) / fresh * (missing - fresh) if lakes >= SHOW_LEFT else None
            progress = Progress(total - missing + fresh, total, left)
            write_progress(folder, progress)
            show(progress)

        try:
            made(0)
            make_scenes(folder, workers, made)
        except (MoraineError, OSError) as error:
            told = error.what if isinstance(error, MoraineError) else error.strerror or type(error).__name__
            write_progress(folder, Progress(total - missing + fresh, total, None, told))
            raise
        (folder / FILE).unlink(missing_ok=True)
        return fresh


@contextmanager
def _alone(folder: Path, waiting: Callable[[], object]) -> Generator[None, None, None]:
    """One maker at a time; the system lets go of the lock when a process dies."""
    if fcntl is None:
        yield
        return
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(handle, fcntl.LOCK_EX)
        clear_leftovers(folder)
        yield
    finally:
        os.close(handle)
