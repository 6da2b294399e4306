"""`python -m data masks` and `labels` from the command line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from data.__main__ import main
from data.cache import read_table
from data.store import Store
from tests.datasets import small_dataset
from tests.mask_folders import LAKES, SIDE, YEARS, chip_dataset, chip_grid, chip_mask, chip_masks, tree, write_tif

ALL = len(LAKES) * len(YEARS)


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return chip_dataset(tmp_path / "dataset")


def test_it_says_how_many_and_how_long_before_it_starts(dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = chip_masks(dataset, tmp_path / "given")
    assert main(["masks", str(dataset), "--folder", str(given), "--source", "unet", "--threshold", ".4"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"unet: {ALL} masks to take in, 0 there already; about 0 s"
    assert said[1] == f"unet: {ALL} masks ({ALL} taken in, 0 there already)"
    assert "Areas at 20 thresholds; series and trends use 0.4, as dataset.toml says" in said
    assert said[-1] == f"{dataset}: written"
    before = tree(dataset)
    assert main(["masks", str(dataset), "--folder", str(given), "--source", "unet"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"{dataset}: nothing new, nothing changed"
    assert tree(dataset) == before


def test_the_selectors_of_all_commands_are_heeded(dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = chip_masks(dataset, tmp_path / "given")
    command = ["masks", str(dataset), "--folder", str(given), "--source", "unet"]
    assert main([*command, "--lakes", "#5", "--since", "2021"]) == 0
    assert "1 of 40 lakes are chosen" in capsys.readouterr().out
    basin = str(Store(dataset).lakes["basin"][0])
    assert main([*command, "--basin", basin]) == 0
    rows = read_table(dataset / "areas.parquet").to_pandas()
    rows = rows[(rows["source"] == "unet") & (rows["threshold"] == 0.5)]
    assert rows.groupby("lake_key").size().to_dict() == {0: 5, 5: 2}
    assert main([*command, "--lakes", "nobody"]) != 0
    assert "are not lakes of this dataset: nobody" in capsys.readouterr().err


def test_the_report_lists_all(dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = chip_masks(dataset, tmp_path / "given", years=[2018])
    for n in range(30):
        write_tif(given / f"GLNOBODY{n:02d}_2018-09-01_prob.tif", np.zeros((SIDE, SIDE), np.float32), chip_grid(0))
    report = tmp_path / "report.txt"
    assert main(["masks", str(dataset), "--folder", str(given), "--source", "unet", "--report", str(report)]) == 0
    assert "GLNOBODY29" not in capsys.readouterr().out
    assert report.read_text().count("GLNOBODY") == 2 * 30
    assert "Unmatched, not taken: 30" in report.read_text()


def test_nothing_that_can_be_taken_is_an_exit_code_of_2(dataset: Path, tmp_path: Path) -> None:
    path = chip_mask(dataset, tmp_path / "given", 0, 2018)
    path.write_bytes(b"II*\0")
    assert main(["masks", str(dataset), "--folder", str(path.parent), "--source", "unet"]) == 2


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--source", "unet", "--threshold", "0.33"], "is no twentieth"),
        (["--source", "inventory"], "choose another --source"),
        (["--source", "unet", "--folder", "/nowhere"], "check the spelling of --folder"),
    ],
)
def test_what_cannot_be_done_is_said_with_its_remedy(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], says: str
) -> None:
    given = chip_masks(dataset, tmp_path / "given", years=[2018])
    before = tree(dataset)
    assert main(["masks", str(dataset), "--folder", str(given), *options]) == 2
    assert says in capsys.readouterr().err
    assert tree(dataset) == before


def test_labels_are_called_label_unless_named(dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = chip_masks(dataset, tmp_path / "given", "mask")
    chip_masks(dataset, given)  # predictions beside them are left alone
    assert main(["labels", str(dataset), "--folder", str(given)]) == 0
    said = capsys.readouterr().out
    assert f"label: {ALL} masks ({ALL} taken in" in said
    assert f"Left alone, by their names: {ALL}" in said
    assert main(["labels", str(dataset), "--folder", str(given), "--source", "drawn by hand"]) == 0
    rows = read_table(dataset / "masks.parquet").to_pandas()
    assert rows.groupby("source")["kind"].unique().map(list).to_dict() == {"label": ["label"], "drawn by hand": ["label"]}


def test_masks_survive_another_inventory(tmp_path: Path) -> None:
    dataset = small_dataset(tmp_path / "dataset")
    given = chip_masks(dataset, tmp_path / "given", years=range(2018, 2021))
    assert main(["masks", str(dataset), "--folder", str(given), "--source", "unet"]) == 0
    before = read_table(dataset / "areas.parquet").to_pandas()
    table = tmp_path / "epoch.csv"
    table.write_text(f"GL_ID,Longitude,Latitude,Area,date\n{Store(dataset).ids[0]},86.0,27.5,0.05,2024-10-01\n")
    assert main(["import", str(table), "--into", str(dataset), "--source", "new"]) == 0
    after = read_table(dataset / "areas.parquet").to_pandas()
    keys = ["lake_key", "date", "threshold", "area_km2", "area_sd_km2", "mask_record"]
    mine = [rows[rows["source"] == "unet"][keys].reset_index(drop=True) for rows in (before, after)]
    assert mine[0].equals(mine[1])
    frozen = tree(dataset)
    assert main(["masks", str(dataset), "--folder", str(given), "--source", "unet"]) == 0
    assert tree(dataset) == frozen
