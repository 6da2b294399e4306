"""Columns for the browser: one immutable binary resource, a JSON header and typed arrays, deflated once. Pure.

Layout: uint32 little-endian length of the header; the header `{"rows": n, "columns": {name: {"type", "offset", "bytes"}}}`
padded with spaces to a multiple of 4; then the arrays, each starting on a multiple of 4. Types: f4, i4, i2, u1, and `text`
(UTF-8, one row a line). Row i is row i of `Store.lakes` in every resource of a dataset, whatever the settings.
"""

from __future__ import annotations

import gzip
import json
import struct

import numpy as np
import pandas as pd

from data.plain_text import cut
from data.records import TrendSettings, TrendTable
from data.store import Store
from data.trends.fit import STATUSES
from data.trends.series import barred, years_of
from modules.measures import interval, measure, rank


def packed(columns: dict[str, np.ndarray | list[str]]) -> bytes:
    """The resource, gzipped; equal columns give equal bytes."""
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
    head = json.dumps({"rows": rows, "columns": header}).encode()
    head += b" " * (-len(head) % 4)
    return gzip.compress(struct.pack("<I", len(head)) + head + b"".join(chunks), compresslevel=6, mtime=0)


def _texts(values: pd.Series) -> list[str]:
    return [cut(text) for text in values.astype("string").fillna("")]


def _floats(values: np.ndarray) -> np.ndarray:
    with np.errstate(over="ignore"):
        return np.asarray(values, dtype="<f4")


def lake_columns(store: Store) -> dict[str, np.ndarray | list[str]]:
    """What the plots need of the lakes themselves: key, position (degrees), id, name; where floods are known, the last one in words."""
    lakes = store.lakes
    return {
        "lake_key": store.lake_keys.astype("<i4"),
        "lon": _floats(lakes["lon"].to_numpy(dtype=float)),
        "lat": _floats(lakes["lat"].to_numpy(dtype=float)),
        "lake_id": _texts(lakes["lake_id"]),
        "name": _texts(lakes["name"]),
        **({"flood": store.floods.last["flood_words"].tolist()} if store.floods.burst.any() else {}),
    }


def trend_columns(store: Store, table: TrendTable) -> dict[str, np.ndarray | list[str]]:
    """What the plots need of a trend table.

    Slope with interval and detectable change (%/yr or km²/yr), t, -log10 p and q, n, status, rank, newest area (km²).
    """
    low, high = interval(table)
    codes = pd.Categorical(table.frame["status"], categories=list(STATUSES)).codes
    return {
        **{name: _floats(measure(table, name)) for name in ("slope", "t", "p", "q", "detectable")},
        "low": _floats(low),
        "high": _floats(high),
        "area": _floats(store.newest_areas(table.settings.source, table.settings.threshold, table.settings.without)),
        "rank": rank(table).astype("<i4"),
        "n": np.minimum(table.frame["n"].to_numpy(), 255).astype("u1"),
        "status": codes.astype("u1"),
    }


def series_columns(store: Store, settings: TrendSettings, first_row: int, last_row: int) -> dict[str, np.ndarray | list[str]]:
    """The observations of rows first_row to last_row - 1: row, decimal year, km², whether the trend uses them; in row and time order."""
    keys = store.lake_keys[first_row:last_row]
    rows = store.area_rows_of(keys, settings)
    rows = rows[np.isfinite(rows["area_km2"].to_numpy(dtype=float))]
    year, _ = years_of(rows, settings)
    lake = np.searchsorted(keys, rows["lake_key"].to_numpy())
    order = np.lexsort((year, lake))
    return {
        "row": (lake + first_row)[order].astype("<i4"),
        "year": _floats(year[order]),
        "area": _floats(rows["area_km2"].to_numpy(dtype=float)[order]),
        "used": (barred(rows, settings.season) == "")[order].astype("u1"),
    }
