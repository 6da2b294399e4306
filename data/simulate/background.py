"""Scenes made in a process of their own, for an app that goes on meanwhile: low priority, and never longer than the app lives."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from data.simulate.making import scenes_missing
from data.simulate.progress import Progress, write_progress

NICE = 10


SIMULATE = ("data", "simulate", "--resume", "--background", "--into")
"""The module and arguments, before the folder, that make scenes alone."""


def start_making(folder: Path, command: Sequence[str] = SIMULATE, more: bool = False) -> subprocess.Popen[bytes] | None:
    """Start the maker of a simulated dataset's scenes; None where nothing is missing.

    It reads its standard input, which nobody writes to: it ends where that ends, however this process does. Several apps may each start
    one: one works, the others wait for its lock and go on where it was ended.

    Args:
        folder: The dataset.
        command: What makes it (`python -m …`); the folder follows.
        more: Whether that has something to do where all scenes are there.
    """
    missing, total = scenes_missing(folder)
    if not missing and not more:
        return None
    if missing:
        write_progress(folder, Progress(total - missing, total))
    made_by = [sys.executable, "-m", *command, str(folder.absolute())]
    return subprocess.Popen(
        made_by, cwd=Path(__file__).parents[2], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
    )


def stop_making(process: subprocess.Popen[bytes]) -> None:
    """End a maker that `start_making` started. What it has made stays; the next one goes on."""
    if process.stdin is not None:
        process.stdin.close()
    process.wait()


def attend() -> None:
    """In the maker: give way to everybody else, and end with whoever holds the other end of the standard input."""
    if hasattr(os, "nice"):
        os.nice(NICE)

    def watch() -> None:
        while os.read(0, 1024):
            pass
        os._exit(0)  # worker processes end with their parent, and half-written files are cleared away by the next maker

    threading.Thread(target=watch, daemon=True).start()
