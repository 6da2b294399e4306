"""Columns for the browser: one immutable binary resource, a JSON header and typed arrays, deflated once. Pure.

Layout: uint32 little-endian length of the header; the header `{"rows": n, "columns": {name: {"type", "offset", "bytes"}}}`
padded with spaces to a multiple of 4; then the arrays, each starting on a multiple of 4. Types: f4, i4, i2, u1, and `text`
(UTF-8, one row a line). Row i is row i of `Store.lakes` in every resource of a dataset, whatever the settings; but in the answers of
`modules.crowd`, which have columns of several lengths and, in the header under `said`, facts beside them.
"""

from __future__ import annotations

import gzip
import json
import struct
from dataclasses import replace

import numpy as np
import pandas as pd

from data.plain_text import cut
from data.records import TrendSettings, TrendTable
from data.store import Store
from data.trends.fit import STATUSES
from data.trends.series import barred, years_of
from modules.measures import interval, measure, rank

Columns = dict[str, np.ndarray | list[str]]


def packed(columns: Columns, said: dict[str, object] | None = None, *, level: int = 6) -> bytes:
    """The resource, gzipped; equal columns give equal bytes.

    Args:
        columns: By name.
        said: Facts beside them, that JSON can hold.
        level: Of gzip: 6 for what is kept, less for what is made for one visit.
    """
    header: dict[str, dict[str, object]] = {}
    chunks: list[bytes] = []
    offset = 0
    for name, values in columns.items():
        if isinstance(values, list):
            raw, kind = "\n".join(value.replace("\n", " ") for value in values).encode(), "text"
        else:
            raw, kind = values.tobytes(), values.dtype.str.lstrip("<|")
        header[name] = {"type": kind, "offset": offset, "bytes": len(raw)}
        chunks.append(raw + b"\0" * (-len(raw) % 4))
        offset += len(chunks[-1])
    rows = max((len(values) for values in columns.values()), default=0)
    head = json.dumps({"rows": rows, "columns": header} | ({"said": said} if said else {})).encode()
    head += b" " * (-len(head) % 4)
    return gzip.compress(struct.pack("<I", len(head)) + head + b"".join(chunks), compresslevel=level, mtime=0)


def _texts(values: pd.Series) -> list[str]:
    return [cut(text) for text in values.astype("string").fillna("")]


def _floats(values: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return np.asarray(values, dtype="<f4")


def lake_columns(store: Store, rows: np.ndarray | None = None) -> Columns:
    """What the plots need of the lakes themselves: key, position (degrees), id, name; where floods are known, the last one in words.

    Args:
        store: The dataset.
        rows: Of which lakes; None: of all.
    """
    lakes = store.lakes if rows is None else store.lakes.iloc[rows]
    floods = store.floods.last["flood_words"]
    return {
        "lake_key": lakes["lake_key"].to_numpy().astype("<i4"),
        "lon": _floats(lakes["lon"].to_numpy(dtype=float)),
        "lat": _floats(lakes["lat"].to_numpy(dtype=float)),
        "lake_id": _texts(lakes["lake_id"]),
        "name": _texts(lakes["name"]),
        **({"flood": (floods if rows is None else floods.iloc[rows]).tolist()} if store.floods.burst.any() else {}),
    }


def trend_columns(store: Store, table: TrendTable, rows: np.ndarray | None = None, ranks: np.ndarray | None = None) -> Columns:
    """What the plots need of a trend table.

    Slope with interval and detectable change (%/yr or km²/yr), t, -log10 p and q, n, status, rank, newest area (km²).

    Args:
        store: The dataset.
        table: The trends of all lakes.
        rows: Of which lakes; None: of all.
        ranks: (L,) of `modules.measures.rank`, where it has been worked out.
    """
    picked = slice(None) if rows is None else rows
    part = table if rows is None else replace(table, frame=table.frame.iloc[rows])
    low, high = interval(part)
    codes = pd.Categorical(part.frame["status"], categories=list(STATUSES)).codes
    return {
        **{name: _floats(measure(part, name)) for name in ("slope", "t", "p", "q", "detectable")},
        "low": _floats(low),
        "high": _floats(high),
        "area": _floats(store.newest_areas(table.settings.source, table.settings.threshold, table.settings.without)[picked]),
        "rank": (rank(table) if ranks is None else ranks)[picked].astype("<i4"),
        "n": np.minimum(part.frame["n"].to_numpy(), 255).astype("u1"),
        "status": codes.astype("u1"),
    }


def series_columns(store: Store, settings: TrendSettings, first_row: int, last_row: int) -> Columns:
    """The observations of rows first_row to last_row - 1: row, decimal year, km², whether the trend uses them; in row and time order."""
    keys = store.lake_keys[first_row:last_row]
    return _series(store.area_rows_of(keys, settings), keys, np.arange(first_row, first_row + len(keys)), settings)


def among_columns(store: Store, settings: TrendSettings, lake_keys: tuple[int, ...]) -> Columns:
    """The same of single lakes, wherever they stand; and as `lake`, lake_key, lake_id and name, the row of each and what it is called."""
    rows = np.array([row for row in map(store.row_of, sorted(lake_keys)) if row is not None], dtype=np.intp)
    keys = store.lake_keys[rows]
    found = [store.area_rows_of(keys[at : at + 1], settings) for at in range(len(keys))]
    named = lake_columns(store, rows)
    told: Columns = {"lake": rows.astype("<i4"), **{name: named[name] for name in ("lake_key", "lake_id", "name")}}
    return told | (_series(pd.concat(found), keys, rows, settings) if found else {})


def _series(held: pd.DataFrame, keys: np.ndarray, rows: np.ndarray, settings: TrendSettings) -> Columns:
    """What is drawn of area rows.

    Args:
        held: The area rows.
        keys, rows: Of their lakes, ascending.
        settings: As ever.
    """
    held = held[np.isfinite(held["area_km2"].to_numpy(dtype=float))]
    year, _ = years_of(held, settings)
    lake = np.searchsorted(keys, held["lake_key"].to_numpy())
    order = np.lexsort((year, lake))
    return {
        "row": rows[lake][order].astype("<i4"),
        "year": _floats(year[order]),
        "area": _floats(held["area_km2"].to_numpy(dtype=float)[order]),
        "used": (barred(held, settings.season) == "")[order].astype("u1"),
    }
