"""Files are whole or not there, and a changed byte is an error, never other data."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from data.cache import fingerprint, read_table, write_atomic, write_table
from data.errors import DatasetError


def test_parts_of_a_fingerprint_do_not_run_together() -> None:
    assert len({fingerprint("ab", "c"), fingerprint("a", "bc"), fingerprint("abc"), fingerprint("abc", "")}) == 4
    assert fingerprint("a") == fingerprint(b"a")


def test_equal_tables_give_equal_bytes(tmp_path: Path) -> None:
    table = pa.table({"a": np.arange(1000), "b": [f"lake {n % 7}" for n in range(1000)]})
    for name in ("one", "two"):
        write_table(tmp_path / name, table)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert read_table(tmp_path / "one").equals(table)


def test_a_flipped_bit_in_a_page_is_an_error(tmp_path: Path) -> None:
    path, chance = tmp_path / "t.parquet", random.Random(7)
    write_table(path, pa.table({"a": np.random.default_rng(1).random(500)}))
    whole = path.read_bytes()
    # The footer's length stands in the last eight bytes; before it lie magic, page header and the page, which carries the checksum.
    end = len(whole) - 8 - int.from_bytes(whole[-8:-4], "little")
    for place in chance.sample(range(100, end), 60):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << chance.randrange(8)]) + whole[place + 1 :])
        with pytest.raises(DatasetError, match="is damaged"):
            read_table(path)


@pytest.mark.parametrize("length", [0, 3, 50, 0.5, 0.99])
def test_a_cut_file_is_an_error(length: float, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    write_table(path, pa.table({"a": np.arange(500.0)}))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(length if length >= 1 else length * len(whole))])
    with pytest.raises(DatasetError, match="is damaged"):
        read_table(path)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("{}")

    def fail(temporary: Path) -> None:
        temporary.write_text(json.dumps({"half": "written"}))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_atomic(path, fail)
    assert [(found.name, found.read_text()) for found in tmp_path.iterdir()] == [("a.json", "{}")]


def test_a_folder_called_like_a_partition_adds_no_column(tmp_path: Path) -> None:
    path = tmp_path / "year=2020" / "t.parquet"
    write_table(path, pa.table({"a": [1]}))
    assert read_table(path).column_names == ["a"]


NOTES = (
    '{"columns": [}',
    '{"columns": [{"name": "a"}], "index_columns": [], "column_indexes": []}',
    '{"columns": 7, "index_columns": [], "column_indexes": []}',
    '{"columns": []}',
    "[1, 2]",
)


@pytest.mark.parametrize("notes", NOTES)
def test_notes_for_pandas_that_are_none_are_a_damaged_file(tmp_path: Path, notes: str) -> None:
    table = pa.table({"a": [1, 2]})
    write_table(tmp_path / "a.parquet", table.replace_schema_metadata({"pandas": notes}))
    with pytest.raises(DatasetError, match=r"a\.parquet is damaged"):
        read_table(tmp_path / "a.parquet")


def test_notes_of_pandas_itself_are_read(tmp_path: Path) -> None:
    table = pa.table({"a": [1, 2]})
    write_table(tmp_path / "a.parquet", pa.Table.from_pandas(table.to_pandas()))
    assert read_table(tmp_path / "a.parquet").to_pandas()["a"].tolist() == [1, 2]
