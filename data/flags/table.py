"""The flags of a whole dataset as one long table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.flags.around import around_of, gone_into_others
from data.flags.flag import ALPHA, Flag, Found
from data.flags.packed import columns_of, packed
from data.flags.seen import Around, Seen
from data.records import TrendSettings
from data.trends.multiplicity import log_q_benjamini_hochberg

BLOCK = 10_000
"""Lakes worked on at a time: their rectangles stay small however large the inventory."""

COLUMNS = ("lake_key", "kind", "date", "value", "words")


def flag_table(
    flags: Mapping[str, Flag], area_rows: pd.DataFrame, lakes: pd.DataFrame, events: pd.DataFrame, settings: TrendSettings
) -> pd.DataFrame:
    """One row a finding, in order of lake, kind and date: `COLUMNS`.

    `lake_key` int32; `kind` categorical over the flags; `date` NaT where a finding has none; `value` in the unit that the flag's help
    states; `words` one short sentence.

    Args:
        flags: What to look for, by name.
        area_rows: The rows of `areas`, in any order, at one threshold of the source.
        lakes: The rows of `lakes`: lake_key, lon, lat.
        events: The rows of `events`; recorded merges say where a lake went.
        settings: Which source and season; method and response do not matter.
    """
    place = lakes.sort_values("lake_key")
    keys = place["lake_key"].to_numpy(dtype=np.int32)
    rows = area_rows.loc[(area_rows["source"] == settings.source).to_numpy(dtype=bool)]
    found: dict[str, list[Found]] = {name: [] for name in flags}
    for block in _blocks(rows, place, events, settings):
        for name, flag in flags.items():
            part = flag.find(block)
            found[name].append(replace(part, lake=block.rows[part.lake]))
    return gathered_flags(found, keys)


def gathered_flags(found: Mapping[str, list[Found]], keys: NDArray[np.int32]) -> pd.DataFrame:
    """The table of what was found.

    Args:
        found: Flag → what it found in each block, in order; `lake` are rows of all lakes.
        keys: (A,) of the lakes, ascending.
    """
    parts = [frame for name, blocks in found.items() for frame in [_rows_of(name, blocks, keys)] if len(frame)]
    kinds = pd.CategoricalDtype(list(found))
    if not parts:
        empty = {
            "lake_key": np.empty(0, np.int32),
            "date": np.empty(0, "datetime64[ms]"),
            "value": np.empty(0),
            "words": np.empty(0, object),
        }
        return pd.DataFrame({**empty, "kind": pd.Series([], dtype=kinds)}, columns=list(COLUMNS))
    table = pd.concat(parts, ignore_index=True).astype({"kind": kinds}).reindex(columns=list(COLUMNS))
    return table.sort_values(["lake_key", "kind", "date"], ignore_index=True, kind="stable")


def _blocks(rows: pd.DataFrame, lakes: pd.DataFrame, events: pd.DataFrame, settings: TrendSettings) -> Iterator[Seen]:
    """All lakes, some at a time: rows become rectangles block by block, so that memory does not grow with the inventory."""
    keys = lakes["lake_key"].to_numpy(dtype=np.int32)
    lake = np.searchsorted(keys, rows["lake_key"].to_numpy(dtype=np.int32))
    if not (lake[1:] >= lake[:-1]).all():
        order = np.argsort(lake, kind="stable")
        rows, lake = rows.iloc[order], lake[order]
    around = around_of(lake, rows, lakes, settings.season)
    gone = gone_into_others(around, events, keys)
    for first in range(0, len(keys), BLOCK):
        mine = slice(first, first + BLOCK)
        begin, end = (int(at) for at in np.searchsorted(lake, [first, first + BLOCK]))
        yield seen_of(rows.iloc[begin:end], keys[mine], settings, around, gone[mine], first=first)


def seen_of(
    rows: pd.DataFrame, keys: NDArray[np.int32], settings: TrendSettings, around: Around, gone: NDArray[np.bool_], *, first: int = 0
) -> Seen:
    """A block of lakes as flags look at it.

    Args:
        rows: Of `areas`, of these lakes by the source.
        keys: (L,) ascending.
        settings: Which season, and by which dates.
        around: What lies around; the block's lakes are its rows from `first` on.
        gone: (L, Y) see `Seen`.
        first: See `around`.
    """
    columns, count = columns_of(rows, keys, settings), len(keys)
    kept = columns.why == ""
    used = packed(columns, kept, count)
    water = packed(columns, kept | columns.left, count) if columns.left.any() else used
    unused = np.bincount(columns.lake[columns.why == "season"], minlength=count)
    return Seen(np.arange(first, first + count), used, water, unused, settings.season, columns.sensors, around, gone)


def _rows_of(name: str, found: list[Found], keys: NDArray[np.int32]) -> pd.DataFrame:
    """What one flag found in all lakes; of a test, what is left once it is corrected over every lake tested."""
    if not found:
        return pd.DataFrame()
    lake, date, value = (np.concatenate([getattr(part, column) for part in found]) for column in ("lake", "date", "value"))
    words = np.array([each for part in found for each in part.words], dtype=object)
    kept = _raised(found)
    frame = {"lake_key": keys[lake], "date": date.astype("datetime64[ms]"), "value": value, "words": words}
    return pd.DataFrame({column: values[kept] for column, values in frame.items()}).assign(kind=name)


def _raised(found: list[Found]) -> NDArray[np.bool_]:
    tested = [part.log_p for part in found if part.log_p is not None]
    if not tested:
        return np.ones(sum(len(part.lake) for part in found), dtype=bool)
    return log_q_benjamini_hochberg(np.concatenate(tested)) < np.log(ALPHA)


def lake_seen(area_rows: pd.DataFrame, lake_key: int, settings: TrendSettings) -> Seen:
    """What was seen of one lake by the source, without what lies around it.

    Args:
        area_rows: The rows of `areas` of that lake.
        lake_key: The lake.
        settings: Which source and season, and by which dates.
    """
    keys = np.array([lake_key], dtype=np.int32)
    rows = area_rows.loc[(area_rows["source"] == settings.source).to_numpy(dtype=bool)]
    nowhere = pd.DataFrame({"lake_key": keys, "lon": [np.nan], "lat": [np.nan]})
    no_events = pd.DataFrame({"lake_key": keys[:0], "kind": [], "date": np.empty(0, "datetime64[ms]")})
    return next(_blocks(rows, nowhere, no_events, settings))
