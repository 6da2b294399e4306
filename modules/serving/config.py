"""Settings of a running app, from the environment. Each is described in the README."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from data.default import default_dataset
from data.errors import InputError
from data.reviews.where import Where, on_connect, where
from data.state import state_dir, writable
from modules.lensing.runs import OWN, SHIPPED

UPLOAD_MB = 64


@dataclass(frozen=True)
class Config:
    """What the app serves and where it may write.

    Args:
        folders: Dataset folders, in the order of the picker.
        state_dir: Where caches go; None: memory only, and the page says so.
        making: The dataset whose scenes are to be made while the app runs, None where there is none.
        where: Where reviews are kept.
        reviews: `auto`: visitors at this machine alone may review; `on`: everybody; `off`: nobody.
        user_header: What names the signed-in user: a header, `shiny`, or empty: nobody is signed in.
        runs: Folders of training runs whose lenses are shown.
        upload_mb: Size of the largest file that a visitor may hand in, MB (2^20 bytes).
    """

    folders: list[Path]
    state_dir: Path | None
    making: Path | None = None
    upload_mb: int = UPLOAD_MB
    where: Where = field(default_factory=lambda: Where(None, why="no store was asked for"))
    reviews: str = "off"
    user_header: str = ""
    runs: tuple[Path, ...] = ()


def config() -> Config:
    """Read MORAINE_DATASETS (folders, separated as in PATH), MORAINE_STATE_DIR, MORAINE_SCENES (yes or no), MORAINE_UPLOAD_MB,
    MORAINE_RUNS, and what `data.reviews.where` reads, MORAINE_REVIEWS and MORAINE_USER_HEADER.

    With no dataset named, the default simulated one is opened, and its tables are made first if they are not there. It has no scenes where
    MORAINE_SCENES says no, or where nothing can be kept: they take a minute or two to make, and 0.4 GB.

    Raises:
        InputError: A named folder does not exist, or another variable says what it cannot.
    """
    state = state_dir()
    kept = state if writable(state) else None
    named = [Path(part).expanduser().resolve() for part in os.environ.get("MORAINE_DATASETS", "").split(os.pathsep) if part.strip()]
    for folder in named:
        if not folder.is_dir():
            raise InputError(
                f"MORAINE_DATASETS names {folder}, which is not a folder", "correct the path, or unset it for the demo dataset"
            )
    more = {"where": where(), "reviews": _reviews(), "user_header": _user_header(), "runs": _runs()}
    if named:
        return Config(named, kept, upload_mb=_upload_mb(), **more)
    scenes = _yes("MORAINE_SCENES") and kept is not None
    folder = default_dataset(kept or _scratch(), scenes)
    return Config([folder], kept, folder if scenes else None, _upload_mb(), **more)


def _yes(variable: str) -> bool:
    said = os.environ.get(variable, "").strip().lower() or "yes"
    if said not in {"yes", "no"}:
        raise InputError(f"{variable} is {said!r}", "set it to yes or no, or unset it (yes)")
    return said == "yes"


def _runs() -> tuple[Path, ...]:
    """The runs that Moraine comes with, those trained here, and those that MORAINE_RUNS names."""
    named = [Path(part).expanduser().resolve() for part in os.environ.get("MORAINE_RUNS", "").split(os.pathsep) if part.strip()]
    for folder in named:
        if not folder.is_dir():
            raise InputError(f"MORAINE_RUNS names {folder}, which is not a folder", "correct the path, or unset it")
    return (SHIPPED, OWN.resolve(), *named)


def _reviews() -> str:
    said = os.environ.get("MORAINE_REVIEWS", "").strip().lower() or "auto"
    if said not in {"auto", "on", "off"}:
        raise InputError(f"MORAINE_REVIEWS is {said!r}", "set it to on or off, or unset it: visitors at this machine alone may review then")
    return said


def _user_header() -> str:
    """Where Posit Connect runs the app nobody reaches it but through Connect, which says who is signed in."""
    said = os.environ.get("MORAINE_USER_HEADER", "").strip().lower()
    if said and not re.fullmatch(r"[a-z0-9-]+", said):
        raise InputError(f"MORAINE_USER_HEADER is {said!r}", "name a header, e.g. X-Forwarded-User, or shiny")
    return said or ("shiny" if on_connect() else "")


def _upload_mb() -> int:
    said = os.environ.get("MORAINE_UPLOAD_MB", "").strip() or str(UPLOAD_MB)
    if not said.isdecimal() or not 1 <= int(said) <= 4096:
        raise InputError(f"MORAINE_UPLOAD_MB is {said!r}", f"set it to a whole number of MB from 1 to 4096, or unset it ({UPLOAD_MB})")
    return int(said)


def _scratch() -> Path:
    import tempfile  # noqa: PLC0415

    return Path(tempfile.mkdtemp(prefix="moraine-"))
