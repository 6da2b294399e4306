"""`python -m models predict`: masks and areas of the dataset's own scenes, resumed, killed, limited."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from data.cache import read_table, write_table
from data.checks import dataset_faults
from data.rasters.probability import THRESHOLDS
from data.rasters.reading import read_bytes
from data.scores import scores
from data.store import Store
from models.__main__ import main
from models.summary import own_rows
from models.zoo import water_index
from tests.conftest import ROOT
from tests.datasets import small_dataset
from tests.mask_folders import DYING, tree
from tests.scene_dataset import BROKEN, CLOUDY, LAKES, MISSING, SIZE, YEARS, lake_grid, lake_water, scene_dataset, scene_key

NAME = "water_index"
SCENES = len(LAKES) * len(YEARS) - 2
"""One has no file, one is cut short."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return scene_dataset(tmp_path / "scenes")


def predicted(folder: Path, *more: str) -> int:
    return main(["predict", str(folder), "--model", NAME, *more])


def rows_of(folder: Path):
    rows = read_table(folder / "areas.parquet").to_pandas()
    return rows[rows["source"] == NAME]


def test_every_scene_gets_a_mask_and_its_lake_areas(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert predicted(folder) == 0
    said = capsys.readouterr().out
    store = Store(folder)
    assert dataset_faults(folder) == []
    assert store.meta.thresholds[NAME] == 0.5
    masks = store.scenes.mask_rows
    assert (masks["source"] == NAME).sum() == SCENES
    rows = rows_of(folder)
    assert len(rows) == SCENES * len(THRESHOLDS)
    for path in (MISSING, BROKEN):
        scene = store.scenes.scene(scene_key(*path))
        assert scene is not None
        assert scene.path.name in said, "what cannot be segmented is named"
        assert NAME not in scene.masks
    lake, year = LAKES[1], 2022
    scene = store.scenes.scene(scene_key(lake, year))
    assert scene is not None
    stored, _ = read_bytes(scene.masks[NAME])
    truth = lake_water(lake, year)
    np.testing.assert_array_equal((stored > 100)[8:, 8:], truth[8:, 8:])
    assert (stored[:8, :8] == 255).all(), "no data, no answer"
    own = truth.copy()
    own[20:40, 20:40] = False
    area = rows[(rows["scene_key"] == scene.scene_key) & (rows["threshold"] == 0.5)].iloc[0]
    assert area["area_km2"] == pytest.approx(own.sum() * lake_grid(lake).pixel_km2, rel=1e-12), "the pond in the corner is not the lake"
    assert area["reason"] == "ok"
    cloudy = rows[(rows["scene_key"] == scene_key(*CLOUDY)) & (rows["threshold"] == 0.5)].iloc[0]
    assert cloudy["reason"] == "cloud"
    assert len(store.trends(store.settings().__class__(source=NAME)).frame) == len(store.lakes)


def test_its_masks_are_scored_like_any_source(folder: Path) -> None:
    predicted(folder)
    assert main(["evaluate", str(folder), "--source", NAME]) == 0
    own = own_rows(scores(Store(folder)), Store(folder).meta.thresholds)
    own = own[own["scope"] == "scene"]
    clear = own[own["scene_key"] != scene_key(*CLOUDY)]
    assert len(clear) == SCENES - 1
    assert (clear["iou"] == 1).all()
    assert clear["ece"].between(0, 0.1).all()
    assert (clear["pixels"] == SIZE * SIZE - 64).all()


def test_the_same_command_twice_changes_no_byte_and_another_version_makes_all_anew(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    predicted(folder, "--lakes", f"#{LAKES[0]}")
    before = tree(folder)
    capsys.readouterr()
    predicted(folder, "--lakes", f"#{LAKES[0]}")
    said = capsys.readouterr().out
    assert tree(folder) == before
    assert "nothing new, nothing changed" in said
    assert f"0 scenes to segment, {len(YEARS)} done already" in said
    monkeypatch.setattr(water_index, "VERSION", "2")
    predicted(folder, "--lakes", f"#{LAKES[0]}")
    assert f"{len(YEARS)} scenes to segment, 0 done already" in capsys.readouterr().out


KILLED = f"""{DYING}
from data.spreading import sizing
sizing.ALONE_S = float(sys.argv[4])
from models.__main__ import main
main(["predict", sys.argv[3], "--model", "water_index", "--since", "2021"])
"""


@pytest.mark.parametrize(("after", "every", "alone_s"), [(0, 30.0, 60.0), (7, 0.0, 0.001), (19, 30.0, 60.0)])
def test_killed_anywhere_and_run_again_is_run_once(tmp_path: Path, folder: Path, after: int, every: float, alone_s: float) -> None:
    """In one process, in two for the second; what it is held against is made in one."""
    whole, cut = folder, Path(shutil.copytree(folder, tmp_path / "cut"))
    predicted(whole, "--since", "2021")
    command = [sys.executable, "-c", KILLED, *map(str, (after, every, cut, alone_s))]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    predicted(cut, "--since", "2021")
    assert tree(cut) == tree(whole)


@pytest.mark.parametrize("clearer", [0.4, 1.0])
def test_two_sensors_on_one_day_give_two_masks_and_one_area(folder: Path, clearer: float) -> None:
    first, second = scene_key(LAKES[0], 2018), scene_key(LAKES[0], 2019)
    table = read_table(folder / "scenes.parquet")
    scenes = {row["scene_key"]: row for row in table.to_pylist()}
    scenes[second] |= {"date": scenes[first]["date"], "sensor": "another", "valid_share": clearer}
    scenes[first]["valid_share"] = 0.9
    write_table(folder / "scenes.parquet", pa.Table.from_pylist(list(scenes.values()), table.schema))
    both = [f"#{LAKES[0]}"]
    assert predicted(folder, "--lakes", *both) == 0
    assert dataset_faults(folder) == []
    masks = Store(folder).scenes.mask_rows
    assert {first, second} <= set(masks.loc[masks["source"] == NAME, "scene_key"])
    rows = rows_of(folder)
    assert set(rows.loc[rows["date"] == scenes[first]["date"], "scene_key"]) == {second if clearer > 0.9 else first}
    before = tree(folder)
    assert predicted(folder, "--lakes", *both) == 0
    assert tree(folder) == before, "and nothing is left to do"


def test_what_cannot_be_used_is_said(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", str(folder), "--model", "nobody"]) == 2
    assert "no segmenter 'nobody'" in capsys.readouterr().err
    assert main(["predict", str(small_dataset(tmp_path / "bare")), "--model", NAME]) == 2
    assert "has no scenes" in capsys.readouterr().err
