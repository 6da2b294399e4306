"""Work on files of strangers, in a process that can do little harm: a *task* reads what was handed in, and leaves plain results.

A task is a file `data/confined/tasks/<name>.py` that exports `run(arguments, folder)`: it takes and returns what JSON can say, and leaves
larger results (`.npy`, Parquet …) in `folder`. `confined("<name>", …)` runs it in a child of its own, forked from a process that has
imported what the task needs, within limits (`data/confined/limits.py`). Nothing that comes back is unpickled.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import Any

from data.confined.keeper import Keeper
from data.confined.outcomes import Order

__all__ = ["confined", "end", "shared"]


@functools.cache
def shared() -> Keeper:
    """The one of this process: one child at a time whoever asks, and one more beside a slow one."""
    return Keeper()


def confined(
    task: str, arguments: dict[str, Any], folder: Path, *, reads: Sequence[Path] = (), seconds: float = 60.0, called: str = "the file",
    stop: Event | None = None, whose: str = "",
) -> dict[str, Any]:  # fmt: skip
    """Run a task in a confined child and wait for it: call this in a thread, never on the event loop.

    Args:
        task: The name of a file of `data/confined/tasks/`.
        arguments: What JSON can say; paths absolute, as text.
        folder: An existing folder of the caller's, which the task may read and fill. Its working folder, for what is temporary, is a
            fresh one inside it that is gone afterwards.
        reads: Other files and folders that it may read; any other file of this machine is out of its reach (where the system has Landlock).
        seconds: How long it may take, once it is its turn.
        called: What messages call the file that is read.
        stop: Setting it ends the child, or the waiting for one.
        whose: The visit that shares what there is with others; empty: whoever has that folder.

    Raises:
        MoraineError: What the task raised.
        InputError: It took too long or too much memory, it crashed, too many wait, or `stop` was set.
    """
    return shared().call(Order(task, arguments, folder, tuple(reads), seconds, called, stop, whose)).value


def end() -> None:
    """End the process that children are forked from, and what it is doing. For the end of the app."""
    shared().end()
