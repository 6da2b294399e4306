"""`python -m models evaluate`: what is scored, against what, and where it is written."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from data.cache import read_table, write_table
from data.checks import dataset_faults
from data.commit import current
from data.errors import DatasetError
from data.lake_choice import Chosen
from data.masks.intake import take_in
from data.masks.wish import Wish
from data.meta import write_meta
from data.scores import reliability, scores, up_to_date, write_scores
from data.store import Store
from models.__main__ import main
from models.commands import evaluate
from models.metrics import THRESHOLDS
from models.summary import SIZE_NAMES, own_rows, size_class
from tests.datasets import SOURCE
from tests.mask_folders import write_tif
from tests.scene_dataset import CLOUDY, LAKES, MISSING, YEARS, lake_grid, lake_water, scene_dataset, scene_key

SCENES = len(LAKES) * len(YEARS) - 1
"""One has no file of its mask."""
FEW = 3
"""Lakes, and 100 scene keys each."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return scene_dataset(tmp_path / "scenes")


@pytest.fixture
def few(folder: Path) -> Path:
    """The same with the scenes of its first lakes alone, for what does not ask about each."""
    for name in ("scenes", "masks"):
        table = read_table(folder / f"{name}.parquet")
        write_table(folder / f"{name}.parquet", table.filter(pc.field("scene_key") < 100 * FEW))
    return folder


def probabilities(folder: Path, lake: int, year: int) -> Path:
    """Take in a soft mask of one scene: right, but a column of pixels less sure of itself, one beyond the shore."""
    store = Store(folder)
    scene = store.scenes.scene(scene_key(lake, year))
    assert scene is not None
    water = lake_water(lake, year)
    soft = np.where(water, 0.9, 0.02).astype(np.float32)
    column = int(np.flatnonzero(water[256])[-1])
    soft[:, column] = np.where(water[:, column], 0.42, soft[:, column])
    row = store.row_of(lake)
    assert row is not None
    write_tif(folder.parent / "given" / f"{store.ids[row]}_{scene.date}_prob.tif", soft, lake_grid(lake))
    take_in(folder, Wish(folder.parent / "given", "soft", False, None, "auto", None, Chosen()), lambda items, *_: items, lambda _: None)
    return folder


def test_every_mask_with_a_label_is_scored_and_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    digest = Store(folder).digest
    assert main(["evaluate", str(folder)]) == 0
    said = capsys.readouterr()
    store = Store(folder)
    found = scores(store)
    assert found.groupby("scope").size().to_dict() == {"lake": SCENES, "scene": SCENES}
    assert set(found["label"]) == {"label"}
    assert set(found["source"]) == {SOURCE}
    assert found["threshold"].isna().all(), "a mask that is water or not has no threshold"
    assert (found["iou"] == 1).all(), "made by hand, mask and label are the same"
    assert (found["frechet_px"] == 0).all()
    assert found["ece"].isna().all()
    assert store.digest == digest, "scores change no link and no image"
    assert dataset_faults(folder) == []
    assert f"{SCENES} masks scored" in said.out
    assert f"{MISSING[0]}_" in said.out, "what could not be read is named"
    assert "Simulated" in said.out
    assert "cloud" in said.out
    assert 0 < said.out.index(f"{SOURCE}: the scene's lake") < said.out.index(f"{SOURCE}: all water of the scene")


def test_a_soft_mask_is_scored_at_every_threshold(folder: Path) -> None:
    lake, year = LAKES[0], 2018
    assert main(["evaluate", str(probabilities(folder, lake, year)), "--source", "soft"]) == 0
    every = scores(Store(folder))
    rows = every[every["scope"] == "scene"].sort_values("threshold")
    assert rows["threshold"].tolist() == list(THRESHOLDS)
    water = lake_water(lake, year)
    lost = int(water[:, int(np.flatnonzero(water[256])[-1])].sum())
    whole = int(water.sum())
    for row in rows.itertuples():
        kept = 0 if row.threshold >= 0.9 else whole if row.threshold < 0.42 else whole - lost
        every = kept if row.threshold >= 0.02 else water.size
        assert row.recall == pytest.approx(kept / whole)
        assert row.iou == pytest.approx(kept / max(every, whole))
        assert row.predicted_km2 == pytest.approx(every * 1e-4)
        assert np.isnan(row.ece) == (row.threshold != 0.5)
    own = own_rows(rows, {}).iloc[0]
    assert own["area_bias"] == pytest.approx(-lost / whole)
    assert own["boundary_f1_1px"] == 1.0, "a shore one pixel off is found within one pixel"
    assert own["frechet_px"] == 1.0


def test_another_run_replaces_its_sources_and_keeps_the_others(few: Path) -> None:
    probabilities(few, LAKES[0], 2018)
    assert main(["evaluate", str(few)]) == 0
    before = scores(Store(few))
    assert set(before["source"]) == {"soft", SOURCE}
    assert main(["evaluate", str(few), "--source", SOURCE, "--since", "2020"]) == 0
    after = scores(Store(few))
    assert len(after[after["source"] == "soft"]) == 2 * len(THRESHOLDS)
    assert 0 < len(after[after["source"] == SOURCE]) < 2 * len(YEARS) * FEW
    assert up_to_date(Store(few))
    probabilities(few, LAKES[1], 2019)
    assert not up_to_date(Store(few)), "masks have come since"


def test_what_cannot_be_used_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", str(folder), "--source", "nobody"]) == 2
    assert "no masks come from 'nobody'" in capsys.readouterr().err
    assert main(["evaluate", str(folder), "--label", "nothing"]) == 2
    assert "data labels" in capsys.readouterr().err
    assert not current(folder, "scores.parquet").exists()


def test_sizes_are_told_apart_where_the_label_has_water(few: Path) -> None:
    main(["evaluate", str(few)])
    own = own_rows(scores(Store(few)), {})
    own = own[own["scope"] == "scene"]
    assert {size_class(area) for area in own["label_km2"]} <= set(SIZE_NAMES)
    assert [size_class(area) for area in (0.0199, 0.02, 0.5, 7.0)] == [SIZE_NAMES[0], SIZE_NAMES[1], SIZE_NAMES[3], SIZE_NAMES[3]]
    assert (size_class(0.0), size_class(math.nan)) == ("no water", "size not known")
    row = own[own["scene_key"] == scene_key(*CLOUDY)].iloc[0]
    assert row["label_km2"] == pytest.approx(lake_water(*CLOUDY).sum() * 1e-4)


def test_the_scope_of_the_lake_leaves_the_neighbours_out(folder: Path) -> None:
    """The label has a pond besides the lake; at .42 and more the mask keeps them apart, below .02 they are one."""
    lake, year = LAKES[0], 2018
    assert main(["evaluate", str(probabilities(folder, lake, year)), "--source", "soft"]) == 0
    rows = scores(Store(folder))
    rows = rows[rows["scope"] == "lake"].sort_values("threshold")
    assert rows["threshold"].tolist() == list(THRESHOLDS)
    water = lake_water(lake, year)
    water[:50, :50] = False
    lost = int(water[:, int(np.flatnonzero(water[256])[-1])].sum())
    for row in rows.itertuples():
        kept = 0 if row.threshold >= 0.9 else int(water.sum()) - (lost if row.threshold >= 0.42 else 0)
        every = kept if row.threshold >= 0.02 else water.size
        assert row.label_km2 == pytest.approx(water.sum() * 1e-4)
        assert row.predicted_km2 == pytest.approx(every * 1e-4)
        assert row.iou == pytest.approx(kept / max(every, int(water.sum())))
        assert row.pixels == water.size


def test_no_lake_no_scope_of_the_lake(few: Path) -> None:
    """Scenes without a lake, and those that do not show its outline, are scored as a whole only."""
    path = few / "scenes.parquet"
    scenes = read_table(path)
    bare = scenes["lake_key"].to_pylist()[0]
    keys = [None if key == bare else 40 if key == LAKES[1] else key for key in scenes["lake_key"].to_pylist()]
    write_table(path, scenes.set_column(scenes.column_names.index("lake_key"), "lake_key", pa.array(keys, pa.int32())))
    assert main(["evaluate", str(few)]) == 0
    found = scores(Store(few)).groupby("scope")["scene_key"].agg(set)
    of = dict(zip(scenes["scene_key"].to_pylist(), keys, strict=True))
    assert found["scene"] - found["lake"] == {key for key in found["scene"] if of[key] in {None, 40}}
    assert found["lake"]


def test_scores_of_an_older_moraine_are_made_anew(few: Path) -> None:
    assert main(["evaluate", str(few)]) == 0
    path = current(few, "scores.parquet")
    before = read_table(path)
    write_table(path, before.drop_columns(["scope"]))
    assert not up_to_date(Store(few))
    assert "python -m models evaluate" in str(dataset_faults(few)[0])
    with pytest.raises(DatasetError, match="scope"):
        scores(Store(few))
    assert main(["evaluate", str(few)]) == 0
    assert scores(Store(few)).equals(before.to_pandas())
    assert dataset_faults(few) == []


def test_two_processes_score_as_one(few: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    probabilities(few, LAKES[0], 2018)
    assert main(["evaluate", str(few), "--workers", "1"]) == 0
    alone = [read_table(current(few, f"{name}.parquet")) for name in ("scores", "reliability")]
    monkeypatch.setattr(evaluate, "SECONDS", 60.0)
    assert main(["evaluate", str(few), "--workers", "2"]) == 0
    assert [read_table(current(few, f"{name}.parquet")) for name in ("scores", "reliability")] == alone
    assert main(["evaluate", str(few), "--workers", "0"]) == 2


def test_scores_are_out_of_date_once_a_threshold_or_a_mask_is_another(few: Path) -> None:
    probabilities(few, LAKES[0], 2017)
    before = Store(few)
    assert main(["evaluate", str(few)]) == 0
    assert up_to_date(Store(few))
    write_meta(few, replace(before.meta, thresholds={"soft": 0.35}))
    assert not up_to_date(Store(few)), "shores and calibration were scored at another threshold"
    write_meta(few, before.meta)
    assert up_to_date(Store(few))
    probabilities(few, LAKES[0], 2018)
    store = Store(few)
    write_scores(before, scores(store), reliability(store))
    assert not up_to_date(Store(few)), "scored before that mask came"
