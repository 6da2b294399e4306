"""Small results kept under the state folder, one file each: whole or not there, verified when they are read, bounded with the tables.

A file is the SHA-256 of its key and of what it holds, then what it holds. Nothing is forced to the disk, since there are thousands: what a
power failure cuts short is not what its digest says, and is made anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import tempfile
import threading
import time
from pathlib import Path

from data import settings
from data.cache import TEMP_SUFFIX
from data.kept import HALF, make_room, reason, touch

DIGEST = 32
"""Bytes."""
STEP = 64
"""One in so many bytes of the bound is written before it is looked again how much there is."""
AGAIN_S = 60.0
"""Seconds after which it is tried again to write where nothing could be written."""
logger = logging.getLogger(__name__)


class KeptBytes:
    """The files of one folder of `data.kept.HALF`. Several threads and processes may share it.

    Args:
        state_dir: The state folder; None keeps nothing.
        name: Of the folder.
    """

    def __init__(self, state_dir: Path | None, name: str) -> None:
        assert name in HALF
        self._state, self.folder = state_dir, state_dir / name if state_dir else None
        """Where they lie."""
        self._lock = threading.Lock()
        self._left = -1
        """Bytes that may be written before room is made again; at first it is made at once, for what killed writers left."""
        self._rests = 0.0
        self.trouble = ""
        """Why what was put here last is not kept; empty where it is."""

    def path(self, key: str) -> Path | None:
        """Where what has this key lies, if it is there."""
        return self.folder / key[:2] / key[2:] if self.folder else None

    def get(self, key: str) -> bytes | None:
        """What is kept under a key (hex digits); a file whose bytes have changed is logged, removed, and counts as none."""
        path = self.path(key)
        if path is None:
            return None
        self._make_room(0)
        try:
            held = path.read_bytes()
        except OSError:
            return None
        if held[:DIGEST] != _digest(key, held[DIGEST:]):
            logger.warning("%s is damaged (its bytes are not those it was written with): what it holds is made anew", path)
            with contextlib.suppress(OSError):
                path.unlink()
            return None
        touch(path)
        return held[DIGEST:]

    def put(self, key: str, content: bytes) -> None:
        """Keep something. Where that cannot be, `trouble` says why, and after AGAIN_S it is tried again."""
        path = self.path(key)
        if path is None or time.monotonic() < self._rests:
            return
        self._make_room(len(content) + DIGEST)
        try:
            _write(path, _digest(key, content) + content)
            self.trouble = ""
        except OSError as error:
            if not self.trouble:
                logger.warning("%s cannot be written, so what belongs there is kept in memory only: %s", self.folder, error)
            self.trouble, self._rests = reason(error), time.monotonic() + AGAIN_S

    def _make_room(self, size: int) -> None:
        assert self._state is not None
        with self._lock:
            self._left -= size
            if self._left < 0:
                most = settings.number("STATE_MB") * 2**20
                self._left = max(most // STEP - size, 0)
                make_room(self._state, most, coming=self._left + size)


def _digest(key: str, content: bytes) -> bytes:
    return hashlib.sha256(key.encode() + content).digest()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, made = tempfile.mkstemp(prefix=".", suffix=TEMP_SUFFIX, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(made, 0o644)  # as tables have it: a replica may run as another user
        os.replace(made, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(made)
        raise
