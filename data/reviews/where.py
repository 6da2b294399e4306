"""Where reviews are kept, and why they are not where they cannot be: from the settings, and from what the state folder lies on."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from data import settings
from data.reviews.connecting import engine_of, shown_url, sqlite_url
from data.state import state_dir, writable

FILE = "reviews.sqlite"
HOSTS = {
    "K_SERVICE": "Cloud Run", "DYNO": "Heroku", "SPACE_ID": "Hugging Face", "WEBSITE_INSTANCE_ID": "Azure App Service",
}  # fmt: skip
"""Variables that hosts set whose disks are emptied with each new version of the app, or sooner."""
PASSING = {"overlay", "aufs", "tmpfs", "ramfs"}
"""File systems that go with the container or the machine's memory."""


@dataclass(frozen=True)
class Where:
    """Where reviews go.

    Args:
        url: The database; None: there is none that lasts.
        shown: What to call it, without secrets.
        named: The same for strangers: without folder or host.
        why: Where there is none, why.
    """

    url: str | None
    shown: str = ""
    named: str = ""
    why: str = ""


def where() -> Where:
    """The setting REVIEWS_URL, else a SQLite file in the state folder where that can be written and lasts.

    Raises:
        InputError: The URL is none, or MORAINE_STATE_LASTS is neither yes nor no.
    """
    url = settings.text("REVIEWS_URL")
    if url:
        engine_of(url).dispose()
        return Where(url, shown_url(url), shown_url(url, whole=False))
    folder = state_dir().absolute()
    if not writable(folder):
        return Where(None, why="the state folder cannot be written")
    why = why_it_passes(folder)
    if why:
        return Where(None, why=why)
    made = sqlite_url(folder / FILE)
    return Where(made, shown_url(made), shown_url(made, whole=False))


def why_it_passes(folder: Path) -> str:
    """Why what is written to a folder does not last; empty where it does, as far as can be told."""
    said = settings.text("STATE_LASTS")
    if said:
        return "" if said == "yes" else "the disk of this host does not last (MORAINE_STATE_LASTS=no)"
    host = next((name for variable, name in HOSTS.items() if os.environ.get(variable)), _posit())
    if host:
        return f"the disk of this host ({host}) does not last"
    kind = file_system(folder)
    return f"the state folder lies on {kind}, which does not last" if kind in PASSING else ""


def on_connect() -> bool:
    """Whether Posit Connect runs this process. (Workbench, whose disks last, sets the same variables to its own name.)"""
    return any(os.environ.get(variable, "").startswith("CONNECT") for variable in ("POSIT_PRODUCT", "RSTUDIO_PRODUCT"))


def _posit() -> str | None:
    if os.environ.get("R_CONFIG_ACTIVE") == "shinyapps":
        return "shinyapps.io"
    return "Posit Connect" if on_connect() else None


def file_system(folder: Path, mounts: Path = Path("/proc/self/mounts")) -> str:
    """The kind of file system that a folder lies on, as Linux names it; empty where that is not known."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    best, kind = -1, ""
    for entry in lines:
        _, point, named, *_ = entry.split(" ")
        point = point.replace("\\040", " ")
        if folder.resolve().is_relative_to(point) and len(point) >= best:
            best, kind = len(point), named
    return kind
