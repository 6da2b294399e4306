"""Newest outlines read in parts, against the table read whole."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.errors import DatasetError
from data.newest_outlines import NewestOutlines


def written(folder: Path, keys: list[int], rows: int) -> list[bytes | None]:
    """A table whose outlines say their key, every fifth lake without; returns them in order of keys."""
    shapes = [None if key % 5 == 0 else f"lake {key} ".encode() * 50 for key in keys]
    table = pa.table({"lake_key": pa.array(keys, pa.int32()), "geometry": pa.array(shapes, pa.binary())})
    pq.write_table(table, folder / "lakes.parquet", row_group_size=rows, write_page_checksum=True)
    return [shape for _, shape in sorted(zip(keys, shapes, strict=True), key=lambda pair: pair[0])]


@pytest.mark.parametrize("rows", [1, 7, 100])
@pytest.mark.parametrize("order", ["ascending", "any"])
def test_each_lake_has_its_own(tmp_path: Path, rows: int, order: str) -> None:
    keys = [2 * key for key in range(30)]
    shuffled = keys if order == "ascending" else np.random.default_rng(3).permutation(keys).tolist()
    wanted = written(tmp_path, shuffled, rows)
    held = NewestOutlines(tmp_path)
    assert len(held) == len(wanted)
    assert [held[row] for row in range(len(held))] == wanted == list(held)
    assert held[-1] == wanted[-1]
    assert held[3:9:2] == wanted[3:9:2]
    for row in (len(held), -len(held) - 1):
        with pytest.raises(IndexError):
            held[row]


def test_a_table_that_is_replaced_stays_as_it_was(tmp_path: Path) -> None:
    wanted = written(tmp_path, [1, 2, 3], 1)
    held = NewestOutlines(tmp_path)
    (tmp_path / "lakes.parquet").unlink()
    written(tmp_path, [4], 1)
    assert list(held) == wanted


def test_a_byte_that_changed_is_an_error(tmp_path: Path) -> None:
    written(tmp_path, list(range(1, 5)), 100)
    path = tmp_path / "lakes.parquet"
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"lake 1 ") + 5] ^= 1
    path.write_bytes(raw)
    with pytest.raises(DatasetError, match="damaged"):
        list(NewestOutlines(tmp_path))
    path.unlink()
    with pytest.raises(DatasetError, match=r"lakes\.parquet"):
        NewestOutlines(tmp_path)
