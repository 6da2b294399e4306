"""Where Moraine keeps what it makes for itself: caches and generated datasets, never a dataset of the user's."""

from __future__ import annotations

import tempfile
from pathlib import Path

from data import settings


def state_dir() -> Path:
    """The folder that the setting STATE_DIR names, or else the user's cache folder. It need not exist, nor be writable."""
    named = settings.path("STATE_DIR")
    if named is not None:
        return named
    from platformdirs import user_cache_path  # noqa: PLC0415

    return user_cache_path("moraine")


def writable(folder: Path) -> bool:
    """Whether a file can be written there, which is tried; the folder is made if need be, for this user alone whatever the umask."""
    try:
        if not folder.exists():
            folder.mkdir(parents=True)
            folder.chmod(0o700)
        try_writing(folder)
    except OSError:
        return False
    return True


def try_writing(folder: Path) -> None:
    """Raises OSError where no byte can be written there: a full disk still makes files."""
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"1")
        file.flush()
