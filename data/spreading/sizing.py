"""How many workers a piece of work is given."""

from __future__ import annotations

import os

from data.errors import InputError

AHEAD = 3
"""Items that wait for each worker."""
MOST = 64
"""Workers of this machine."""
ALONE_S = 3.0
"""Seconds of work that this process does by itself: about as long takes another to load what it needs."""


def workers_of(asked: int) -> int:
    """As many workers as were asked for, but no more than there are processors.

    Raises:
        InputError: The number is out of range.
    """
    if not 1 <= asked <= MOST:
        raise InputError(f"--workers {asked} is out of range", f"ask for 1 to {MOST}")
    return min(asked, os.cpu_count() or 1)


def workers_for(asked: int, seconds: float) -> int:
    """As many of these workers as so many seconds of work are worth, at least one."""
    return asked if seconds >= asked * ALONE_S else 1 + int(seconds / ALONE_S)
