"""A mirror: a folder of this machine that stands for a dataset on object storage.

It holds copies of what is no image (`dataset.toml`, tables, in parts or not, trend tables that the dataset brings along), with the times of
the originals. Images stay where they are; `data.afar.places` finds them.
"""

from __future__ import annotations

import functools
import hashlib
import logging
import os
import re
import shutil
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from data.afar.address import Address, address
from data.afar.storage import Entry, LostError, Storage, storage
from data.cache import write_text
from data.commit import MIRRORED, transaction
from data.errors import DatasetError, InputError
from data.kept import reason
from data.locks import lock
from data.meta import FILE

FRESH_S = 60.0
"""Seconds after which it is looked again whether tables have changed."""
TABLE, INDEX = ".parquet", "_index.parquet"
NAMED = re.compile("[0-9a-f]{16}")
"""How the folder of a mirror is called."""
SMALL = (".toml", ".json", TABLE)
BESIDE = "trends"
logger = logging.getLogger(__name__)


class Mirror:
    """Of one dataset.

    Args:
        folder: The copy.
        place: The dataset.
    """

    def __init__(self, folder: Path, place: Address) -> None:
        self.folder, self.place = folder, place
        self._looked = 0.0
        self._one, self._due = threading.Lock(), threading.Lock()

    @property
    def storage(self) -> Storage:
        """Where the dataset lies."""
        return storage(self.place.bucket)

    def sync(self) -> bool:
        """Copy what has changed; returns whether anything had.

        Raises:
            LostError: Storage does not answer; nothing has changed here.
            DatasetError: There is no dataset, storage refuses, or nothing can be written here.
        """
        with self._one, self._alone():
            self._looked = time.monotonic()
            top = [entry for entry in self.storage.listed(self.place.key("")) if not entry.name.startswith(".")]
            if not any(entry.name == FILE for entry in top):
                raise DatasetError(f"{self.place} is no dataset: there is no {FILE}", "name the folder that holds it, bucket first")
            files = [entry for entry in top if not entry.folder and entry.name.endswith(SMALL)]
            changed = self._copied(files)
            parted = [entry.name for entry in top if entry.folder and entry.name.endswith(TABLE)]
            for table in (path for path in self.folder.glob(f"*{TABLE}") if path.is_dir() and path.name not in parted):
                shutil.rmtree(table)
                changed = True
            for name in (*parted, BESIDE):
                changed |= self._below(name)
            return changed

    @contextmanager
    def _alone(self) -> Generator[None, None, None]:
        """One copies at a time, of all processes that share the folder: the others wait, and find everything there."""
        with (self.folder / MIRRORED).open("rb") as file:
            lock(file, wait=True)
            yield

    def freshen(self) -> None:
        """`sync` in the background, where the last one was a while ago."""
        with self._due:
            if time.monotonic() - self._looked < FRESH_S or self.storage.lost is not None:
                return
            self._looked = time.monotonic()
        threading.Thread(target=self._quietly, name="mirror", daemon=True).start()

    def _quietly(self) -> None:
        try:
            self.sync()
        except (DatasetError, OSError) as error:
            logger.warning("%s: %s; what was copied last is shown", self.place, error)

    def _copied(self, files: list[Entry]) -> bool:
        """All of a dataset's own files in one step, so that nobody sees tables of two moments."""
        new = [entry for entry in files if not _same(self.folder / entry.name, entry)]
        names = {entry.name for entry in files}
        gone = [path for path in self.folder.iterdir() if path.is_file() and path.name.endswith(SMALL) and path.name not in names]
        if new:
            with transaction(self.folder, mirrored=True) as stage:
                for entry in new:
                    self._copy(entry.name, entry, stage / entry.name)
        for path in gone:
            path.unlink(missing_ok=True)
        return bool(new or gone)

    def _below(self, name: str) -> bool:
        """The tables of a folder; the index of parts after the parts that it names."""
        folder = self.folder / name
        listed = self.storage.listed(self.place.key(name))
        found = sorted(
            (entry for entry in listed if not entry.folder and entry.name.endswith(TABLE)), key=lambda entry: entry.name == INDEX
        )
        new = [entry for entry in found if not _same(folder / entry.name, entry)]
        for entry in new:
            folder.mkdir(exist_ok=True)
            half = folder / f".{entry.name}.partial"
            self._copy(f"{name}/{entry.name}", entry, half)
            half.replace(folder / entry.name)
        names = {entry.name for entry in found}
        gone = [path for path in folder.glob("*") if path.name not in names and not path.is_dir()]
        for path in gone:
            path.unlink(missing_ok=True)
        return bool(new or gone)

    def _copy(self, name: str, entry: Entry, into: Path) -> None:
        try:
            self.storage.fetch(self.place.key(name), into)
        except OSError as error:
            raise DatasetError(
                f"{self.place}/{name} cannot be copied to {into.parent}: {reason(error)}", "make room there, or let it be written into"
            ) from error
        if into.stat().st_size != entry.size:
            raise DatasetError(f"{self.place}/{name} changed while it was copied", "wait until it has been written, then try again")
        os.utime(into, ns=(entry.changed, entry.changed))


def _same(path: Path, entry: Entry) -> bool:
    try:
        held = path.stat()
    except FileNotFoundError:
        return False
    return (held.st_size, held.st_mtime_ns) == (entry.size, entry.changed)


def mirror(place: Address, home: Path) -> Path:
    """The folder that stands for a dataset, its tables as they are now; as they were, where storage does not answer but did before.

    Args:
        place: The dataset.
        home: A folder to write into.

    Raises:
        InputError: It was never copied, and storage does not answer.
        DatasetError: There is no dataset, or storage refuses.
    """
    folder = home / _name(place)
    known = (folder / FILE).exists()
    if not (folder / MIRRORED).exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_text(folder / MIRRORED, f"{place}\n")
    mirrored.cache_clear()
    held = mirrored(folder)
    assert held is not None
    try:
        held.sync()
    except LostError as error:
        if not known:
            if not (folder / FILE).exists():  # else another process has been luckier
                shutil.rmtree(folder, ignore_errors=True)
            raise InputError(
                f"{place}: {error.what}", "see that the network is there and AWS_ENDPOINT_URL is right, then start again"
            ) from None
        logger.warning("%s: %s; it is shown as it was copied last", place, error.what)
    return folder


def freshen(folder: Path) -> None:
    """Bring a mirror up to date in the background, at most once in FRESH_S; nothing for any other folder."""
    held = mirrored(folder)
    if held is not None:
        held.freshen()


def _name(place: Address) -> str:
    """What the folder of a mirror is called; see NAMED."""
    return hashlib.sha256(str(place).encode()).hexdigest()[:16]


@functools.lru_cache(maxsize=4096)
def mirrored(folder: Path) -> Mirror | None:
    """The mirror that a folder is; None for any other, one that merely holds the mark of a mirror among them.

    A dataset that came from elsewhere with such a mark must not have files of its own replaced, nor this machine's keys used.
    """
    try:
        place = address((folder / MIRRORED).read_text().strip())
    except (OSError, InputError, UnicodeDecodeError):
        return None
    return Mirror(folder, place) if folder.name == _name(place) else None
