"""Areas in parts: the same rows and answers as from one file, from the one row group that holds them, and never other numbers silently."""

from __future__ import annotations

import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from data.__main__ import main
from data.cache import read_table
from data.checks import dataset_faults
from data.commit import COMMITTED, finish, transaction
from data.errors import DatasetError, InputError
from data.parts.index import FILE, read_index, table_digest, write_index
from data.parts.making import write_block, write_whole
from data.parts.partition import partition, write_as_held
from data.parts.reading import Parts
from data.parts.writing import group_starts, in_order, lakes_of, write_part
from data.store import Store
from tests.probable_dataset import SEGMENTER, probable_dataset

PART_ROWS = 150


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return probable_dataset(tmp_path_factory.mktemp("parts") / "data")


@pytest.fixture(scope="module")
def parted(whole: Path) -> Path:
    copy = Path(shutil.copytree(whole, whole.with_name("parted")))
    assert partition(copy, "areas", PART_ROWS) == len(read_table(whole / "areas.parquet"))
    return copy


@pytest.fixture
def mine(parted: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(parted, tmp_path / "mine"))


def same(frame: pd.DataFrame, other: pd.DataFrame) -> None:
    """Equal rows; of rows at other thresholds a store of one file has no digests of masks."""
    both = (each.reset_index(drop=True).drop(columns="mask_record", errors="ignore") for each in (frame, other))
    assert_frame_equal(*both, check_exact=True)


@given(st.lists(st.integers(1, 12), max_size=30), st.integers(1, 25))
def test_row_groups_are_whole_lakes_and_as_large_as_asked_unless_one_lake_is_larger(sizes: list[int], rows: int) -> None:
    lakes = np.repeat(np.arange(len(sizes)), sizes)
    starts = group_starts(lakes, rows)
    assert starts[0] == 0
    assert starts[-1] == len(lakes)
    for begin, end in pairwise(starts.tolist()):
        assert end - begin <= rows or len(set(lakes[begin:end])) == 1
        assert begin == 0 or lakes[begin] != lakes[begin - 1]


def test_a_store_of_parts_answers_as_one_of_a_file(whole: Path, parted: Path) -> None:
    one, other = Store(whole), Store(parted)
    assert len(read_index(parted / "areas.parquet").parts) > 2
    assert (one.sources, one.thresholds, one.settings()) == (other.sources, other.thresholds, other.settings())
    assert one.area_counts == other.area_counts
    same(one.area_rows, other.area_rows)
    same(one.threshold_rows, other.threshold_rows)
    settings = replace(one.settings(), source=SEGMENTER, threshold=0.3)
    same(one.rows_of(settings).query("source == @SEGMENTER"), other.rows_of(settings))
    same(one.area_rows_of(one.lake_keys[3:25], settings), other.area_rows_of(one.lake_keys[3:25], settings))
    some = np.array([2, 3, 17, 31], dtype=np.int32)
    same(one.rows_of_lakes(some[::-1], settings), other.rows_of_lakes(some, settings))
    assert set(other.rows_of_lakes(some, one.settings())["lake_key"]) == set(some.tolist())
    assert len(other.rows_of_lakes([], settings)) == 0
    for source in one.sources:
        blocks = pd.concat(list(other.row_blocks(replace(settings, source=source), ("area_km2", "reason"))))
        wanted = pd.concat(list(one.row_blocks(replace(settings, source=source))))
        same(blocks[["lake_key", "date", "area_km2"]], wanted[["lake_key", "date", "area_km2"]])
        assert one.observations(source) == other.observations(source)
    for key in one.lake_keys.tolist():
        same(one.areas(key), other.areas(key))
        same(one.areas(key, settings), other.areas(key, settings))
        same(one.areas_by_threshold(key, SEGMENTER), other.areas_by_threshold(key, SEGMENTER))


def test_newest_areas_are_those_of_the_rows_whatever_the_threshold_and_the_reviews(whole: Path, parted: Path) -> None:
    one, other = Store(whole), Store(parted)
    newest = one.area_rows.query("reason == 'ok'").groupby(["lake_key", "source"])["date"].last().reset_index().head(3)
    bad = [(int(row.lake_key), row.date.date(), str(row.source)) for row in newest.itertuples()]
    for source in one.sources:
        for threshold in (None, *one.thresholds.get(source, ())):
            for observations in ((), bad):
                names = [store.left_out.name(observations) for store in (one, other)]
                wanted, got = (store.newest_areas(source, threshold, name) for store, name in zip((one, other), names, strict=True))
                np.testing.assert_array_equal(wanted, got)
    assert any(not np.array_equal(other.newest_areas(s), other.newest_areas(s, None, other.left_out.name(bad))) for s in one.sources)


def test_one_lake_needs_the_one_part_that_holds_it(whole: Path, mine: Path) -> None:
    table = mine / "areas.parquet"
    index = read_index(table)
    lake = int(index.groups.column("last_lake")[-1].as_py())
    for part in index.parts[:-1]:
        (table / part).unlink()
    same(Store(mine).areas(lake), Store(whole).areas(lake))
    with pytest.raises(DatasetError, match=r"part-00000\.parquet is damaged"):
        Store(mine).areas(0)


def test_a_flipped_bit_anywhere_is_an_error_and_never_another_number(whole: Path, mine: Path) -> None:
    random, table = np.random.default_rng(5), mine / "areas.parquet"
    wanted = {key: Store(whole).areas(key) for key in Store(whole).lake_keys.tolist()}
    noticed = 0
    newest = {source: Store(whole).newest_areas(source) for source in Store(whole).sources}
    for path in [path for path in sorted(table.iterdir()) for _ in range(2)]:
        held = path.read_bytes()
        place, bit = int(random.integers(len(held))), 1 << int(random.integers(8))
        path.write_bytes(held[:place] + bytes([held[place] ^ bit]) + held[place + 1 :])
        try:
            store = Store(mine)
            for key, rows in wanted.items():
                same(store.areas(key), rows)
            for source, areas in newest.items():
                np.testing.assert_array_equal(store.newest_areas(source), areas)
        except DatasetError:
            noticed += 1
        path.write_bytes(held)
    assert noticed > 5


def test_who_opened_the_table_before_it_changed_is_told(mine: Path) -> None:
    store, table = Store(mine), read_table(mine / "areas.parquet")
    store.areas(3)
    with transaction(mine) as stage:
        write_as_held(mine, stage, "areas", table.slice(0, len(table) - 1))
    assert (mine / "areas.parquet").is_dir()
    with pytest.raises(DatasetError, match="has changed since it was opened"):
        store.areas(4)
    assert Store(mine).areas_digest != store.areas_digest
    assert len(read_table(mine / "areas.parquet")) == len(table) - 1


def test_a_commit_of_parts_that_was_cut_short_is_seen_whole_and_ended(whole: Path, mine: Path) -> None:
    with transaction(mine) as stage:
        shutil.copytree(mine / "areas.parquet", stage / "areas.parquet")
        committed = shutil.copytree(stage, mine.with_name("committed"))
    shutil.copytree(committed, mine / COMMITTED)
    (mine / "areas.parquet" / FILE).unlink()
    same(Store(mine).area_rows, Store(whole).area_rows)
    finish(mine)
    assert not list(mine.glob(".*"))
    same(Store(mine).area_rows, Store(whole).area_rows)


def test_blocks_written_in_any_order_give_the_same_table(whole: Path, tmp_path: Path) -> None:
    rows = in_order(read_table(whole / "areas.parquet"), "areas")
    cuts = np.searchsorted(lakes_of(rows), [0, 7, 20, 99])
    digests: list[str] = []
    for name, turn in (("there", [0, 1, 2]), ("back", [2, 1, 0])):
        write_whole(tmp_path / name, [write_block(tmp_path / name, n, rows.slice(cuts[n], cuts[n + 1] - cuts[n])) for n in turn])
        digests.append(table_digest(tmp_path / name))
    assert digests[0] == digests[1]
    found = Parts(tmp_path / "there")
    assert len(found) == len(rows)
    assert found.of_lakes(5, 21).column("lake_key").to_pylist() == [key for key in rows.column("lake_key").to_pylist() if 5 <= key <= 21]


def test_any_reader_of_parquet_sees_the_rows_and_nothing_beside_them(parted: Path) -> None:
    import duckdb

    table = parted / "areas.parquet"
    assert pq.read_table(table).num_rows == len(Store(parted).table("areas"))
    counted = duckdb.sql(f"SELECT count(*), count(DISTINCT lake_key) FROM read_parquet('{table}/part-*.parquet')").fetchall()[0]
    assert counted == (pq.read_table(table).num_rows, len(set(pq.read_table(table).column("lake_key").to_pylist())))
    assert dataset_faults(parted) == []


def test_questions_are_answered_and_bad_ones_explained(parted: Path, capfd: pytest.CaptureFixture[str]) -> None:
    rows = Store(parted).table("areas").to_pandas()
    assert main(["query", str(parted), "SELECT count(*) AS n, max(area_km2) AS most FROM areas WHERE reason = 'ok' AND lake_key < 9"]) == 0
    mine = rows[(rows["reason"] == "ok") & (rows["lake_key"] < 9)]
    said = capfd.readouterr().out.splitlines()
    assert said[0] == '"n","most"'
    assert [float(each) for each in said[1].split(",")] == [len(mine), mine["area_km2"].max()]
    for sql in ("SELECT nothing FROM areas", "DROP", "SELECT * FROM read_csv('/etc/hostname')", "COPY areas TO '/tmp/x.csv'"):
        assert main(["query", str(parted), sql]) == 2
        assert "the question is not understood" in capfd.readouterr().err


def test_a_table_that_cannot_be_in_parts_is_refused(mine: Path) -> None:
    with pytest.raises(InputError, match="in parts already"):
        partition(mine, "areas")
    with pytest.raises(InputError, match="cannot be in parts"):
        partition(mine, "lakes")
    (mine / "outlines.parquet").unlink()
    with pytest.raises(DatasetError, match="does not exist"):
        partition(mine, "outlines")
    (mine / "areas.parquet" / FILE).unlink()
    with pytest.raises(DatasetError, match="is a folder without"):
        Store(mine)


def test_an_index_names_no_file_elsewhere(mine: Path) -> None:
    table, secret = mine / "areas.parquet", mine.with_name("part-00000.parquet")
    shutil.copy(table / "part-00000.parquet", secret)
    index = read_index(table)
    for name in ("../part-00000.parquet", str(secret), "part-00000.parquet/..", "PART-1.parquet", ""):
        place = index.groups.column_names.index("part")
        groups = index.groups.set_column(place, "part", pa.array([name] * len(index.groups)))
        write_index(table, [groups], index.schema, index.summary)
        with pytest.raises(DatasetError, match="which is no part"):
            Store(mine)


def test_a_part_out_of_order_or_with_holes_is_refused(whole: Path, tmp_path: Path) -> None:
    rows = read_table(whole / "areas.parquet")
    with pytest.raises(InputError, match="not in order of lake_key"):
        write_part(tmp_path, 0, rows.take(pa.array(np.arange(len(rows))[::-1])))
    folder = Path(shutil.copytree(whole, tmp_path / "holes"))
    holes = rows.set_column(rows.column_names.index("reason"), "reason", pa.nulls(len(rows), pa.string()))
    pq.write_table(holes, folder / "areas.parquet", write_page_checksum=True)
    with pytest.raises(DatasetError, match="reason"):
        partition(folder, "areas")
    assert (folder / "areas.parquet").is_file()
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]
