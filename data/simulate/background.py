"""Scenes made in a process of their own, for an app that goes on meanwhile: low priority, and never longer than the app lives."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

from data.simulate.making import scenes_missing
from data.simulate.progress import Progress, write_progress

NICE = 10


def start_making(folder: Path) -> subprocess.Popen[bytes] | None:
    """Start the maker of a simulated dataset's scenes; None where none is missing.

    It reads its standard input, which nobody writes to: it ends where that ends, however this process does. Several apps may each start
    one: one works, the others wait for its lock and go on where it was ended.
    """
    missing, total = scenes_missing(folder)
    if not missing:
        return None
    write_progress(folder, Progress(total - missing, total))
    command = [sys.executable, "-m", "data", "simulate", "--into", str(folder.absolute()), "--resume", "--background"]
    return subprocess.Popen(
        command, cwd=Path(__file__).parents[2], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True
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
