"""Column resources, read back by a reader written from the description of the layout alone."""

from __future__ import annotations

import gzip
import json
import struct
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from data.records import Season
from data.store import Store
from modules.columns import lake_columns, packed, series_columns, trend_columns
from modules.measures import measure
from tests.datasets import small_dataset


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("columns")))


def _read(raw: bytes) -> dict[str, Any]:
    body = gzip.decompress(raw)
    (size,) = struct.unpack("<I", body[:4])
    head = json.loads(body[4 : 4 + size])
    assert size % 4 == 0
    out: dict[str, Any] = {}
    for name, column in head["columns"].items():
        assert column["offset"] % 4 == 0
        part = body[4 + size + column["offset"] :][: column["bytes"]]
        out[name] = part.decode().split("\n") if column["type"] == "text" else np.frombuffer(part, dtype=f"<{column['type']}")
    assert all(len(values) == head["rows"] for values in out.values())
    return out


def test_lakes_travel(store: Store) -> None:
    got = _read(packed(lake_columns(store)))
    assert got["lake_key"].tolist() == store.lakes["lake_key"].tolist()
    assert got["lon"] == pytest.approx(store.lakes["lon"].to_numpy(), abs=1e-5)
    assert got["lake_id"] == store.lakes["lake_id"].fillna("").tolist()


def test_trends_travel(store: Store) -> None:
    table = store.trends(store.settings())
    got = _read(packed(trend_columns(store, table)))
    for name in ("slope", "t", "p", "q", "detectable"):
        assert got[name] == pytest.approx(measure(table, name), rel=1e-6, nan_ok=True)
    assert got["n"].tolist() == table.frame["n"].tolist()


@pytest.mark.parametrize("season", [None, Season(9, 11)])
def test_blocks_of_series_say_what_the_trends_rest_on(store: Store, season: Season | None) -> None:
    table = store.trends(replace(store.settings(), season=season))
    parts = [_read(packed(series_columns(store, table.settings, first, first + 16))) for first in range(0, 48, 16)]
    rows, used, year = (np.concatenate([part[name] for part in parts]) for name in ("row", "used", "year"))
    assert np.bincount(rows[used > 0], minlength=len(store.lakes)).tolist() == table.frame["n"].tolist()
    assert len(rows) == len(store.area_rows)
    assert len(rows) > used.sum()
    assert ((np.diff(rows) > 0) | (np.diff(rows) == 0) & (np.diff(year) > 0)).all()


def test_equal_columns_give_equal_bytes(store: Store) -> None:
    assert packed(lake_columns(store)) == packed(lake_columns(store))


def test_nothing_to_pack() -> None:
    assert _read(packed({})) == {}
