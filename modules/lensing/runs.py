"""The lenses that this app shows: those that Moraine comes with, and those of runs that somebody names. Shared by all sessions."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from pathlib import Path

from data.lens.finding import find_lenses
from data.lens.reading import Lens, fresh_cache

log = logging.getLogger(__name__)

SHIPPED = Path(__file__).resolve().parents[2] / "models" / "runs"
OWN = Path("out/runs")
"""Where `python -m models train` puts runs unless it is told otherwise."""


class Lenses:
    """Every lens below some folders, looked for again by each visit: a run may have got one meanwhile.

    Args:
        folders: Of runs.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)
        self._kept = fresh_cache()
        self._lock = threading.Lock()
        self._told: set[str] = set()
        self._open: dict[str, Lens] = {}

    def look(self) -> tuple[dict[str, Lens], tuple[str, ...]]:
        """The lenses by the names of their runs, and a sentence for each that cannot be opened; where it lies is for the log alone."""
        lenses, troubles = find_lenses(self._folders, self._kept)
        with self._lock:
            for error in troubles:
                if str(error) not in self._told:
                    self._told.add(str(error))
                    log.warning("%s", error)
            self._open = {lens.name: lens for lens in lenses}
        return dict(self._open), tuple(error.sentence(*((f"{folder}/", "") for folder in self._folders)) for error in troubles)

    def at(self, name: str, digest: str) -> Lens | None:
        """The lens of that run, if it is still the one that is meant."""
        with self._lock:
            lens = self._open.get(name)
        return lens if lens is not None and lens.digest.startswith(digest) and digest else None
