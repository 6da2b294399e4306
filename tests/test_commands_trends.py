"""`trends` from a shell, against the store."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.__main__ import main
from data.records import Season, TrendSettings
from data.store import Store
from data.trends.headline import headline
from tests import inventories
from tests.datasets import SOURCE, small_dataset


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_dataset(tmp_path_factory.mktemp("small"))


def test_headline_family_and_the_strongest(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trends", str(dataset)]) == 0
    lines = capsys.readouterr().out.splitlines()
    table = Store(dataset).trends(Store(dataset).settings())
    assert lines[0] == "SIMULATED DATA, not observations"
    assert lines[1] == headline(table)
    assert f"family {table.family} lakes" in lines[2]
    assert len(lines) == 5 + 10
    strongest = table.frame.sort_values("log_p")["lake_key"].iloc[:10]
    assert [int(line.split()[0]) for line in lines[5:]] == list(strongest)


def test_lakes_without_ids_have_a_blank_in_their_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inventories.imported(inventories.lagoon(tmp_path / "in"), tmp_path / "out")
    capsys.readouterr()
    assert main(["trends", str(tmp_path / "out"), "--response", "area"]) == 0
    rows = [line.split()[:3] for line in capsys.readouterr().out.splitlines()[4:]]
    assert rows
    assert [row[1].isdigit() for row in rows] == [True] * len(rows), "after the key comes the number of observations"


def test_lakes_without_a_test_are_not_among_the_strongest(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trends", str(dataset), "--season", "7-7"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("no lake could be tested")
    assert len(lines) == 5, "July has two years of four lakes: nothing to list"


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_the_file_holds_the_table(suffix: str, dataset: Path, tmp_path: Path) -> None:
    out = tmp_path / f"t.{suffix}"
    assert main(["trends", str(dataset), "--response", "area", "--season", "9-11", "--source", SOURCE, "--out", str(out)]) == 0
    wanted = Store(dataset).trends(TrendSettings("auto", "area", Season(9, 11), SOURCE)).frame
    read = pd.read_csv(out) if suffix == "csv" else pd.read_parquet(out)
    assert list(read.columns[: len(wanted.columns)]) == list(wanted.columns)
    for column in ("slope", "se", "p", "q", "log_p", "n"):
        np.testing.assert_array_equal(read[column], wanted[column])
    assert set(read["settings"]) == {f"auto~area~9-11~{SOURCE}"}
    assert set(read["dataset_digest"]) == {Store(dataset).digest}
    assert set(read["citation"]) == {"Nobody (2026)"}
    assert read["simulated"].all()


def test_a_season_changes_what_is_fitted(dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["trends", str(dataset), "--season", "none"])
    main(["trends", str(dataset), "--season", "9-11"])
    every, autumn = (line for line in capsys.readouterr().out.splitlines() if line.startswith("method"))
    assert "season none" in every
    assert "season 9-11" in autumn
    assert every.split("·")[-1] != autumn.split("·")[-1]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (["--method", "guess"], "use one of auto, "),
        (["--source", "nobody"], f"use one of {SOURCE}"),
        (["--season", "spring"], "FIRST-LAST"),
        (["--response", "volume"], "use one of log, area"),
        (["--out", "{here}/t.xlsx"], "use one of csv, parquet"),
        (["--out", "{here}/t"], "use one of csv, parquet"),
    ],
)
def test_unknown_things_are_refused(wrong: list[str], says: str, dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trends", str(dataset), *(each.format(here=tmp_path) for each in wrong)]) == 2
    assert says in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_no_dataset(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trends", str(tmp_path)]) == 2
    assert "is not a dataset" in capsys.readouterr().err


def test_an_unwritable_cache_does_not_matter(dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MORAINE_STATE_DIR", str(tmp_path / "file" / "below"))
    assert main(["trends", str(dataset)]) == 0
