"""Changing several files of a dataset as one: all of them, or none, even where the process is killed in between.

The new files are written into a hidden folder inside the dataset; renaming that folder to `.committed` is the one
step that counts. Afterwards its files move to their places one by one. Whoever is killed before that step has changed nothing; who is
killed after it leaves the rest of the moves to the next writer, and until then `current` finds the new files where they are.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from data.errors import DatasetError
from data.locks import KNOWN, lock

STAGED = ".staged-"
COMMITTED = ".committed"
SEAL = "SHA256SUMS"
"""The digests of all files of a pack: what has one is not written into."""
MIRRORED = ".mirror-of"
"""Says of which dataset on object storage a folder is a copy (data.afar): that one alone is written into."""


def current(folder: Path, name: str) -> Path:
    """Where the newest version of a dataset's file lies: in a commit whose moves were cut short, else in its place."""
    moved = folder / COMMITTED / name
    return moved if moved.exists() else folder / name


def finish(folder: Path) -> None:
    """End the moves of a commit that was cut short, and clear away what was never committed."""
    committed = folder / COMMITTED
    if committed.is_dir():
        for path in sorted(committed.iterdir()):
            _make_way(folder, folder / path.name, path)
            os.replace(path, folder / path.name)
        _sync(folder)
        committed.rmdir()
    for left in folder.glob(f"{STAGED}*"):
        shutil.rmtree(left)


def _make_way(folder: Path, old: Path, new: Path) -> None:
    """Set an old table aside where it or the new one is in parts: a folder takes no place that is taken."""
    if old.exists() and (old.is_dir() or new.is_dir()):
        aside = Path(tempfile.mkdtemp(prefix=STAGED, dir=folder))
        os.replace(old, aside / old.name)


def recover(folder: Path) -> None:
    """End what a killed writer began, if there is any. Raises DatasetError where a writer is at work."""
    if (folder / COMMITTED).exists() or any(folder.glob(f"{STAGED}*")):
        with _lock(folder):
            finish(folder)


@contextmanager
def transaction(folder: Path, *, mirrored: bool = False) -> Generator[Path, None, None]:
    """A folder to write new files into; they take their places together when the block ends, or never if it raises.

    Args:
        folder: The dataset; made where it does not exist.
        mirrored: Whether a mirror is brought up to date, which nobody else writes into.

    Raises:
        DatasetError: Another process is writing into it, or it is a pack, or a mirror.
    """
    if not mirrored:
        _refuse_sealed(folder)
    made = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    with _lock(folder):
        finish(folder)
        stage = Path(tempfile.mkdtemp(prefix=STAGED, dir=folder))
        try:
            yield stage
            for path in stage.iterdir():
                _sync(path)
            _sync(stage)
            os.rename(stage, folder / COMMITTED)
            _sync(folder)
            finish(folder)
        finally:
            if stage.exists():
                shutil.rmtree(stage)
            if made and not any(folder.iterdir()):
                folder.rmdir()


def _refuse_sealed(*folders: Path) -> None:
    for folder in folders:
        if (folder / SEAL).exists():
            raise DatasetError(f"{folder} is a pack, whose images are previews", "work on the whole dataset, then pack it again")
        if (folder / MIRRORED).exists():
            raise DatasetError(f"{folder} is a copy of a dataset on object storage", "work on a whole copy, then write it there again")


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def alone_in(folder: Path) -> Generator[None, None, None]:
    """Be the one writer of a folder below a dataset, which is made where it does not exist, and not left behind empty.

    Raises:
        DatasetError: Another process is writing into it, or it is a pack.
    """
    _refuse_sealed(*folder.parents[:2])
    made = [each for each in (folder, folder.parent) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with _lock(folder):
            yield
    finally:
        for each in made:
            if not any(each.iterdir()):
                each.rmdir()


@contextmanager
def _lock(folder: Path) -> Generator[None, None, None]:
    """One writer at a time; the system lets go of the lock when a process dies, so no lock is ever left behind."""
    if not KNOWN:  # nor can a folder be opened there
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        if not lock(handle):
            raise DatasetError(f"another process is writing into {folder}", "wait until it has ended, then run this again")
        yield
    finally:
        os.close(handle)
