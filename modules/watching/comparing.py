"""The list on screen compared with a saved one. Pure, and slow for large inventories: call it in a thread."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from data.watchlist.compare import Comparison, compare
from data.watchlist.file_in import read_file
from modules.watching.background import Tell
from modules.watching.saving import OnScreen


def compared(path: Path, shown: OnScreen, tell: Tell) -> Comparison:
    """Read a saved list and compare it with the one on screen.

    Raises:
        InputError: The file is no watch-list of this dataset.
    """
    then = read_file(path)
    return compare(then, shown.saved(datetime.now(UTC).date()), tell)
