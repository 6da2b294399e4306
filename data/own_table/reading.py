"""The layers of the files that were handed in."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from data.errors import InputError
from data.importing.options import shown
from data.readers import Layer, ReadOptions, read
from data.readers.geopackage import layers_of
from data.zip_faults import BAD_ZIP

MOST_ROWS = 30_000
MOST_COLUMNS = 200
"""Each is kept, and offered as a filter and in the table of lakes."""
MOST_UNPACKED = 200 << 20
"""Bytes that a zip may hold."""


def layers(folder: Path, names: Sequence[str]) -> list[Layer]:
    """Every layer of every file; a GeoPackage with several gives them all.

    Raises:
        InputError: A file cannot be used, or all together are too long.
    """
    found = [layer for name in names for layer in _layers(folder / name)]
    rows = sum(len(layer.frame) for layer in found)
    if rows > MOST_ROWS:
        remedy = "hand in one region, or import it where you run Moraine: python -m data import has no such limit"
        raise InputError(f"{rows:,} rows, more than a visit can take ({MOST_ROWS:,})", remedy)
    wide = max((len(layer.frame.columns) for layer in found), default=0)
    if wide > MOST_COLUMNS:
        raise InputError(f"{wide:,} columns, more than a visit can take ({MOST_COLUMNS})", "leave out those that you do not need")
    return [replace(layer, file=shown(layer.file)) for layer in found]


def _layers(path: Path) -> list[Layer]:
    if path.suffix == ".zip":
        _require_small(path)
    several = layers_of(path) if path.suffix == ".gpkg" else []
    if len(several) < 2:
        return read(path, ReadOptions())
    return [layer for name in several for layer in read(path, ReadOptions(layer=name))]


def _require_small(path: Path) -> None:
    """A zip says itself how much it holds, and is believed no more than that when it is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(info.file_size for info in archive.infolist())
    except (*BAD_ZIP, OSError):
        return  # the reader says what is wrong with it
    if size > MOST_UNPACKED:
        raise InputError(f"{path.name} unpacks to {size / 1e6:,.0f} MB, more than {MOST_UNPACKED >> 20}", "hand in one region or epoch")
