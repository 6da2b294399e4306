"""Fetched scenes into the tables of a dataset."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from data.cache import read_table
from data.commit import current, transaction
from data.meta import read_meta, write_meta
from data.parts.partition import write_as_held
from data.schema import TABLES, empty
from data.stac.assets import BANDS

EXTRA = {
    "item": pa.string(), "catalogue": pa.string(), "collection": pa.string(), "cloud_share": pa.float64(), "snow_share": pa.float64(),
    "note": pa.string(),
}  # fmt: skip
"""Columns that scenes from a catalogue add."""


def add_scenes(folder: Path, rows: Sequence[dict[str, Any]]) -> int:
    """Add rows, as `data.stac.harvest` makes them, to the dataset's scenes in one step; returns how many were not there yet.

    Raises:
        DatasetError: Another process is writing into the dataset, or a table is damaged.
    """
    with transaction(folder) as staged:
        path = current(folder, "scenes.parquet")
        held = read_table(path) if path.exists() else empty("scenes")
        known = set(held.column("path").to_pylist())
        fresh = [row for row in rows if row["path"] not in known]
        if not fresh:
            return 0
        meta = read_meta(folder)
        sensors = _named(meta.sensors, {row["sensor"] for row in fresh})
        first = max(held.column("scene_key").to_pylist(), default=-1) + 1
        added = [
            {**row, "scene_key": first + n, "date": date.fromisoformat(row["date"]), "sensor": sensors[row["sensor"]]}
            for n, row in enumerate(sorted(fresh, key=lambda row: (row["lake_key"], row["date"], row["path"])))
        ]
        types = {**{name: column.type for name, column in TABLES["scenes"].columns.items()}, **EXTRA}
        table = pa.table({name: pa.array([row.get(name) for row in added], kind) for name, kind in types.items()})
        write_as_held(folder, staged, "scenes", pa.concat_tables([held, table], promote_options="permissive"))
        named = {name: list(BANDS) for name in sensors.values()}
        if not named.items() <= meta.sensors.items():
            write_meta(staged, replace(meta, sensors={**meta.sensors, **named}))
        return len(fresh)


def _named(known: dict[str, list[str]], wanted: set[str]) -> dict[str, str]:
    """What each sensor is called here: a name that stands for other bands already is not used again."""
    return {name: name if known.get(name, list(BANDS)) == list(BANDS) else f"{name} (STAC)" for name in wanted}
