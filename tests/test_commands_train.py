"""`python -m models train`, and what comes of it: a run that predict and calibrate take like any segmenter."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from data.__main__ import main as data_main
from data.cache import read_table, write_table
from data.store import Store
from models.__main__ import main
from models.card import read_card
from models.stored import versions
from models.zoo import segmenter
from tests.scene_dataset import LAKES, scene_dataset
from tests.scene_files import small_grid, write_tiff

SMALL = ("--widths", "4,8", "--bands", "green,nir", "--epochs", "1", "--batches", "2", "--threads", "1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Lakes of three regions, each in one split."""
    made = scene_dataset(tmp_path / "d")
    parts = {lake: (("a", "train"), ("b", "validation"), ("c", "test"))[min(place // 2, 2)] for place, lake in enumerate(LAKES)}
    lakes, scenes = read_table(made / "lakes.parquet"), read_table(made / "scenes.parquet")
    keys = lakes.column("lake_key").to_pylist()
    regions = [parts[key][0] if key in parts else old for key, old in zip(keys, lakes.column("sub_basin").to_pylist(), strict=True)]
    splits = [parts[key][1] for key in scenes.column("lake_key").to_pylist()]
    for name, table, column, values in (("lakes", lakes, "sub_basin", regions), ("scenes", scenes, "split", splits)):
        at = table.column_names.index(column)
        write_table(made / f"{name}.parquet", table.set_column(at, table.schema.field(column), [values]))
    return made


def test_a_trained_model_makes_masks_and_is_calibrated(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = tmp_path / "run"
    assert main(["train", "guided_unet", "--dataset", str(folder), "--into", str(run), "--as", "mine", *SMALL]) == 0
    said = capsys.readouterr().out
    assert "epoch  1" in said
    card = read_card(run, "mine")
    assert card.guided
    assert card.bands == ("green", "nir")
    assert "split by sub-basin (as the dataset has it)" in card.training
    assert "python -m models train guided_unet --widths 4,8" in card.training
    assert card.scores.keys() == {"validation", "test"}
    told = json.loads((run / "run.json").read_text())
    assert told["scenes"]["train"] >= told["scenes"]["test"] > 0
    assert card == segmenter(str(run)).CARD
    assert main(["train", "guided_unet", "--dataset", str(folder), "--into", str(run), "--as", "mine", *SMALL]) == 0
    assert "goes on after epoch 1" in capsys.readouterr().out

    assert main(["predict", str(folder), "--model", str(run), "--lakes", f"#{LAKES[2]}", "--workers", "1"]) == 0
    store = Store(folder)
    assert "mine" in store.scenes.sources
    assert main(["calibrate", str(folder), "--model", str(run), "--split", "all"]) == 2
    assert "learned from scenes of" in capsys.readouterr().err
    # A network of one epoch may find no water at all; then there is nothing to compare, and that is said.
    code = main(["calibrate", str(folder), "--model", str(run)])
    said = capsys.readouterr()
    assert (read_card(run, "mine").area_sd["mapping"]["all"] > 0) if code == 0 else "finds no water" in said.err


def test_the_index_is_calibrated_by_its_own_areas(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from models import card as cards
    from models.zoo import water_index

    (tmp_path / "water_index.json").write_text((cards.SHIPPED / "water_index.json").read_text())
    monkeypatch.setattr(cards, "SHIPPED", tmp_path)
    before = versions()
    assert main(["calibrate", str(folder), "--model", "water_index"]) == 0
    made = read_card(tmp_path, "water_index")
    assert made.area_sd["mapping"]["all"] < 0.5, "made by hand, its areas are the label's"
    monkeypatch.setattr(water_index, "CARD", made)
    assert versions() != before, "masks with other intervals are made anew"


def _areas(folder: Path, *more: str) -> pd.DataFrame:
    assert main(["predict", str(folder), "--model", "water_index", "--lakes", f"#{LAKES[0]}", "--workers", "1", *more]) == 0
    rows = read_table(folder / "areas.parquet").to_pandas()
    return rows[rows["source"] == "water_index"].reset_index(drop=True)


def test_doubt_counts_where_the_card_says_what_it_is_worth(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from models.zoo import water_index

    known = water_index.CARD.area_sd["mapping"]
    monkeypatch.setattr(water_index, "CARD", replace(water_index.CARD, area_sd={"mapping": known}))
    one, eight = _areas(folder), _areas(folder, "--tta")
    np.testing.assert_allclose(one["area_km2"], eight["area_km2"], err_msg="an index has no sense of direction")
    np.testing.assert_allclose(one["area_sd_km2"], eight["area_sd_km2"], err_msg="nobody knows what its doubt is worth")
    monkeypatch.setattr(water_index, "CARD", replace(water_index.CARD, area_sd={"mapping": {"all": 1.0}, "tta": {"all": 3.0}}))
    one, eight = _areas(folder), _areas(folder, "--tta")
    np.testing.assert_allclose(eight["area_sd_km2"], 0.1 * one["area_sd_km2"] * 3.0, err_msg="its eight answers agree: a tenth is left")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--widths", "4,x"), "--widths 4,x cannot be"),
        (("--label", "nobody"), "no clear scene with a mask of 'nobody'"),
    ],
)
def test_options_that_cannot_be_are_refused(folder: Path, more: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "unet", "--dataset", str(folder), "--into", str(folder.parent / "r"), *SMALL, *more]) == 2
    assert said in capsys.readouterr().err
    assert main(["train", "resnet", "--dataset", str(folder)]) == 2
    assert "use unet or guided_unet" in capsys.readouterr().err


def chips_of_regions(root: Path) -> None:
    """Chips in the layout of Glacial-Lake-Bench: three regions, whose own splits cut through them."""
    rng = np.random.default_rng(2)
    for number in range(18):
        region, split = ("SA", "SAW", "ACS")[number % 3], ("train", "val", "test")[number // 6]
        water = np.hypot(*(np.mgrid[:32, :32] - rng.integers(8, 24, 2)[:, None, None])) < 6
        values = rng.uniform(0.2, 0.3, (11, 32, 32)).astype(np.float32)
        values[3][water] = 0.02
        write_tiff(root / f"img_dir/{split}/{region}_{number}.tif", values, small_grid(2, 32))
        write_tiff(root / f"ann_dir/{split}/{region}_{number}.tif", water[None].astype(np.uint8), small_grid(2, 32))


@pytest.mark.parametrize("name", ["unet", "guided_unet"])
def test_chips_of_a_benchmark_train_by_region_with_bands_by_name(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    chips_of_regions(tmp_path / "in")
    made, run = tmp_path / "made", tmp_path / "run"
    assert data_main(["scenes", "--layout", "glacial-lake-bench", "--root", str(tmp_path / "in"), "--into", str(made)]) == 0
    few = ("--widths", "4,8", "--bands", "green,nir,vv", "--epochs", "1", "--batches", "1", "--threads", "1")
    assert main(["train", name, "--dataset", str(made), "--into", str(run), *few]) == 0
    assert "dealt out" in read_card(run, name).training
    told = json.loads((run / "run.json").read_text())
    assert told["scenes"] == {"train": 6, "validation": 6, "test": 6}, "whole regions"
    capsys.readouterr()
    code = main(["predict", str(made), "--model", str(run), "--workers", "1"])
    said = capsys.readouterr().out
    if name == "guided_unet":
        assert code == 2
        assert "no outline says where the lake was" in said
    else:
        assert code == 0
        assert "unet" in Store(made).scenes.sources


def test_one_region_is_not_enough(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chips_of_regions(tmp_path / "in")
    for path in [*(tmp_path / "in").rglob("SAW_*"), *(tmp_path / "in").rglob("ACS_*")]:
        path.unlink()
    made = tmp_path / "made"
    data_main(["scenes", "--layout", "glacial-lake-bench", "--root", str(tmp_path / "in"), "--into", str(made)])
    assert main(["train", "unet", "--dataset", str(made), "--into", str(tmp_path / "run"), "--epochs", "1"]) == 2
    assert "scenes of more regions" in capsys.readouterr().err
