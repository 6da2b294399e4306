"""The runs that the Sequence lab shows: the one that Moraine comes with, and those that somebody trained. Shared by all sessions."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from pathlib import Path

from data.sequence.reading import SequenceRun, find_sequences

log = logging.getLogger(__name__)


class SequenceRuns:
    """Every run below some folders, looked for again by each visit that opens the lab; a run that is as it was stays open.

    Args:
        folders: Of runs.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)
        self._lock = threading.Lock()
        self._open: dict[str, SequenceRun] = {}

    def look(self) -> tuple[dict[str, SequenceRun], tuple[str, ...]]:
        """The runs by name, and a sentence for each that cannot be opened; where it lies is for the log alone."""
        runs, troubles = find_sequences(self._folders)
        for error in troubles:
            log.warning("%s", error)
        with self._lock:
            was, self._open = self._open, {}
            for run in runs:
                held = was.get(run.name)
                self._open[run.name] = held if held is not None and (held.digest, held.folder) == (run.digest, run.folder) else run
            found = dict(self._open)
        return found, tuple(error.sentence(*((f"{folder}/", "") for folder in self._folders)) for error in troubles)

    def at(self, name: str, digest: str) -> SequenceRun | None:
        """The run of that name, if it is still the one that is meant."""
        with self._lock:
            run = self._open.get(name)
        return run if run is not None and digest and run.digest.startswith(digest) else None
