"""Comparing the list on screen with a saved one, in the background."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from shiny import reactive

from data.errors import MoraineError
from data.watchlist.compare import Comparison, compare
from data.watchlist.file_in import read_file
from modules.watching.saving import OnScreen


class Stopped(Exception):  # noqa: N818 - nobody's mistake
    """The person has stopped it."""


def compared(path: Path, shown: OnScreen, most_mb: int, tell: Callable[[int, int], None]) -> Comparison:
    """Read a saved list and compare it with the one on screen.

    Raises:
        InputError: The file is no watch-list of this dataset.
    """
    then = read_file(path, most_mb)
    return compare(then, shown.saved(datetime.now(UTC).date()), tell)


class Comparing:
    """One comparison at a time; the last one asked for wins.

    Args:
        most_mb: Size of the largest file.
    """

    def __init__(self, most_mb: int) -> None:
        self._most_mb = most_mb
        self.found: reactive.Value[Comparison | None] = reactive.Value(None, name="found")
        self.trouble: reactive.Value[str] = reactive.Value("", name="trouble")
        self.busy: reactive.Value[bool] = reactive.Value(False, name="busy")
        self._stop = threading.Event()
        self._work = reactive.extended_task(self._run)
        reactive.effect(self._finish)

    def begin(self, path: Path, shown: OnScreen) -> None:
        """Compare; whatever was being compared is stopped."""
        self.stop()
        self._stop = threading.Event()
        self.trouble.set("")
        self.busy.set(True)
        self._work.invoke(path, shown, self._stop)

    def stop(self) -> None:
        """End the work; what was found before stays."""
        self._stop.set()
        self._work.cancel()
        self.busy.set(False)

    def fail(self, error: MoraineError) -> None:
        """Say why nothing was compared."""
        self.trouble.set(". ".join(text[:1].upper() + text[1:] for text in (error.what, error.remedy)) + ".")

    def clear(self) -> None:
        """Forget what was found."""
        self.stop()
        self.found.set(None)
        self.trouble.set("")

    async def _run(self, path: Path, shown: OnScreen, stop: threading.Event) -> Comparison:
        def tell(done: int, of: int) -> None:
            if stop.is_set():
                raise Stopped

        return await asyncio.to_thread(compared, path, shown, self._most_mb, tell)

    def _finish(self) -> None:
        try:
            found = self._work.result()
        except Stopped:
            return
        except MoraineError as error:
            self.busy.set(False)
            self.fail(error)
            return
        self.busy.set(False)
        self.found.set(found)
