"""`export` from a shell."""

from pathlib import Path

import pandas as pd
import pyogrio
import pytest

from data.__main__ import main
from tests.datasets import LAKES, small_dataset


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_dataset(tmp_path_factory.mktemp("small"))


@pytest.mark.parametrize("format", ["gpkg", "geojson", "csv", "parquet"])
def test_each_format(format: str, dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / f"lakes.{format}"
    assert main(["export", str(dataset), "--out", str(out), "--season", "9-11", "--response", "area"]) == 0
    assert f"{LAKES} lakes, simulated" in capsys.readouterr().out
    read = {"csv": pd.read_csv, "parquet": pd.read_parquet}.get(format, pyogrio.read_dataframe)(out)
    assert len(read) == LAKES
    assert set(read["settings"]) == {"auto~area~9-11~inventory"}
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


def test_the_default_name_is_the_datasets(dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["export", str(dataset), "--format", "csv"]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["small.csv"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ([], "use one of gpkg, geojson, csv, parquet"),
        (["--out", "{here}/a.shp"], "use one of gpkg"),
        (["--out", "{here}/a.csv", "--format", "gpkg"], "make --out and --format agree"),
        (["--out", "{dataset}/lakes.parquet"], "lies inside the dataset"),
        (["--out", "{here}/a.csv", "--method", "guess"], "use one of auto"),
    ],
)
def test_what_cannot_be_written_is_refused(
    wrong: list[str], says: str, dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = {path.name: path.read_bytes() for path in dataset.iterdir()}
    assert main(["export", str(dataset), *(each.format(dataset=dataset, here=tmp_path) for each in wrong)]) == 2
    assert says in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
    assert {path.name: path.read_bytes() for path in dataset.iterdir()} == before
