"""A dataset opened: what cannot be worked with is refused at once, and everything else is read as it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from data.__main__ import main
from data.cache import read_table, write_table
from data.errors import DatasetError
from data.store import Store
from tests import inventories
from tests.datasets import GROWING, LAKES, NAMELESS, SOURCE, small_dataset

Change = Callable[[pa.Table], pa.Table]
MORE = "lake_id,date,area\nNEW,2020,1\n"


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return small_dataset(tmp_path / "small")


def put(table: pa.Table, name: str, values: list[object], kind: pa.DataType) -> pa.Table:
    """The table with the first cells of a column replaced."""
    place, kept = table.column_names.index(name), table.column(name).to_pylist()
    return table.set_column(place, name, pa.array([*values, *kept[len(values) :]], kind))


UNUSABLE: list[tuple[str, Change, str]] = [
    ("areas", lambda t: t.drop_columns(["reason"]), "areas.parquet, reason: the column is missing"),
    ("areas", lambda t: put(t, "lake_key", [None], pa.int32()), "areas.parquet, lake_key: it is empty in 1 rows"),
    ("areas", lambda t: put(t, "area_km2", [], pa.float64()).cast(_as_text(t, "area_km2")), "areas.parquet, area_km2: it has type string"),
    ("lakes", lambda t: pa.concat_tables([t, t.slice(0, 1)]), "lakes.parquet, rows: the same lake_key 0"),
]


def _as_text(table: pa.Table, name: str) -> pa.Schema:
    return table.schema.set(table.column_names.index(name), pa.field(name, pa.string()))


@pytest.mark.parametrize(("name", "change", "said"), UNUSABLE)
def test_what_cannot_be_worked_with(name: str, change: Change, said: str, dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_table(dataset / f"{name}.parquet", change(read_table(dataset / f"{name}.parquet")))
    with pytest.raises(DatasetError) as caught:
        Store(dataset)
    assert said in caught.value.what
    assert "data check" in caught.value.remedy
    more = inventories.table(dataset.parent, MORE)
    for command in (["trends", dataset], ["export", dataset, "--out", dataset.parent / "x.csv"], ["import", more, "--into", dataset]):
        assert main([str(part) for part in command]) == 2
    assert capsys.readouterr().err.count("Remedy: ") == 3


@pytest.mark.parametrize("name", ["lakes", "outlines"])
def test_a_geometry_that_is_none_stops_who_must_read_it(name: str, dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = read_table(dataset / f"{name}.parquet")
    write_table(dataset / f"{name}.parquet", put(table, "geometry", [b"junk"], pa.binary()))
    before = {path.name: path.read_bytes() for path in dataset.iterdir()}
    assert main(["import", str(inventories.table(dataset.parent, MORE)), "--into", str(dataset)]) == 2
    assert "a geometry of the dataset cannot be read" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in dataset.iterdir()} == before


def test_lakes_and_their_areas(dataset: Path) -> None:
    store = Store(dataset)
    assert store.lake_keys.tolist() == list(range(LAKES))
    assert [store.row_of(key) for key in (0, LAKES - 1, LAKES, -1)] == [0, LAKES - 1, None, None]
    assert (store.labels[0], store.labels[NAMELESS]) == ("Imja Tsho", f"lake {NAMELESS}")
    own = store.areas(GROWING[3])
    assert set(own["lake_key"]) == {GROWING[3]}
    assert own["date"].is_monotonic_increasing
    assert store.sources == (SOURCE,)
    assert store.extra_columns == ["country", "glacier_distance_m", "note", "empty_column"]
    assert store.newest_areas(SOURCE)[GROWING[3]] == own["area_km2"].iloc[-1]


def test_the_digest_changes_with_any_table(dataset: Path) -> None:
    first = Store(dataset).digest
    assert Store(dataset).digest == first
    write_table(dataset / "events.parquet", read_table(dataset / "events.parquet").slice(1))
    assert Store(dataset).digest != first


def test_a_table_that_is_not_there_counts_as_empty(dataset: Path) -> None:
    (dataset / "events.parquet").unlink()
    assert Store(dataset).event_rows.empty
    (dataset / "areas.parquet").unlink()
    with pytest.raises(DatasetError, match=r"areas\.parquet does not exist"):
        Store(dataset)
