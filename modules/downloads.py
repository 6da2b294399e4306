"""Exports that a page hands out: what they are called, and their bytes. Pure."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from data.records import DatasetMeta
from modules.owning.tables import is_own


def file_name(meta: DatasetMeta, suffix: str, *, before: Sequence[str] = (), after: Sequence[str] = ()) -> str:
    """`watch-list_hkh-lakedb_2026-11-22.json`: the dataset's name between these parts; simulated data say so."""
    simulated = ["simulated"] if meta.simulated and "simulated" not in meta.name else []
    parts = (*before, shown_name(meta), *simulated, *after)
    return "_".join(_plain(part) for part in parts) + f".{suffix}"


def shown_name(meta: DatasetMeta) -> str:
    """A dataset's name for others to see; that of an own table is the key to it, so its title stands there."""
    return f"own-{_plain(meta.title)}" if is_own(meta.name) else meta.name


def _plain(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9.-]+", "-", text).strip("-")


def written(write: Callable[[Path], None], suffix: str) -> bytes:
    """The bytes of the file that `write` makes at the path it is given. Slow: call it in a thread."""
    with tempfile.TemporaryDirectory(prefix="moraine-export-") as folder:
        path = Path(folder) / f"export.{suffix}"
        write(path)
        return path.read_bytes()
