"""Tables kept by fingerprint under the state folder: whole or not there, verified when they are read, and bounded together.

A file's name holds the digest of its bytes, `<key>.<digest>.parquet`, so that one step puts both in place and anybody can check it
(`sha256sum`). Page checksums alone would not do: they say nothing of a file's head, which holds the counts of the headline.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from data import settings
from data.cache import TEMP_SUFFIX, file_digest, write_table_named
from data.errors import DatasetError

CACHES = ("flags", "trends")
"""Folders of tables under the state folder, bounded together with those of HALF; reviews and generated datasets are not among them."""
HALF = ("masks", "pictures")
"""Folders of small files, in folders by the first digits of their names: half of the bound at most, since tables take longer to make."""
T = TypeVar("T")
LEFT_S = 3600.0
"""Seconds after which a file that is still half-written has nobody who writes it."""
logger = logging.getLogger(__name__)


class KeptFiles:
    """The files of one folder of CACHES. Several processes may share it.

    Args:
        state_dir: The state folder; None keeps nothing.
        name: Of the folder, in CACHES.
        beside: A folder that is looked at first and never written: a dataset's own.
    """

    def __init__(self, state_dir: Path | None, name: str, beside: Path | None = None) -> None:
        self._state, self._own = state_dir, state_dir / name if state_dir else None
        self._folders = [folder for folder in (beside, self._own) if folder is not None]
        self.trouble = ""
        """Why what was put here last is not kept; empty where it is."""
        self.tried = 0.0
        """When that was, by `time.monotonic()`."""
        self._swept = False

    def find(self, key: str) -> Path | None:
        """The file kept under a key, its bytes verified; one whose bytes have changed is logged, and removed, so that it is made anew."""
        self._sweep()
        for folder in self._folders:
            for path in sorted(folder.glob(f"{key}.*.parquet")):
                if self._whole(path):
                    if folder == self._own:
                        touch(path)
                    return path
        return None

    def read(self, key: str, load: Callable[[Path], T]) -> T | None:
        """What `load` makes of the file kept under a key; one that it refuses is logged, removed, and counts as none.

        Args:
            key: Of the file.
            load: Raises DatasetError where a file is no good.
        """
        path = self.find(key)
        if path is None:
            return None
        try:
            return load(path)
        except DatasetError as error:
            logger.warning("%s", error)
            self.drop(path)
            return None

    def put(self, key: str, table: pa.Table) -> None:
        """Keep a table. Where that cannot be, `trouble` says why, and the next one is tried again."""
        if self._state is None or self._own is None:
            return
        self.tried = time.monotonic()
        try:
            write_table_named(self._own, key, table)
            self.trouble = ""
        except OSError as error:
            self.trouble = reason(error)
            logger.warning("%s cannot be written, so tables are kept in memory only: %s", self._own, error)
        make_room(self._state, settings.number("STATE_MB") * 2**20)

    def drop(self, path: Path) -> None:
        """Remove a file of ours that is no good."""
        if path.parent == self._own:
            with contextlib.suppress(OSError):
                path.unlink()

    def _sweep(self) -> None:
        """Once: who finds all that it asks for puts nothing, and what a killed writer left would stay."""
        if self._swept or self._own is None:
            return
        self._swept = True
        _trimmed(_files(self._own), sys.maxsize)

    def _whole(self, path: Path) -> bool:
        try:
            whole = file_digest(path).startswith(path.name.split(".")[-2])
        except OSError:
            return False  # another process has just removed it
        if not whole:
            logger.warning("%s is damaged (its bytes are not those it was written with): what it holds is worked out anew", path)
            self.drop(path)
        return whole


def make_room(state_dir: Path, most: int, coming: int = 0) -> None:
    """Remove the cached files used longest ago until all have at most `most` bytes, HALF of it small files, and what killed writers left.

    Args:
        state_dir: The state folder.
        most: Bytes.
        coming: Bytes of small files that will be written before room is made again.
    """
    small = [file for name in HALF for folder in _folders(state_dir / name) for file in _files(folder)]
    small = _trimmed(small, max(most // 2 - coming, 0))
    _trimmed(small + [file for name in CACHES for file in _files(state_dir / name)], max(most - coming, 0))


def _folders(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as found:
            return [each.path for each in found]
    except OSError:
        return []


def _files(folder: Path | str) -> list[tuple[float, int, str]]:
    """When each was used last, its bytes, and its path."""
    files: list[tuple[float, int, str]] = []
    with contextlib.suppress(OSError), os.scandir(folder) as found:
        for each in found:
            with contextlib.suppress(OSError):
                told = each.stat()
                files.append((told.st_mtime, told.st_size, each.path))
    return files


def _trimmed(files: list[tuple[float, int, str]], most: int) -> list[tuple[float, int, str]]:
    """Those that stay."""
    total, stay = sum(size for _, size, _ in files), list[tuple[float, int, str]]()
    for used, size, path in sorted(files):
        left = path.endswith(TEMP_SUFFIX)
        if (total > most and not left) or (left and _nobodys(used)):
            with contextlib.suppress(OSError):
                os.unlink(path)
                total -= size
                continue
        stay.append((used, size, path))
    return stay


def _nobodys(written: float) -> bool:
    """Whether a half-written file was last written so long ago that its writer must have been killed."""
    return time.time() - written > LEFT_S


def reason(error: OSError) -> str:
    """Why a file could not be written, without its path; pyarrow has the number of the error in its text alone."""
    found = re.search(r"\[errno (\d+)\]", str(error), re.IGNORECASE)
    return os.strerror(int(found[1])).lower() if found else "an error of the disk"


def touch(path: Path) -> None:
    """Count as used just now, for `make_room`."""
    with contextlib.suppress(OSError):
        os.utime(path)
