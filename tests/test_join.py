"""Joins: by id, refusing to guess, changing nothing else."""

from pathlib import Path

import geopandas
import pandas as pd
import pytest

from data.__main__ import main
from data.cache import read_table, write_table
from data.checks import dataset_faults
from data.commit import transaction
from data.store import Store
from tests.datasets import CONSTANT, LAKES, NAMELESS, TWINS, small_dataset


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return small_dataset(tmp_path / "d")


@pytest.fixture
def ids(dataset: Path) -> list[str]:
    return Store(dataset).lakes["lake_id"].tolist()


def joined(dataset: Path, text: str, *options: str) -> int:
    file = dataset.parent / "more.csv"
    file.write_text(text, encoding="utf-8")
    return main(["join", str(dataset), str(file), *options])


def test_values_reach_their_lakes(dataset: Path, ids: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    before = read_table(dataset / "lakes.parquet")
    text = f"GL_ID,people,code,when\n{ids[3]},12,007,2020-01-01\n{ids[0]},NA,010,\nGLnone,5,1,\n,6,2,\n{ids[3]},12,007,2020-01-01\n"
    assert joined(dataset, text) == 0
    shown = capsys.readouterr().out
    assert "lake_id = GL_ID" in shown
    assert f"2 of {LAKES} lakes matched" in shown
    assert "1 rows name no lake of the dataset, 1 name none at all" in shown
    lakes = Store(dataset).lakes.set_index("lake_key")
    assert lakes.loc[3, ["people", "code", "when"]].tolist() == [12, "007", "2020-01-01"]
    assert pd.isna(lakes.loc[0, "people"])
    assert lakes.loc[0, "code"] == "010"
    assert lakes["people"].notna().sum() == 1
    assert str(read_table(dataset / "lakes.parquet").schema.field("people").type) == "int64"
    assert Store(dataset).extra_columns[-3:] == ["people", "code", "when"]
    assert read_table(dataset / "lakes.parquet").select(before.column_names).equals(before)
    assert geopandas.read_parquet(dataset / "lakes.parquet").crs == "OGC:CRS84"
    assert dataset_faults(dataset) == []


def test_lakes_that_share_an_id_share_the_value(dataset: Path, ids: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert joined(dataset, f"lake_id,rank\n{ids[TWINS[0]]},1.5\n") == 0
    assert "1 lake_id are shared by several lakes" in capsys.readouterr().out
    rank = Store(dataset).lakes["rank"]
    assert list(rank.index[rank.notna()]) == list(TWINS)
    assert rank[TWINS[0]] == 1.5


def test_several_rows_that_differ_are_refused(dataset: Path, ids: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    before = (dataset / "lakes.parquet").read_bytes()
    text = f"GL_ID,year\n{ids[0]},1990\n{ids[0]},1991\n{ids[1]},1\nnobody,1\nnobody,2\n"
    assert joined(dataset, text) == 2
    error = capsys.readouterr().err
    assert f"1 GL_ID have several rows that differ: {ids[0]} (2 rows)" in error
    assert "one row a lake first" in error
    assert (dataset / "lakes.parquet").read_bytes() == before
    assert joined(dataset, text.replace("year", "year,country").replace("199", "7,199"), "--columns", "year") == 0


@pytest.mark.parametrize(
    ("header", "says"),
    [("GL_ID,country", "country already"), ("GL_ID,lon", "columns of every dataset"), ("GL_ID,geometry", "every dataset")],
)
def test_taken_columns_are_refused(header: str, says: str, dataset: Path, ids: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    before = (dataset / "lakes.parquet").read_bytes()
    assert joined(dataset, f"{header}\n{ids[0]},x\n") == 2
    assert says in capsys.readouterr().err
    assert (dataset / "lakes.parquet").read_bytes() == before


def test_replace_replaces_what_a_join_brought(dataset: Path, ids: list[str]) -> None:
    assert joined(dataset, f"GL_ID,country,note\n{ids[0]},Ostrind,n\n", "--columns", "country", "--replace") == 0
    country = Store(dataset).lakes["country"]
    assert country[0] == "Ostrind"
    assert country[1:].isna().all()
    assert joined(dataset, f"GL_ID,lat\n{ids[0]},1\n", "--replace") == 2


def test_the_same_join_twice_changes_no_byte(dataset: Path, ids: list[str]) -> None:
    text = f"GL_ID,rank,word\n{ids[0]},1e3,a\n{ids[2]},-2.5,\n"
    assert joined(dataset, text) == 0
    once = (dataset / "lakes.parquet").read_bytes()
    assert joined(dataset, text, "--replace") == 0
    assert (dataset / "lakes.parquet").read_bytes() == once


def test_on_other_columns(dataset: Path, ids: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert joined(dataset, f"key,rank\n7.0,1\n{CONSTANT},2\n", "--on", "lake_key=key") == 0
    assert Store(dataset).lakes["rank"].dropna().to_dict() == {7: 1, CONSTANT: 2}
    assert joined(dataset, "a,b\n1,2\n") == 2
    assert joined(dataset, f"a,b\n{ids[0]},2\n", "--on", "nothing=a") == 2
    assert joined(dataset, f"a,b\n{ids[0]},2\n", "--on", "lake_id=c") == 2
    assert joined(dataset, f"a,b\n{ids[0]},2\n", "--columns", "d", "--on", "lake_id=a") == 2
    assert joined(dataset, f"a\n{ids[0]}\n", "--on", "lake_id=a") == 2
    errors = capsys.readouterr().err
    for said in ("has no column 'lake_id'", "has no column 'nothing'", "has no column 'c'", "has no column 'd'", "no column but 'a'"):
        assert said in errors


def test_no_match_is_refused_and_shows_both_sides(dataset: Path, ids: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert joined(dataset, "GL_ID,b\nX1,2\n") == 2
    error = capsys.readouterr().err
    assert "X1" in error
    assert ids[0] in error


def test_a_lake_without_id_matches_nothing(dataset: Path, ids: list[str]) -> None:
    assert joined(dataset, f"GL_ID,b\n,2\n{ids[0]},3\n") == 0
    assert pd.isna(Store(dataset).lakes["b"][NAMELESS])


@pytest.mark.parametrize("suffix", ["parquet", "gpkg"])
def test_other_formats_and_numbers_as_ids(suffix: str, tmp_path: Path) -> None:
    dataset = small_dataset(tmp_path / "d")
    frame = pd.DataFrame({"key": [3.0, 5.0, None], "seen": [True, False, True], "deep": [1.5, None, 2.0], "word": ["a", None, "c"]})
    file = tmp_path / f"more.{suffix}"
    if suffix == "parquet":
        frame.to_parquet(file)
    else:
        geopandas.GeoDataFrame(frame, geometry=geopandas.points_from_xy([1, 2, 3], [4, 5, 6]), crs="EPSG:4326").to_file(file)
    assert main(["join", str(dataset), str(file), "--on", "lake_key=key"]) == 0
    lakes = Store(dataset).lakes
    assert lakes.loc[3, ["seen", "deep", "word"]].tolist() == [True, 1.5, "a"]
    assert lakes.loc[5, "seen"] == 0
    assert pd.isna(lakes.loc[5, "deep"])
    assert "geometry" not in Store(dataset).extra_columns


@pytest.mark.parametrize(("name", "content"), [("a.xlsx", b"PK"), ("a.csv", b""), ("a.gpkg", b"not a database"), ("absent.csv", None)])
def test_files_that_are_no_table(name: str, content: bytes | None, dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (dataset / "lakes.parquet").read_bytes()
    file = dataset.parent / name
    if content is not None:
        file.write_bytes(content)
    assert main(["join", str(dataset), str(file)]) == 2
    assert name in capsys.readouterr().err
    assert (dataset / "lakes.parquet").read_bytes() == before


def test_a_folder_that_is_no_dataset(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "no").mkdir()
    assert joined(tmp_path / "no", "GL_ID,b\nX,1\n") == 2
    assert "not a dataset" in capsys.readouterr().err


def test_real_floods_have_several_rows_a_lake(real_data: Path, dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    floods = real_data / "hmaglofdb" / "HMAGLOFDB.csv"
    rows = pd.read_csv(floods, encoding="latin-1", dtype=str)
    wanted = rows["GL_ID"].value_counts()
    twice = next(name for name, count in wanted.items() if count > 1 and name.startswith("GL"))
    ids = [twice if key == 0 else None for key in range(LAKES)]
    lakes = read_table(dataset / "lakes.parquet")
    write_table(dataset / "lakes.parquet", lakes.set_column(lakes.schema.get_field_index("lake_id"), "lake_id", [ids]))
    assert main(["join", str(dataset), str(floods)]) == 2
    error = capsys.readouterr().err
    assert f"{twice} ({wanted[twice]} rows)" in error
    assert "make it one row a lake first" in error


def test_a_writer_at_work_is_not_disturbed(dataset: Path, ids: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    before = (dataset / "lakes.parquet").read_bytes()
    with transaction(dataset):
        assert joined(dataset, f"GL_ID,b\n{ids[0]},3\n") == 2
    assert "another process is writing" in capsys.readouterr().err
    assert (dataset / "lakes.parquet").read_bytes() == before


def test_nothing_is_left_beside_the_tables(dataset: Path, ids: list[str]) -> None:
    before = sorted(path.name for path in dataset.iterdir())
    assert joined(dataset, f"GL_ID,b\n{ids[0]},3\n") == 0
    assert joined(dataset, "GL_ID,c\nX,3\n") == 2
    assert sorted(path.name for path in dataset.iterdir()) == before
