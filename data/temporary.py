"""Temporary files of this process: in a folder of its own that nobody else can read; what killed ones left is cleared at the next start.

Python's `tempfile` is pointed there, and with it all that uses it: Shiny's folders of uploads, archives that are unpacked, exports on their
way; and by TMPDIR what this process starts.
"""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import stat
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from data.errors import InputError
from data.locks import KNOWN, lock
from data.state import try_writing, writable

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  a folder of our own is made there
"""Where Linux keeps files in memory: for hosts on which no disk can be written."""
logger = logging.getLogger(__name__)


def own_temporary(state: Path) -> Path:
    """Make the folder, readable by this user alone, and have all temporary files of this process go there until it ends.

    Args:
        state: The state folder, for hosts that have no other place.

    Raises:
        InputError: There is no place to which a file can be written.
    """
    for place in _places(state):
        try:
            folder = _made(place)
        except OSError:
            continue
        tempfile.tempdir = os.environ["TMPDIR"] = str(folder)
        atexit.register(_at_exit, folder, os.getpid())
        return folder
    raise InputError("no folder for temporary files can be written", "set TMPDIR to a folder that can, or mount a tmpfs on /tmp")


def _places(state: Path) -> Iterator[Path]:
    # The last of tempfile's own choices is the working folder, which may be the project's.
    try:
        if Path(tempfile.gettempdir()).resolve() != Path.cwd():
            yield Path(tempfile.gettempdir())
    except FileNotFoundError:
        pass
    if writable(state):
        yield state
    if SHARED_MEMORY.is_dir():
        yield SHARED_MEMORY


def _made(place: Path) -> Path:
    """A new folder in `place`, locked for as long as this process lives; those of processes that are gone are removed.

    Raises:
        OSError: Nothing can be written there.
    """
    base = place / f"moraine-{os.getuid() if hasattr(os, 'getuid') else 'tmp'}"
    base.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not _ours(base):
        logger.warning("%s is not this user's own: temporary files go beside it, and are not cleared away if this process is killed", base)
        return _writable(Path(tempfile.mkdtemp(prefix="moraine-", dir=place)))
    with _alone(base):
        sweep(base)
        folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=base))
        _hold(folder)
    return _writable(folder)


def _ours(base: Path) -> bool:
    """Whether a folder is no link, and this user's; nobody else may look into it from now on."""
    found = base.lstat()
    if not stat.S_ISDIR(found.st_mode) or (hasattr(os, "getuid") and found.st_uid != os.getuid()):
        return False
    base.chmod(0o700)
    return True


def _writable(folder: Path) -> Path:
    """The folder, with the mode it should have whatever the umask. Raises OSError where no byte can be written there."""
    folder.chmod(0o700)
    try_writing(folder)
    return folder


def _hold(folder: Path) -> None:
    """Lock a folder until this process ends: the open folder is never closed."""
    if KNOWN:  # nor can a folder be opened elsewhere
        lock(os.open(folder, os.O_RDONLY))


@contextmanager
def _alone(base: Path) -> Generator[None, None, None]:
    """Between a folder being made and being locked, nobody sweeps."""
    if not KNOWN:
        yield
        return
    handle = os.open(base, os.O_RDONLY)
    try:
        lock(handle, wait=True)
        yield
    finally:
        os.close(handle)


def sweep(base: Path) -> int:
    """Remove the folders in `base` of processes that are gone; returns how many. Nothing where the system has no locks to tell by."""
    swept = 0
    for folder in sorted(base.iterdir()) if KNOWN else ():
        # Another process may end meanwhile, and take its folder with it.
        if folder.is_symlink() or not folder.is_dir():
            folder.unlink(missing_ok=True)
            continue
        try:
            handle = os.open(folder, os.O_RDONLY)
        except FileNotFoundError:
            continue
        try:
            if lock(handle):
                shutil.rmtree(folder, ignore_errors=True)
                swept += 1
        finally:
            os.close(handle)
    if swept:
        logger.info("cleared temporary files of %d processes that were killed", swept)
    return swept


def remove(folder: Path) -> None:
    """Remove the folder at the end of the app, which a signal may end without Python's own leave-taking."""
    shutil.rmtree(folder, ignore_errors=True)


def _at_exit(folder: Path, owner: int) -> None:
    if os.getpid() == owner:  # not in what was forked from it
        remove(folder)
