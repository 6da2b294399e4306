"""Locks on open files. The system lets go of them when a process dies, so none is ever left behind."""

from __future__ import annotations

import os
from typing import IO, Any

try:
    import fcntl
except ImportError:  # Windows has no flock; there, two processes at once are the user's to avoid.
    fcntl = None

KNOWN = fcntl is not None
"""Whether this system has such locks."""


def lock(file: int | IO[Any], *, shared: bool = False, wait: bool = False) -> bool:
    """Lock an open file (or folder) until it is closed.

    Args:
        file: A file, or its descriptor.
        shared: Beside others that share it.
        wait: Until nobody else holds it.

    Returns:
        False where another process holds it; True where it is ours, and on a system without such locks.
    """
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True


def held(path: str | os.PathLike[str]) -> bool:
    """Whether some process holds the lock of a file; False where there is no such file."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        return not lock(handle, shared=True)
    finally:
        os.close(handle)
