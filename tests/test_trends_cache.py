"""Trend tables kept by fingerprint: found again unchanged, missed when anything they depend on changes."""

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import scipy

from data.cache import write_table
from data.errors import DatasetError
from data.kept import KeptFiles
from data.records import Season, TrendSettings, TrendTable
from data.trends import METHODS
from data.trends import cache as cache_module
from data.trends.cache import TrendCache, as_arrow, load
from tests.trend_cases import lake_frame, yearly

SETTINGS = TrendSettings(source="inventory", season=Season(9, 11))


@pytest.fixture
def table() -> TrendTable:
    rows = yearly({0: [1.0, 1.2, 1.1, 1.4, 1.5, 1.5, 1.8], 1: [2.0] * 7, 2: [3.0, 0.0, 2.5, 2.0]})
    return METHODS["ols"].table(rows, lake_frame(0, 1, 2, 3), SETTINGS)


def save(path: Path, table: TrendTable) -> None:
    write_table(path, as_arrow(table))


def only(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def same(one: TrendTable, other: TrendTable) -> None:
    pd.testing.assert_frame_equal(one.frame, other.frame, check_exact=True)
    assert replace(one, frame=other.frame) == other


def test_a_saved_table_comes_back_whole(tmp_path: Path, table: TrendTable) -> None:
    save(tmp_path / "table.parquet", table)
    same(load(tmp_path / "table.parquet"), table)


def test_equal_tables_give_equal_bytes(tmp_path: Path, table: TrendTable) -> None:
    save(tmp_path / "one.parquet", table)
    save(tmp_path / "two.parquet", load(tmp_path / "one.parquet"))
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()


def test_put_writes_to_the_state_folder_only(tmp_path: Path, table: TrendTable) -> None:
    TrendCache(tmp_path / "dataset" / "trends", tmp_path / "state").put("k", table)
    assert [path.parent.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.parquet")] == ["state/trends"]
    held = TrendCache(tmp_path / "dataset" / "trends", tmp_path / "state").get("k")
    assert held is not None
    same(held, table)


def test_the_datasets_own_tables_come_first(tmp_path: Path, table: TrendTable) -> None:
    TrendCache(tmp_path / "none", tmp_path / "dataset").put("k", table)
    TrendCache(tmp_path / "none", tmp_path / "state").put("k", replace(table, observations=-1))
    held = TrendCache(tmp_path / "dataset" / "trends", tmp_path / "state").get("k")
    assert held is not None
    assert held.observations == table.observations


def test_key_changes_with_everything_a_table_depends_on(monkeypatch: pytest.MonkeyPatch) -> None:
    ols = METHODS["ols"]

    def key(areas: str = "a", lakes: str = "b", settings: TrendSettings = SETTINGS, version: int = ols.version, name: str = "ols") -> str:
        return TrendCache.key(areas, lakes, settings, replace(ols, version=version, name=name))

    keys = [
        key(), key("x"), key(lakes="x"), key("ab", ""), key(version=99), key(name="other"),
        key(settings=replace(SETTINGS, response="area")), key(settings=replace(SETTINGS, season=None)),
        key(settings=replace(SETTINGS, source="x")), key(settings=replace(SETTINGS, method="ols")),
    ]  # fmt: skip
    monkeypatch.setattr(np, "__version__", "0")
    keys.append(key())
    monkeypatch.setattr(scipy, "__version__", "0")
    keys.append(key())
    monkeypatch.setattr(cache_module, "COLUMNS", (*cache_module.COLUMNS, "later"))
    keys.append(key())
    assert len(set(keys)) == len(keys) == 13


@pytest.mark.parametrize("place", [0.1, 0.4, 0.7, 0.95])
def test_a_damaged_file_is_a_logged_miss_and_is_written_anew(
    tmp_path: Path, table: TrendTable, place: float, caplog: pytest.LogCaptureFixture
) -> None:
    TrendCache(tmp_path / "none", tmp_path).put("k", table)
    path = only(tmp_path / "trends")
    good = path.read_bytes()
    spot = int(place * len(good))
    path.write_bytes(good[:spot] + bytes([good[spot] ^ 0xFF]) + good[spot + 1 :])
    again = TrendCache(tmp_path / "none", tmp_path)
    with caplog.at_level(logging.WARNING):
        held = again.get("k")
    assert held is None
    assert path.name in caplog.text
    again.put("k", table)
    assert path.read_bytes() == good


def test_a_whole_file_that_is_no_trend_table_is_removed(tmp_path: Path, table: TrendTable) -> None:
    KeptFiles(tmp_path, "trends").put("k", pa.table({"x": [1]}))
    cache = TrendCache(tmp_path / "none", tmp_path)
    assert cache.get("k") is None
    assert not list((tmp_path / "trends").iterdir())


def test_a_parquet_file_that_is_no_trend_table_is_named(tmp_path: Path, table: TrendTable) -> None:
    table.frame.to_parquet(tmp_path / "other.parquet")
    with pytest.raises(DatasetError, match=r"other\.parquet is not a trend table"):
        load(tmp_path / "other.parquet")


def test_without_a_writable_state_folder_memory_serves_and_says_so(tmp_path: Path, table: TrendTable) -> None:
    (tmp_path / "file").write_text("in the way")
    blocked = TrendCache(tmp_path / "none", tmp_path / "file")
    assert not blocked.kept.trouble
    blocked.put("k", table)
    assert blocked.get("k") is table
    assert blocked.kept.trouble in {"file exists", "not a directory"}
    nowhere = TrendCache(tmp_path / "none", None)
    nowhere.put("k", table)
    assert nowhere.get("k") is table
    assert not nowhere.kept.trouble, "nothing was to be kept"


def test_memory_is_bounded_and_drops_the_longest_unused(table: TrendTable, tmp_path: Path) -> None:
    cache = TrendCache(tmp_path / "none", None)
    for number in range(cache_module.TABLES_IN_MEMORY):
        cache.put(str(number), table)
    assert cache.get("0") is table
    cache.put("one more", table)
    assert cache.get("0") is table
    assert cache.get("1") is None


def test_what_all_lakes_share_is_read_without_the_table(tmp_path: Path, table: TrendTable) -> None:
    shared = {"prior": [1.5, 2.0]}
    writing = TrendCache(tmp_path / "none", tmp_path / "state")
    writing.put("k", replace(table, shared=shared))
    assert writing.shared("k") == shared
    reading = TrendCache(tmp_path / "none", tmp_path / "state")
    assert reading.shared("k") == shared
    assert reading.shared("other") is None
    only(tmp_path / "state" / "trends").write_bytes(b"no table")
    assert TrendCache(tmp_path / "none", tmp_path / "state").shared("k") is None
