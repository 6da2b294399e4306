"""The masks of one source in the tables of a dataset: what is there, and what a run changes, written as one."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from data import schema
from data.cache import TEMP_SUFFIX, read_table
from data.commit import current, transaction
from data.errors import InputError
from data.meta import read_meta, write_meta
from data.parts.partition import write_as_held
from data.store import Store

RECORD = "mask_record"
"""Column that the commands add to `areas` and `masks`: a digest of what the row follows from, by which the same mask is known."""
Key = tuple[int, date]


@dataclass(frozen=True)
class Held:
    """What a dataset has of a source.

    Args:
        areas: (lake_key, date) → record of its area rows.
        masks: scene_key → record and path of its mask.
        notes: scene_key → note of its mask.
    """

    areas: dict[Key, str]
    masks: dict[int, tuple[str, str]]
    notes: dict[int, str]


@dataclass
class Change:
    """What a run adds or replaces.

    Args:
        source: Whose masks.
        areas: Rows of `areas`, with RECORD.
        masks: Rows of `masks`, with RECORD.
        dropped: (lake_key, date) whose area rows go without new ones.
        threshold: That of the source from now on; None leaves it as it is.
    """

    source: str
    areas: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    masks: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    dropped: set[Key] = field(default_factory=set[Key])
    threshold: float | None = None


def held(store: Store, source: str) -> Held:
    """What the dataset has of a source.

    Raises:
        InputError: Some of it was made by something else: an inventory, or the simulator.
    """
    areas, masks = (_mine(store.table(name), source) for name in ("areas", "masks"))
    unknown = bool(areas[RECORD].isna().any()) or bool(masks[RECORD].isna().any())
    if unknown or source in set(store.outline_rows["source"]):
        raise InputError(f"the dataset has a source {source!r} already that was not made by this command", "choose another --source")
    days = zip(areas["lake_key"], areas["date"], areas[RECORD], strict=True)
    return Held(
        {(int(key), day): str(record) for key, day, record in days},
        {int(key): (str(record), str(path)) for key, record, path in zip(masks["scene_key"], masks[RECORD], masks["path"], strict=True)},
        {int(key): str(note) for key, note in zip(masks["scene_key"], masks["note"], strict=True)},
    )


def _mine(table: pa.Table, source: str) -> pd.DataFrame:
    frame = table.filter(np.array([name == source for name in table.column("source").to_pylist()], dtype=bool)).to_pandas()
    return frame if RECORD in frame.columns else frame.assign(**{RECORD: None})


def folder_of(store: Store, source: str) -> str:
    """The folder of a source's masks, from the dataset's: its own where it has one, else one made from its name that no other uses."""
    rows = store.scenes.mask_rows
    folders = {str(path).rpartition("/")[0]: str(name) for path, name in zip(rows["path"], rows["source"], strict=True)}
    own = [folder for folder, name in sorted(folders.items()) if name == source]
    if own:
        return own[0]
    plain = unicodedata.normalize("NFKD", source).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "source"
    taken = {folder.lower() for folder in folders}
    return next(place for n in range(1, len(taken) + 2) if (place := f"masks/{slug}" + (f"-{n}" if n > 1 else "")) not in taken)


def commit(folder: Path, change: Change, masks_folder: str) -> bool:
    """Put a change into the tables, all of it or none; whether anything was written.

    Raises:
        DatasetError: Another process is writing into the dataset.
    """
    with transaction(folder) as staged:
        about = read_meta(folder)
        thresholds = about.thresholds if change.threshold is None else about.thresholds | {change.source: change.threshold}
        for left in (folder / masks_folder).glob(f".*{TEMP_SUFFIX}*"):  # of a run that was killed: there is one at a time
            left.unlink(missing_ok=True)
        if change.areas or change.dropped:
            gone = change.dropped | {(row["lake_key"], row["date"]) for row in change.areas}
            write_as_held(folder, staged, "areas", _with(folder, "areas", change, lambda lake_key, date: (lake_key, date) in gone))
        if change.masks:
            keys = {row["scene_key"] for row in change.masks}
            write_as_held(folder, staged, "masks", _with(folder, "masks", change, lambda scene_key: scene_key in keys))
        if thresholds != about.thresholds:
            write_meta(staged, replace(about, thresholds=thresholds))
        return any(staged.iterdir())


def _with(folder: Path, name: str, change: Change, goes: Any) -> pa.Table:
    """A table with the rows of a change: others' rows as they are, the source's after them in a set order."""
    path = current(folder, f"{name}.parquet")
    table = read_table(path) if path.exists() else schema.empty(name)
    if RECORD not in table.column_names:
        table = table.append_column(RECORD, pa.nulls(len(table), pa.string()))
    columns = {"areas": ("lake_key", "date"), "masks": ("scene_key",)}[name]
    mine = np.array([source == change.source for source in table.column("source").to_pylist()], dtype=bool)
    cells = zip(*(table.column(column).to_pylist() for column in columns), strict=True)
    stays = np.array([not own or not goes(*each) for own, each in zip(mine, cells, strict=True)], dtype=bool)
    rows = change.areas if name == "areas" else change.masks
    fresh = pa.Table.from_pylist([{column: row.get(column) for column in table.column_names} for row in rows], schema=table.schema)
    own = pa.concat_tables([table.filter(mine & stays), fresh])
    order = [*columns, "threshold"] if name == "areas" else list(columns)
    return pa.concat_tables([table.filter(~mine), own.sort_by([(column, "ascending") for column in order])])
