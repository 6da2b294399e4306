"""An export of any number of lakes, some at a time: memory does not grow with their number, and a CSV file begins to arrive at once."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from data.export import append_geopackage, export_frame, export_geometry, provenance, write_export

if TYPE_CHECKING:
    import pandas as pd

    from data.records import TrendTable
    from data.store import Store

BLOCK = 20_000
"""Neighbouring lakes of the dataset whose observations are looked at together."""


def blocks(store: Store, lake_keys: Sequence[int]) -> Iterator[list[int]]:
    """The keys, which ascend, in parts of lakes that lie near each other in the dataset; one empty part of none.

    Args:
        store: The dataset.
        lake_keys: All of them its own.
    """
    keys = np.asarray(lake_keys, dtype=np.int64)
    block = np.searchsorted(store.lake_keys, keys) // BLOCK
    for part in np.split(keys, np.flatnonzero(np.diff(block)) + 1):
        yield part.tolist()


def _frames(store: Store, table: TrendTable, lake_keys: Sequence[int]) -> Iterator[tuple[list[int], pd.DataFrame]]:
    """The keys and rows of each part; all with the columns of the first, even where flags or triage come to be kept, or go, meanwhile."""
    columns = None
    for keys in blocks(store, lake_keys):
        frame = export_frame(store, table, keys)
        columns = frame.columns if columns is None else columns
        yield keys, frame.reindex(columns=columns)


def csv_blocks(store: Store, table: TrendTable, lake_keys: Sequence[int]) -> Iterator[bytes]:
    """The bytes of a CSV file, a part of the lakes at a time; together what `write_export` makes of `export_frame`.

    Args:
        store: The dataset.
        table: Its trend table.
        lake_keys: Which lakes, ascending.
    """
    with tempfile.TemporaryDirectory(prefix="moraine-export-") as folder:
        for place, (_, frame) in enumerate(_frames(store, table, lake_keys)):
            path = Path(folder) / "part.csv"
            write_export(frame, None, "csv", path, provenance(store, table))
            raw = path.read_bytes()
            yield raw[raw.index(b"\n") + 1 :] if place else raw


def write_geopackage(store: Store, table: TrendTable, lake_keys: Sequence[int], path: Path) -> None:
    """A GeoPackage, a part of the lakes at a time.

    Args:
        store, table, lake_keys: See `csv_blocks`.
        path: The file, which does not exist yet.
    """
    for place, (keys, frame) in enumerate(_frames(store, table, lake_keys)):
        geometry, told = export_geometry(store, keys), provenance(store, table)
        append_geopackage(frame, geometry, path, told) if place else write_export(frame, geometry, "gpkg", path, told)
