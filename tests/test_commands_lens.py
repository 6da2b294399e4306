"""`python -m models lens`: what a small run shows of itself, checked against the network; what is incomplete or foreign is named."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file, save_file

from data.cache import read_table, write_table
from data.labelled import Labelled
from data.lens.manifest import FILE
from data.lens.reading import Lens, open_lens
from data.store import Store
from models.__main__ import main
from models.lens.crops import crop_about_lake
from models.lens.layers import watching
from models.lens.showing import inputs_of, layers_of_net
from models.lens.snapshots import open_run
from models.metrics import counts
from tests.scene_dataset import BROKEN, LAKES, scene_dataset, scene_key

BANDS = "green,nir"
EPOCHS = 3
ASKED = ("--probe", "6", "--maps", "2", "--threads", "1")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lakes of three regions, each in one split; of their twelve scenes one is cloudy and one damaged."""
    made = scene_dataset(tmp_path_factory.mktemp("lens") / "d", years=(2019, 2021))
    parts = {lake: (("a", "train"), ("b", "validation"), ("c", "test"))[min(place // 2, 2)] for place, lake in enumerate(LAKES)}
    lakes, scenes = read_table(made / "lakes.parquet"), read_table(made / "scenes.parquet")
    regions = [
        parts[key][0] if key in parts else old
        for key, old in zip(lakes.column("lake_key").to_pylist(), lakes.column("sub_basin").to_pylist(), strict=True)
    ]
    splits = [parts[key][1] for key in scenes.column("lake_key").to_pylist()]
    for name, table, column, values in (("lakes", lakes, "sub_basin", regions), ("scenes", scenes, "split", splits)):
        at = table.column_names.index(column)
        write_table(made / f"{name}.parquet", table.set_column(at, table.schema.field(column), [values]))
    return made


@pytest.fixture(scope="module")
def trained(dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A guided run of three short epochs."""
    folder = tmp_path_factory.mktemp("runs") / "guided-7"
    how = ("--widths", "4,8", "--bands", BANDS, "--epochs", str(EPOCHS), "--batches", "2", "--threads", "1", "--seed", "7")
    assert main(["train", "guided_unet", "--dataset", str(dataset), "--into", str(folder), *how]) == 0
    return folder


@pytest.fixture(autouse=True)
def without_umap(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where requirements-lens.txt is not installed: it takes a quarter of a minute to load."""
    monkeypatch.setitem(sys.modules, "umap", None)


@pytest.fixture(scope="module")
def made(dataset: Path, trained: Path) -> Lens:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "umap", None)
        assert main(["lens", str(trained), "--dataset", str(dataset), *ASKED]) == 0
    return open_lens(trained / "lens")


@pytest.fixture
def copy(trained: Path, tmp_path: Path) -> Path:
    """The run, to be spoilt."""
    return Path(shutil.copytree(trained, tmp_path / "copy", ignore=shutil.ignore_patterns("lens")))


def test_it_says_what_it_is_of(made: Lens, dataset: Path) -> None:
    made.check()
    told = made.manifest
    assert (told.name, told.model, told.title, told.seed, told.guided) == ("guided-7", "guided_unet", "Guided U-Net, seed 7", 7, True)
    assert told.epochs == (1, 2, 3)
    assert told.bottleneck == "down.1.3"
    assert told.scenes_digest == Store(dataset).digests["scenes.parquet"]
    assert told.weights_sha256 is not None
    assert [note.partition(":")[0] for note in told.notes] == ["no UMAP"]
    assert "umap_x" not in made.bytes("scenes.parquet").decode("latin1")


def test_features_scores_and_predictions_are_those_of_the_network(made: Lens, dataset: Path, trained: Path) -> None:
    run = open_run(trained)
    labelled = Labelled(Store(dataset), "label", BANDS.split(","))
    probe, places = made.probe(), np.flatnonzero(made.scenes["scene_key"].isin(made.probe().scene_key))
    crops = [crop_about_lake(labelled.read(scene), 128, True) for scene in labelled.scenes() if scene.scene_key in probe.scene_key]
    assert [crop.scene_key for crop in crops] == probe.scene_key.tolist()
    for number, epoch in enumerate(made.manifest.epochs):
        net, held = run.net(epoch), {}
        with (
            watching(net, layers_of_net(net, 128), lambda name, value, held=held: held.__setitem__(name, value.mean((2, 3)).numpy())),
            torch.inference_mode(),
        ):
            probability = torch.sigmoid(net(*inputs_of(net, crops)))[:, 0].numpy()
        assert np.abs(made.predictions()[number] / 255 - probability).max() <= 0.5 / 11 + 0.5 / 255 + 1e-6
        assert np.abs(made.functions()[number] / 255 - probability.reshape(6, 16, 8, 16, 8).mean((2, 4))).max() <= 0.5 / 255 + 1e-6
        assert ((made.predictions()[number] > 127) == (probability > 0.5)).all()
        for layer, values in held.items():
            assert (np.abs(made.probe_features()[layer][number] - values).max(0) <= values.std(0) / 8 + 2e-3 * np.abs(values).max(0)).all()
            if epoch == 3:
                sd = made.features()[layer].std(0)
                assert (np.abs(made.features()[layer][places] - values).max(0) <= sd / 7 + 2e-3 * np.abs(values).max(0)).all()
        rows = made.training().query("epoch == @epoch").set_index("scene_key")
        for crop, each in zip(crops, probability, strict=True):
            iou = float(counts(each > 0.5, crop.label == 1, crop.counted).iou)
            assert rows.loc[crop.scene_key, "iou"] == pytest.approx(iou, abs=1e-6, nan_ok=True)
            if epoch == 3:
                assert made.scenes.loc[crop.scene_key, "iou"] == pytest.approx(iou, abs=1e-6, nan_ok=True)


def test_every_labelled_scene_is_in_it_with_its_lake_split_and_picture(made: Lens, dataset: Path) -> None:
    store = Store(dataset)
    scenes = {scene.scene_key: scene for scene in Labelled(store, "label", BANDS.split(",")).scenes()}
    assert set(made.scenes["scene_key"]) == set(scenes) - {scene_key(*BROKEN)}
    for key, row in made.scenes.iterrows():
        scene = scenes[int(str(key))]
        assert (row["lake_key"], row["reason"], row["split"]) == (scene.lake_key, scene.reason, scene.split)
        assert scene.date is not None
        assert row["name"].endswith(scene.date.isoformat())
    assert set(made.scenes["region"]) == {"a", "b", "c"}
    maps = made.activations()
    assert maps["epoch"].tolist() == [1, 2, 3]
    assert maps["up.0.3"].shape == (3, 2, 4, 32, 32)
    assert maps["down.1.0"].shape == (3, 2, 8, 32, 32)
    assert made.fields()["down.0.3|rows"][64].tolist() == [62, 67]


def test_gradients_are_the_runs_and_moved_is_how_far_the_weights_went(made: Lens, trained: Path) -> None:
    noted = pd.read_parquet(trained / "gradients.parquet").set_index(["epoch", "layer"])["mean_abs"]
    weights = [load_file(trained / "snapshots" / f"epoch_{epoch:02d}.safetensors") for epoch in (1, 2)]
    for row in made.gradients().to_dict("records"):
        assert row["mean_abs"] == noted[row["epoch"], row["layer"]]
        assert row["block"] == (row["layer"].rsplit(".", 2)[0] if row["layer"].count(".") > 1 else "head")
        if row["epoch"] == 1:
            assert np.isnan(row["moved"])
        if row["epoch"] == 2:
            before, after = (each[row["layer"]].double() for each in weights)
            assert row["moved"] == pytest.approx(float((after - before).square().sum().sqrt() / before.square().sum().sqrt()), rel=1e-4)
    curves, run = made.epochs(), pd.read_parquet(trained / "epochs.parquet")
    assert curves["validation_iou"].tolist() == run["validation_iou"].tolist()
    learned = made.training().query("split == 'train'").groupby("epoch")["iou"].mean()
    assert np.allclose(curves["train_iou"], learned)


def spoilt(copy: Path, dataset: Path, capsys: pytest.CaptureFixture[str], code: int = 0, *more: str) -> str:
    capsys.readouterr()
    assert main(["lens", str(copy), "--dataset", str(dataset), *ASKED, *more]) == code
    said = capsys.readouterr()
    return said.out + said.err


def test_what_a_run_lacks_is_named_and_the_rest_is_made(copy: Path, dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copy / "snapshots" / "epoch_02.safetensors").unlink()
    other = load_file(copy / "snapshots" / "epoch_01.safetensors")
    save_file(other | {"head.weight": torch.zeros(1, 5, 1, 1, dtype=torch.float16)}, copy / "snapshots" / "epoch_01.safetensors")
    (copy / "gradients.parquet").unlink()
    (copy / "scenes.parquet").unlink()
    (copy / "epochs.parquet").write_bytes(b"PAR1 but no more")
    weights = copy / "guided_unet.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"\x01")
    said = spoilt(copy, dataset, capsys)
    assert "note: snapshots/epoch_02.safetensors is missing" in said
    assert "note: epoch 1 is left out: snapshots/epoch_01.safetensors: head.weight has the shape (1, 5, 1, 1), not (1, 4, 1, 1)" in said
    assert "note: gradients.parquet is missing" in said
    assert "note: epochs.parquet cannot be read" in said
    assert "note: guided_unet.safetensors is not what guided_unet.json names" in said
    lens = open_lens(copy / "lens")
    lens.check()
    assert lens.manifest.epochs == (3,)
    assert lens.manifest.weights_sha256 is None
    assert lens.gradients()["mean_abs"].isna().all()
    assert "scenes.parquet is missing" in said
    assert len(lens.manifest.notes) == 7


def test_weights_that_were_changed_or_are_another_runs_are_named(copy: Path, dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Their shapes are right: only what they make of a scene tells."""
    first, second, third = (copy / "snapshots" / f"epoch_{epoch:02d}.safetensors" for epoch in (1, 2, 3))
    weights = load_file(second)
    save_file(weights | {"head.bias": weights["head.bias"] + 2}, second)
    said = spoilt(copy, dataset, capsys)
    assert "note: epoch 2 is left out: epoch_02.safetensors is not of this run, or was changed: on scene" in said
    assert open_lens(copy / "lens").manifest.epochs == (1, 3)
    for path in (first, third):
        path.write_bytes(second.read_bytes())
    assert "no snapshot of" in spoilt(copy, dataset, capsys, 2, "--force")
    assert open_lens(copy / "lens").manifest.epochs == (1, 3), "what was there stays"


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda run: (run / "run.json").unlink(), "run.json cannot be read"),
        (lambda run: (run / "run.json").write_text("{}"), "run.json does not tell of a run"),
        (lambda run: shutil.rmtree(run / "snapshots"), "snapshots has no snapshot"),
        (lambda run: [each.write_bytes(b"no") for each in (run / "snapshots").iterdir()], "is no file of weights"),
        (lambda run: retold(run, scenes_digest="0" * 64), "their digests differ"),
        (lambda run: (retold(run, scenes_digest=None, splits="0" * 64)), "not dealt out as those of"),
        (lambda run: retold(run, shape='{"bands": ["green", "nir"], "guided": false, "widths": [4, 8]}'), "down.0.0.weight has the shape"),
    ],
    ids=["no run.json", "empty run.json", "no snapshots", "spoilt snapshots", "other scenes", "older run of other scenes", "another model"],
)  # fmt: skip
def test_what_is_no_run_or_of_another_dataset_or_model_is_refused_by_name(
    spoil: object, named: str, copy: Path, dataset: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(spoil)
    spoil(copy)
    said = spoilt(copy, dataset, capsys, 2)
    assert named in said
    assert "Remedy: " in said
    assert not (copy / "lens").exists()


def retold(run: Path, **changed: object) -> None:
    told = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({name: value for name, value in {**told, **changed}.items() if value is not None}))


def test_a_run_older_than_its_digest_is_known_by_how_its_scenes_were_dealt_out(
    copy: Path, dataset: Path, made: Lens, capsys: pytest.CaptureFixture[str]
) -> None:
    retold(copy, scenes_digest=None)
    (copy / "splits.parquet").unlink()
    said = spoilt(copy, dataset, capsys, 0, "--into", str(copy.parent / "elsewhere"))
    assert "look at it on the page Lens" in said
    again = open_lens(copy.parent / "elsewhere" / "lens")
    assert again.name == "elsewhere"
    assert {name: digest for name, digest in again.manifest.files.items() if name != "scenes.parquet"} == {
        name: digest for name, digest in made.manifest.files.items() if name != "scenes.parquet"
    }, "the same run gives the same bytes"
    pd.testing.assert_frame_equal(again.scenes, made.scenes)


def test_a_lens_that_is_there_is_made_again_only_where_that_is_said(copy: Path, dataset: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (copy / "lens").mkdir()
    (copy / "lens" / FILE).write_text("{}")
    assert "say --force" in spoilt(copy, dataset, capsys, 2)
    assert (copy / "lens" / FILE).read_text() == "{}"
    assert "a run cannot be called 'two words'" in spoilt(copy, dataset, capsys, 2, "--into", str(copy.parent / "two words"))
    assert "--probe 2" in spoilt(copy, dataset, capsys, 2, "--probe", "2", "--maps", "0")
