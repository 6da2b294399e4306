"""Saved watch-lists between which anything at all has changed: both ends come out of the files, and every change is accounted for.

In full a hundred pairs; the checks are those of `tests/test_watchlist_worlds.py`, which runs one; a small part of this suite runs besides.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.harness import Figures
from tests.test_watchlist_worlds import accounted_for

PAIRS = 100


def watchlists_compared(seed: int, scale: float) -> Figures:
    """How many pairs were compared, and how many entries, exits and moves explained.

    Args:
        seed: Of the first pair.
        scale: Share of the pairs.
    """
    pairs = max(1, round(PAIRS * scale))
    changes = 0
    for number in range(pairs):
        with TemporaryDirectory(prefix="moraine-watchlists-") as folder:
            changes += accounted_for(Path(folder), seed + number)
    return {"pairs": pairs, "changes explained": changes, "not accounted for": 0}


SUITES = {"watchlists": watchlists_compared}
