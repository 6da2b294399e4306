"""A dataset that is opened and read while somebody writes into it: all of one moment, or words; never a mixture."""

from __future__ import annotations

import shutil
import threading
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from data.cache import read_table, write_table
from data.commit import transaction
from data.dataset_files import read_current
from data.errors import DatasetError
from data.store import Store
from tests.datasets import small_dataset

OPENED = 40


def scaled(source: Path, target: Path, factor: float) -> None:
    """The same areas, all larger by a factor, and a title that says so."""
    table = read_table(source / "areas.parquet")
    place = table.column_names.index("area_km2")
    larger = pc.multiply(table.column(place), pa.scalar(factor))
    write_table(target / "areas.parquet", table.set_column(place, table.schema.field(place), larger))
    (target / "dataset.toml").write_text((source / "dataset.toml").read_text().replace("A small dataset", f"Times {factor:g}"))


def test_what_is_opened_is_all_of_one_moment(tmp_path: Path) -> None:
    dataset = small_dataset(tmp_path / "d")
    began = time.monotonic()
    usual = Store(dataset).area_rows["area_km2"].sum()
    # Twice as long as it takes to open: on a busy machine, too, there are moments in which nobody writes.
    pause = [max(0.03, 2 * (time.monotonic() - began))]
    kinds = [tmp_path / name for name in ("1", "2")]
    for kind in kinds:
        kind.mkdir()
        scaled(dataset, kind, float(kind.name))
    stop, commits = threading.Event(), [0]

    def write() -> None:
        while not stop.wait(pause[0]):
            with transaction(dataset) as stage:
                for path in kinds[commits[0] % 2].iterdir():
                    shutil.copy(path, stage)
            commits[0] += 1

    writer = threading.Thread(target=write)
    writer.start()
    seen: list[tuple[str, str]] = []
    refused: list[str] = []
    try:
        while len(seen) + len(refused) < OPENED:
            began = time.monotonic()
            store = Store(dataset)
            pause[0] = max(0.03, min(1.0, time.monotonic() - began))
            try:
                rows = store.area_rows
            except DatasetError as error:
                refused.append(error.remedy)
            else:
                seen.append((store.meta.title, f"Times {rows['area_km2'].sum() / usual:.6g}"))
    finally:
        stop.set()
        writer.join()
    assert commits[0] > 5, "somebody wrote meanwhile"
    assert [pair for pair in seen[1:] if pair[0] != pair[1] and pair[0].startswith("Times")] == []
    assert len({title for title, _ in seen}) > 1, "what was written was seen"
    assert set(refused) <= {"reload the page"}


def test_a_file_that_is_replaced_while_it_is_read_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And one that stands still is damaged."""
    dataset, reads = small_dataset(tmp_path / "d"), 0

    def torn(path: Path) -> pa.Table:
        nonlocal reads
        reads += 1
        if reads == 1:
            shutil.copy(path, path.with_name("other"))
            path.with_name("other").replace(path)
            raise DatasetError("a footer here and pages there", "restore it from a copy")
        return read_table(path)

    monkeypatch.setattr("data.dataset_files.read_table", torn)
    assert read_current(dataset, "areas.parquet").num_rows > 0
    assert reads == 2
    (dataset / "areas.parquet").write_bytes(b"PAR1")
    with pytest.raises(DatasetError, match="is damaged"):
        read_current(dataset, "areas.parquet")
    assert reads == 3


def test_rows_that_changed_since_are_refused_and_not_kept_under_the_old_digest(tmp_path: Path) -> None:
    dataset = small_dataset(tmp_path / "d")
    old = Store(dataset, tmp_path / "state")
    with transaction(dataset) as stage:
        scaled(dataset, stage, 2.0)
    with pytest.raises(DatasetError, match="reload the page"):
        old.trends(old.settings())
    assert not (tmp_path / "state").exists(), "nothing false was kept"
    new = Store(dataset, tmp_path / "state")
    assert new.digest != old.digest
    assert new.trends(new.settings()).counts


def test_a_table_that_vanished_is_an_error_and_one_that_never_was_is_empty(tmp_path: Path) -> None:
    dataset = small_dataset(tmp_path / "d")
    store = Store(dataset)
    (dataset / "outlines.parquet").unlink()
    with pytest.raises(DatasetError, match=r"outlines\.parquet does not exist"):
        store.outlines(0)
    assert len(store.table("scenes")) == 0
