"""What a running app is told, from the settings; each is described in docs/settings.md."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from pathlib import Path

from data import settings
from data.afar.address import address, is_address
from data.afar.mirror import mirror
from data.default import default_dataset
from data.errors import InputError
from data.reviews.where import Where, on_connect, where
from data.state import state_dir, writable
from modules.lensing.runs import OWN, SHIPPED
from modules.serving.guard.rules import Rules, rules

log = logging.getLogger(__name__)


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
        metrics: `local`: `/metrics` answers who asks from this machine; `on`: everybody; `off`: nobody.
        table_mb, tables, table_minutes: Of visitors' own tables: MB of one (0: none may be opened), how many at once, how long one
            outlives its last visit.
        upload_mb: Size of the largest file that a visitor may hand in, MB (2^20 bytes).
        guard: Who may connect, from where, and how many.
        inferences_a_minute: Of one visit.
        temporary: The folder of temporary files, of this process alone; None: there is none of its own.
    """

    folders: list[Path]
    state_dir: Path | None
    making: Path | None = None
    upload_mb: int = int(settings.SETTINGS["UPLOAD_MB"].default)
    where: Where = field(default_factory=lambda: Where(None, why="no store was asked for"))
    reviews: str = "off"
    user_header: str = ""
    runs: tuple[Path, ...] = ()
    metrics: str = "local"
    guard: Rules = field(default_factory=Rules)
    inferences_a_minute: int = int(settings.SETTINGS["INFERENCES_A_MINUTE"].default)
    table_mb: int = int(settings.SETTINGS["TABLE_MB"].default)
    tables: int = int(settings.SETTINGS["TABLES"].default)
    table_minutes: int = int(settings.SETTINGS["TABLE_MINUTES"].default)
    temporary: Path | None = None


def config(temporary: Path | None = None) -> Config:
    """Read the settings (data.settings).

    With no dataset named, the default simulated one is opened, and its tables are made first if they are not there. It has no scenes where
    SCENES says no, or where nothing can be kept: they take a minute or two to make, and 0.4 GB.

    Raises:
        InputError: A named folder does not exist, or another setting says what it cannot.
    """
    settings.check()
    state = state_dir()
    kept = state if writable(state) else None
    named = [_dataset(place, kept) for place in settings.places("DATASETS")]
    demo, making = (None, False) if named else _demo(kept)
    return Config(
        named if demo is None else [demo],
        kept,
        demo if making else None,
        upload_mb=settings.number("UPLOAD_MB"),
        table_mb=settings.number("TABLE_MB"),
        tables=settings.number("TABLES"),
        table_minutes=settings.number("TABLE_MINUTES"),
        where=where(),
        reviews=settings.text("REVIEWS"),
        user_header=_user_header(),
        metrics=settings.text("METRICS"),
        runs=(SHIPPED, OWN.resolve(), *settings.folders("RUNS")),
        guard=rules(),
        inferences_a_minute=settings.number("INFERENCES_A_MINUTE"),
        temporary=temporary,
    )


def _dataset(place: Path | str, kept: Path | None) -> Path:
    """A dataset's folder; of one on object storage the mirror, whose tables are copied first."""
    if isinstance(place, Path):
        return place
    if not is_address(place):
        raise InputError(f"MORAINE_DATASETS names {place}", "name folders, or addresses that begin with s3://")
    return mirror(address(place), (kept or _scratch()).absolute() / "afar")


def _user_header() -> str:
    """Where Posit Connect runs the app nobody reaches it but through Connect, which says who is signed in."""
    said = settings.text("USER_HEADER").lower()
    if said and not re.fullmatch(r"[a-z0-9-]+", said):
        raise InputError(f"MORAINE_USER_HEADER is {said!r}", "name a header, e.g. X-Forwarded-User, or shiny")
    return said or ("shiny" if on_connect() else "")


def _demo(kept: Path | None) -> tuple[Path, bool]:
    """The simulated dataset and whether its scenes are to be made; where the state folder takes no more, its tables alone, elsewhere."""
    scenes = settings.yes("SCENES")
    if kept is not None:
        try:
            return default_dataset(kept, scenes), scenes
        except OSError as error:
            log.warning("the simulated inventory cannot be written to %s, so it is made anew at each start: %s", kept, error)
    return default_dataset(_scratch(), False), False


def _scratch() -> Path:
    import tempfile  # noqa: PLC0415

    return Path(tempfile.mkdtemp(prefix="moraine-"))
