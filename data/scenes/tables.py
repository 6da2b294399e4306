"""Scenes taken in, in the tables of a dataset: what is there, and what a run adds or replaces, written as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from data import schema
from data.cache import TEMP_SUFFIX, read_table
from data.commit import current, transaction
from data.meta import read_meta, write_meta
from data.parts.partition import write_as_held

RECORD = "scene_record"
"""Column: a digest of what a row follows from, by which the same scene is known when it comes again."""
EXTRA = {
    "origin": pa.string(), "note": pa.string(), "name": pa.string(), "basin": pa.string(), RECORD: pa.string(),
}  # fmt: skip
"""Columns that scenes taken in from files add: where they come from, what was assumed or done, and for chips their name and region."""
STRAY_S = 3600
"""Seconds after which a temporary file is one that a killed run left."""


@dataclass(frozen=True)
class Row:
    """A scene that is there already.

    Args:
        scene_key: Names it.
        lake_key, day, sensor, origin, path, note, record: As the table has them.
    """

    scene_key: int
    lake_key: int | None
    day: date | None
    sensor: str
    origin: str
    path: str
    note: str
    record: str


@dataclass(frozen=True)
class Held:
    """The scenes of a dataset that were taken in from files.

    Args:
        rows: Of these.
        taken: Paths of all other scenes.
    """

    rows: list[Row]
    taken: frozenset[str]

    @cached_property
    def _by_path(self) -> dict[str, Row]:
        return {row.path: row for row in self.rows}

    @cached_property
    def _by_origin(self) -> dict[tuple[int | None, date | None, str], Row]:
        return {(row.lake_key, row.day, row.origin): row for row in reversed(self.rows)}

    def of(self, path: str, lake_key: int | None, day: date | None, origin: str) -> Row | None:
        """The row of a scene: that of its path, else that of the same file, lake and day (its sensor may have been named since)."""
        return self._by_path.get(path) or self._by_origin.get((lake_key, day, origin))


def held(table: pa.Table) -> Held:
    """What a `scenes` table has of scenes taken in from files."""
    rows = [row for row in table.to_pylist() if row.get(RECORD)]
    mine = [
        Row(
            row["scene_key"], row["lake_key"], row["date"], row["sensor"] or "", row["origin"] or "", row["path"], row["note"] or "",
            row[RECORD],
        )
        for row in rows
    ]  # fmt: skip
    paths = {row.path for row in mine}
    return Held(mine, frozenset(path for path in table.column("path").to_pylist() if path not in paths))


def sensor_name(known: dict[str, list[str]], label: str, bands: Sequence[str]) -> str:
    """What a sensor is called in a dataset: a name that stands for other bands already is not used again."""
    names = [label, f"{label} ({len(bands)} band{'' if len(bands) == 1 else 's'})", f"{label} ({', '.join(bands)})"]
    return next((name for name in names if known.get(name, list(bands)) == list(bands)), names[-1])


def put(folder: Path, scenes: Sequence[dict[str, Any]], masks: Sequence[dict[str, Any]], sensors: dict[str, list[str]]) -> None:
    """Add or replace rows by `scene_key`, in one step.

    Args:
        folder: The dataset.
        scenes: Rows with every column of the schema but those that are empty, and of EXTRA.
        masks: Rows of `masks`; they replace those of the same scene and source.
        sensors: Names of bands to add to `dataset.toml`.

    Raises:
        DatasetError: Another process is writing into the dataset, or a table is damaged.
    """
    with transaction(folder) as staged:
        if scenes:
            write_as_held(folder, staged, "scenes", _with(folder, "scenes", scenes, EXTRA, ("scene_key",)))
        if masks:
            write_as_held(folder, staged, "masks", _with(folder, "masks", masks, {}, ("scene_key", "source")))
        meta = read_meta(folder)
        if not sensors.items() <= meta.sensors.items():
            write_meta(staged, replace(meta, sensors=meta.sensors | sensors))


def _with(folder: Path, name: str, rows: Sequence[dict[str, Any]], extra: dict[str, pa.DataType], key: tuple[str, ...]) -> pa.Table:
    path = current(folder, f"{name}.parquet")
    table = read_table(path) if path.exists() else schema.empty(name)
    types = {**{column: spec.type for column, spec in schema.TABLES[name].columns.items()}, **extra}
    for column, kind in types.items():
        if column not in table.column_names:
            table = table.append_column(column, pa.nulls(len(table), kind))
    gone = {tuple(row[column] for column in key) for row in rows}
    cells = zip(*(table.column(column).to_pylist() for column in key), strict=True)
    stays = np.array([cell not in gone for cell in cells], dtype=bool)
    fresh = pa.table({field.name: pa.array([row.get(field.name) for row in rows], field.type) for field in table.schema})
    return pa.concat_tables([table.filter(stays), fresh.cast(table.schema)]).sort_by([(column, "ascending") for column in key])


def clear_strays(folder: Path, now: float, mine: Sequence[str] = ()) -> None:
    """Take away temporary files that a run which was killed left among the scenes.

    Args:
        folder: The dataset.
        now: Seconds since 1970.
        mine: Folders of the dataset that nobody else is writing into: there even the newest such file is nobody's.
    """
    for place, least in (*((place, STRAY_S) for place in ("scenes", "dem", "masks")), *((place, 0) for place in mine)):
        for left in (folder / place).rglob(f".*{TEMP_SUFFIX}*"):
            if now - left.stat().st_mtime > least or not least:
                left.unlink(missing_ok=True)
