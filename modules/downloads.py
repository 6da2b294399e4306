"""Exports that a page hands out: what they are called, and their bytes. Pure."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from data.records import DatasetMeta


def file_name(meta: DatasetMeta, suffix: str, *, before: Sequence[str] = (), after: Sequence[str] = ()) -> str:
    """`watch-list_hkh-lakedb_2026-11-22.json`: the dataset's name between these parts; simulated data say so."""
    simulated = ["simulated"] if meta.simulated and "simulated" not in meta.name else []
    parts = (*before, meta.name, *simulated, *after)
    return "_".join(re.sub(r"[^A-Za-z0-9.-]+", "-", part).strip("-") for part in parts) + f".{suffix}"


def written(write: Callable[[Path], None], suffix: str) -> bytes:
    """The bytes of the file that `write` makes at the path it is given. Slow: call it in a thread."""
    with tempfile.TemporaryDirectory(prefix="moraine-export-") as folder:
        path = Path(folder) / f"export.{suffix}"
        write(path)
        return path.read_bytes()
