"""Settings of a running app, from the environment. Each is described in the README."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from data.default import default_dataset
from data.errors import InputError
from data.state import state_dir, writable


@dataclass(frozen=True)
class Config:
    """What the app serves and where it may write.

    Args:
        folders: Dataset folders, in the order of the picker.
        state_dir: Where caches go; None: memory only, and the page says so.
    """

    folders: list[Path]
    state_dir: Path | None


def config() -> Config:
    """Read MORAINE_DATASETS (folders, separated as in PATH) and MORAINE_STATE_DIR.

    With no dataset named, the default simulated one is opened, and made first if it is not there.

    Raises:
        InputError: A named folder does not exist.
    """
    state = state_dir()
    kept = state if writable(state) else None
    named = [Path(part).expanduser().resolve() for part in os.environ.get("MORAINE_DATASETS", "").split(os.pathsep) if part.strip()]
    for folder in named:
        if not folder.is_dir():
            raise InputError(
                f"MORAINE_DATASETS names {folder}, which is not a folder", "correct the path, or unset it for the demo dataset"
            )
    return Config(named or [default_dataset(kept or _scratch())], kept)


def _scratch() -> Path:
    import tempfile  # noqa: PLC0415

    return Path(tempfile.mkdtemp(prefix="moraine-"))
