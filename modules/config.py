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
        making: The dataset whose scenes are to be made while the app runs, None where there is none.
    """

    folders: list[Path]
    state_dir: Path | None
    making: Path | None = None


def config() -> Config:
    """Read MORAINE_DATASETS (folders, separated as in PATH), MORAINE_STATE_DIR and MORAINE_SCENES (yes or no).

    With no dataset named, the default simulated one is opened, and its tables are made first if they are not there. It has no scenes where
    MORAINE_SCENES says no, or where nothing can be kept: they take a minute or two to make, and 0.4 GB.

    Raises:
        InputError: A named folder does not exist, or MORAINE_SCENES says something else.
    """
    state = state_dir()
    kept = state if writable(state) else None
    named = [Path(part).expanduser().resolve() for part in os.environ.get("MORAINE_DATASETS", "").split(os.pathsep) if part.strip()]
    for folder in named:
        if not folder.is_dir():
            raise InputError(
                f"MORAINE_DATASETS names {folder}, which is not a folder", "correct the path, or unset it for the demo dataset"
            )
    if named:
        return Config(named, kept)
    scenes = _yes("MORAINE_SCENES") and kept is not None
    folder = default_dataset(kept or _scratch(), scenes)
    return Config([folder], kept, folder if scenes else None)


def _yes(variable: str) -> bool:
    said = os.environ.get(variable, "").strip().lower() or "yes"
    if said not in {"yes", "no"}:
        raise InputError(f"{variable} is {said!r}", "set it to yes or no, or unset it (yes)")
    return said == "yes"


def _scratch() -> Path:
    import tempfile  # noqa: PLC0415

    return Path(tempfile.mkdtemp(prefix="moraine-"))
