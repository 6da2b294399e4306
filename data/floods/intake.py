"""Take a table of floods into a dataset: read, match, and write them as events, all of it or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from data import schema
from data.cache import read_table, write_table
from data.commit import current, recover, transaction
from data.errors import InputError
from data.floods.events import ORIGIN, flood_events
from data.floods.matching import WITHIN_KM, matched
from data.floods.reading import Floods, read_floods
from data.floods.record import KIND, Match
from data.meta import read_meta
from data.store import Store

EVENTS = "events.parquet"
ORDER = [(name, "ascending") for name in ("lake_key", "date", "kind", "source", "evidence")]
"""Of the rows, as `import` keeps them."""


@dataclass(frozen=True)
class Wish:
    """What is asked for.

    Args:
        file: The table of floods.
        source: Who recorded them; empty: the name of the file.
        within_km: How far a lake that is matched by distance may lie.
        columns: Column by role, where the names are not the usual ones.
        strict: Take nothing where a row cannot be used.
        dry_run: Write nothing.
    """

    file: Path
    source: str = ""
    within_km: float = WITHIN_KM
    columns: Mapping[str, str] = field(default_factory=dict[str, str])
    strict: bool = False
    dry_run: bool = False


@dataclass(frozen=True)
class Taken:
    """What came of it.

    Args:
        wish: What was asked for, with its source.
        source: Its name.
        read: The records and what was wrong with others.
        matches: The lake of each record.
        replaced: Floods of this source that the dataset held before.
        labels: What each lake of a match is called, by key.
        written: Whether anything changed.
    """

    wish: Wish
    source: str
    read: Floods
    matches: tuple[Match, ...]
    replaced: int
    labels: dict[int, str]
    written: bool


def take_floods(folder: Path, wish: Wish) -> Taken:
    """Read the table and let its floods take the place of those that the dataset has of the same source.

    Raises:
        DatasetError: The folder is no dataset, or another process is writing into it.
        InputError: The table cannot be used, or a row of it cannot and `strict` says that then nothing is taken.
    """
    read_meta(folder)
    recover(folder)
    read = read_floods(wish.file, wish.columns)
    source = wish.source or wish.file.stem
    if wish.strict and read.faults:
        raise InputError(
            f"{len(read.faults):,} faults, nothing was written:\n  " + "\n  ".join(map(str, read.faults)),
            "mend them, or leave --strict out",
        )
    if wish.dry_run or not read.records:
        return _taken(folder, wish, source, read, None)
    with transaction(folder) as staged:
        return _taken(folder, wish, source, read, staged)


def _taken(folder: Path, wish: Wish, source: str, read: Floods, staged: Path | None) -> Taken:
    store = Store(folder)
    matches = matched(read.records, store, wish.within_km)
    ids = dict(zip(store.lake_keys.tolist(), store.ids, strict=True))
    path = current(folder, EVENTS)
    held = read_table(path) if path.exists() else schema.empty("events")
    kept = held.filter(pa.array(_others(held, source)))
    fresh = flood_events(matches, source, ids)
    # A dataset that never had floods keeps its columns as long as it gets none.
    after = pa.concat_tables([kept, fresh], promote_options="default").sort_by(ORDER) if len(fresh) else kept
    changed = not after.equals(held)
    if changed and staged is not None:
        write_table(staged / EVENTS, after)
    labels = {key: _label(store, key) for key in _keys(matches)}
    return Taken(wish, source, read, tuple(matches), len(held) - len(kept), labels, changed and staged is not None)


def _others(events: pa.Table, source: str) -> NDArray[np.bool_]:
    """(N,) which events are no floods that an earlier run took from this source."""
    if "origin" not in events.column_names:
        return np.ones(len(events), dtype=bool)
    named = zip(*(events.column(name).to_pylist() for name in ("kind", "source", "origin")), strict=True)
    return np.array([each != (KIND, source, ORIGIN) for each in named], dtype=bool)


def _keys(matches: Sequence[Match]) -> set[int]:
    named = {match.lake_key for match in matches if match.lake_key is not None}
    return named | {key for match in matches for key, _ in match.others}


def _label(store: Store, lake_key: int) -> str:
    row = store.row_of(lake_key)
    assert row is not None
    return store.labels[row]
