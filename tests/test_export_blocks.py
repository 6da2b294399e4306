"""An export in parts against the same one made whole."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd
import pyogrio
import pytest

from data import export, export_blocks
from data.export import export_frame, export_geometry, provenance, write_export
from data.export_blocks import blocks, csv_blocks, write_geopackage
from data.store import Store
from tests.datasets import LAKES, small_dataset
from tests.flood_cases import with_floods


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(with_floods(small_dataset(tmp_path_factory.mktemp("data") / "d"), [(0, "2018-07-28"), (9, "1955-66")]))


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export_blocks, "BLOCK", 7)


def test_no_lake_is_lost_and_a_part_spans_one_block(store: Store) -> None:
    keys = [key for key in store.lake_keys.tolist() if key % 3]
    parts = list(blocks(store, keys))
    assert [key for part in parts for key in part] == keys
    assert len(parts) == -(-LAKES // 7)
    assert all(max(part) - min(part) < 7 for part in parts)
    assert list(blocks(store, [])) == [[]]


@pytest.mark.parametrize("keys", [list(range(LAKES)), [3, 11, 30], []])
def test_the_parts_of_a_csv_are_the_file(store: Store, tmp_path: Path, keys: list[int]) -> None:
    table = store.trends(store.settings())
    write_export(export_frame(store, table, keys), None, "csv", tmp_path / "whole.csv", provenance(store, table))
    assert b"".join(csv_blocks(store, table, keys)) == (tmp_path / "whole.csv").read_bytes()


def test_a_geopackage_in_parts_holds_the_same(store: Store, tmp_path: Path) -> None:
    table, keys = store.trends(store.settings()), list(range(LAKES))
    write_geopackage(store, table, keys, tmp_path / "parts.gpkg")
    write_export(export_frame(store, table, keys), export_geometry(store, keys), "gpkg", tmp_path / "whole.gpkg", provenance(store, table))
    parts, whole = (pyogrio.read_dataframe(tmp_path / f"{name}.gpkg") for name in ("parts", "whole"))
    assert parts.geometry.to_wkb().tolist() == whole.geometry.to_wkb().tolist()
    pd.testing.assert_frame_equal(pd.DataFrame(parts.drop(columns="geometry")), pd.DataFrame(whole.drop(columns="geometry")))


def test_what_comes_to_be_kept_meanwhile_moves_no_column(store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Of very many lakes flags and triage are there only where they are kept, which may change between two parts."""
    monkeypatch.setattr(export, "at_once", lambda lakes: False)
    mine = Store(store.path)
    table = mine.trends(mine.settings())
    parts = csv_blocks(mine, table, list(range(LAKES)))
    first = next(parts)
    mine.flags(mine.settings())
    mine.triage(mine.settings())
    assert "triage" in export_frame(mine, table, [0]).columns
    head, *rows = csv.reader(io.StringIO((first + b"".join(parts)).decode()))
    assert len(rows) == LAKES
    assert {len(row) for row in rows} == {len(head)}
    assert "triage" not in head
