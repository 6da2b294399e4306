"""How far the making of a simulated dataset is, in a small file that anybody may read: `.making.json` in it, gone when all is made."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from data.cache import write_text
from data.locks import KNOWN, held

FILE, LOCK = ".making.json", ".making.lock"
QUIET = 30.0
"""Seconds that a maker may take to start; where there are no locks, five times that to say something new."""


@dataclass(frozen=True)
class Progress:
    """Where it stands.

    Args:
        done, total: Of `what`.
        left_s: Seconds to go, None while nobody knows.
        trouble: Why it ended early; empty while it goes on.
        what: What is being made.
    """

    done: int
    total: int
    left_s: float | None = None
    trouble: str = ""
    what: str = "scenes"

    @property
    def words(self) -> str:
        """`340 of 1,200, about 2 min left`."""
        counted = f"{self.done:,} of {self.total:,}"
        if self.left_s is None or self.done == self.total:
            return counted
        return f"{counted}, about {self.left_s / 60:.0f} min left" if self.left_s >= 45 else f"{counted}, less than a minute left"


def read_progress(folder: Path) -> Progress | None:
    """How far the scenes of a dataset are, None where nobody makes any."""
    try:
        return Progress(**json.loads((folder / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def write_progress(folder: Path, progress: Progress) -> None:
    """Write the file atomically."""
    write_text(folder / FILE, json.dumps(asdict(progress)))


def stalled(folder: Path) -> bool:
    """Whether nobody works on the scenes although not all are made: whoever did was killed."""
    try:
        age = time.time() - (folder / FILE).stat().st_mtime
    except OSError:
        return False
    return age > QUIET and not held(folder / LOCK) if KNOWN else age > 5 * QUIET
