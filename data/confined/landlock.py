"""Landlock: a Linux process says itself, for good, which files it will still touch, and that it opens no TCP connection.

By the system calls, as glibc has no functions of them (Linux 5.13, network 6.7, signals 6.12; `Documentation/userspace-api/landlock.rst`
of the kernel). Where the system has none, nothing happens: the other limits stay.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from collections.abc import Iterable
from pathlib import Path

CREATE, ADD, RESTRICT = 444, 445, 446
"""Numbers of the system calls, the same on all architectures."""
PR_SET_NO_NEW_PRIVS = 38
EVERYTHING = (13, 14, 15, 15, 16, 16)
"""How many rights over files each version knows; the last one holds for newer ones as well."""
READ = 1 << 2 | 1 << 3
"""Reading a file, listing a folder. To execute is `1 << 0`, which nobody gets."""
CHANGE = READ | 1 << 1 | 1 << 4 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 13 | 1 << 14
"""Writing; making, moving and removing files and folders: no links, pipes or devices, which whoever opens them later would follow."""
ON_FILES = 1 << 1 | 1 << 2 | 1 << 14
"""Rights that a file can have, and not only a folder: writing, reading, cutting short."""
TCP = 1 << 0 | 1 << 1
SCOPED = 1 << 0 | 1 << 1
"""Abstract sockets and signals: to processes within the same bounds only."""


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("rights", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> int:
    """What this system knows; 0 where it knows nothing of it."""
    return max(_call(CREATE, None, 0, 1), 0)


def restrict(reads: Iterable[Path], writes: Iterable[Path]) -> bool:
    """From here on this process reads and lists only what lies in these places, writes only into those, and executes nothing.

    Args:
        reads: Files and folders; what does not exist is left out.
        writes: Folders that may be read and changed; no links or pipes are made there.

    Returns:
        Whether the system holds it to that.
    """
    known = version()
    if known < 1:
        return False
    all_rights = (1 << EVERYTHING[min(known, len(EVERYTHING)) - 1]) - 1
    rules = _Ruleset(all_rights, TCP if known >= 4 else 0, SCOPED if known >= 6 else 0)
    size = 24 if known >= 6 else 16 if known >= 4 else 8
    handle = _call(CREATE, ctypes.byref(rules), size, 0)
    if handle < 0:
        return False
    for path in reads:
        _allow(handle, path, READ)
    for path in writes:
        _allow(handle, path, CHANGE & all_rights)
    _library().prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    held = _call(RESTRICT, handle, 0) == 0
    os.close(handle)
    return held


def _allow(ruleset: int, path: Path, rights: int) -> None:
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            rule = _Beneath(rights if path.is_dir() else rights & ON_FILES, handle)
            _call(ADD, ruleset, 1, ctypes.byref(rule), 0)
        finally:
            os.close(handle)


def _library() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _call(number: int, *arguments: object) -> int:
    try:
        return int(_library().syscall(ctypes.c_long(number), *arguments))
    except (AttributeError, OSError, TypeError):
        return -1
