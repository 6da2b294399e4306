"""A run of the maker: one at a time, telling how far it is."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from data.errors import MoraineError
from data.locks import KNOWN, lock
from data.simulate.making import clear_leftovers, make_scenes, scenes_missing
from data.simulate.progress import FILE, LOCK, Progress, write_progress
from data.spreading import Hands

SHOW_LEFT = 3
"""Lakes from which the rest is estimated."""


def make_and_tell(folder: Path, hands: Hands, show: Callable[[Progress], object], waiting: Callable[[], object]) -> int:
    """`make_scenes`, keeping `.making.json` up to date; returns how many scenes it made.

    Args:
        folder, hands: As there.
        show: Called as it goes on.
        waiting: Called where another process makes these scenes already; then this one waits, and makes what is missing still.

    Raises:
        DatasetError, OSError: As `make_scenes`; the file then holds the reason.
    """
    with alone(folder, waiting):
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
            make_scenes(folder, hands, made)
        except (MoraineError, OSError) as error:
            told = error.what if isinstance(error, MoraineError) else error.strerror or type(error).__name__
            write_progress(folder, Progress(total - missing + fresh, total, None, told))
            raise
        (folder / FILE).unlink(missing_ok=True)
        return fresh


@contextmanager
def alone(folder: Path, waiting: Callable[[], object] = lambda: None) -> Generator[None, None, None]:
    """One maker at a time, of scenes or of what is made of them; the system lets go of the lock when a process dies."""
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not lock(handle):
            waiting()
            lock(handle, wait=True)
        if KNOWN:  # else they may be another maker's
            clear_leftovers(folder)
        yield
    finally:
        os.close(handle)
