"""A block that is frozen in a real training, through the run's folder and its lens: the gradient view names it, and nothing else; its
representation stays what it was.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from data.lens.cka import linear_cka
from data.lens.manifest import Layer, Manifest
from data.lens.reading import Lens, open_lens
from data.lens.writing import write_lens
from models.lens.crops import crop_about_lake
from models.lens.curves import gradients_of
from models.lens.following import followed
from models.lens.layers import bottleneck_of
from models.lens.showing import layers_of_net
from models.lens.snapshots import Run, open_run
from models.run_folder import RunFolder
from models.training import Plan, fresh, train
from models.unet import Shape
from modules.lensing.learned import learned
from tests.networks import BANDS, labelled_scene

PLAN = Plan(epochs=5, batches=4, batch=4, side=32, rate=1e-2, average=0.8, patience=9)
SHAPE = Shape(BANDS, False, (4, 6, 8))
SCENES, JUDGES = [labelled_scene(key) for key in range(12)], [labelled_scene(100)]


def trained(folder: Path, frozen: str | None) -> Run:
    """Train a network of three depths into a run's folder, one block frozen from its start."""
    torch.set_num_threads(1)
    state = fresh(SHAPE, PLAN, SCENES)
    if frozen:
        freeze(state.net.get_submodule(frozen))
    before = {name: value.clone() for name, value in state.net.state_dict().items()}
    kept = RunFolder(folder, {"plan": PLAN.as_dict(), "shape": SHAPE.to_json(), "name": "unet"})
    train(state, PLAN, (SCENES, JUDGES), kept.keep)
    for net in (state.net, state.averaged) if frozen else ():
        held = {name: value for name, value in net.state_dict().items() if name.startswith(f"{frozen}.")}
        assert held
        assert [name for name, value in held.items() if not torch.equal(value, before[name])] == []
    return open_run(folder)


def freeze(block: nn.Module) -> None:
    """No gradient, and no running mean: `train()` of the network would set the block's normalisation going again."""
    block.requires_grad_(False)
    block.eval()
    block.train = lambda mode=True: block  # type: ignore[method-assign, assignment]


def lens_of(run: Run) -> Lens:
    """The lens of a run, by the parts of `models lens` that tell of layers."""
    epochs = list(run.snapshots)
    crops = [crop_about_lake(scene, 32, False) for scene in SCENES]
    layers = layers_of_net(run.net(epochs[-1]), 32)
    told = followed(run.net, epochs, layers, crops, (crops[:2], epochs[-1:]))
    files = told.files(crops, crops[:2], SHAPE.bands)
    scenes = pd.DataFrame({"scene_key": files["probe.npz"]["scene_key"]})
    features = {layer.name: files["probe_features.npz"][layer.name][-1] for layer in layers}
    kept = tuple(Layer(each.name, each.channels, each.height, each.width, 1, 1, each.block) for each in layers)
    contents = {**files, "scenes.parquet": scenes, "features.npz": features, "gradients.parquet": gradients_of(run, epochs)}
    write_lens(run.folder / "lens", contents, Manifest("frozen", "unet", "U-Net", kept, bottleneck_of(layers), tuple(epochs)))
    return open_lens(run.folder / "lens")


@pytest.mark.parametrize("frozen", ["down.0", "down.2", "up.0"])
def test_a_frozen_block_is_named_and_no_other_and_where_its_input_stays_its_output_does(tmp_path: Path, frozen: str) -> None:
    lens = lens_of(trained(tmp_path / "r", frozen))
    run, found = learned(lens)
    (fate,) = found
    assert (fate.name, fate.kind) == (frozen, "never")
    assert fate.words == f"{frozen} never learns: its gradient is 0 in all 5 epochs, and its weights stand still"
    assert {name for name, block in zip(run.layers, run.blocks, strict=True) if block == frozen} == set(fate.layers)
    alike = {layer.name: across_epochs(lens, layer.name) for layer in lens.manifest.layers}
    if frozen == "down.0":
        assert [*alike["down.0.0"], *alike["down.0.3"]] == pytest.approx([1.0] * 8, abs=1e-9)
        assert max(alike[name][-1] for name in ("down.1.3", "down.2.3", "up.0.3", "up.1.3")) < 0.999
    else:
        assert alike["down.0.3"][-1] < 0.999


def across_epochs(lens: Lens, layer: str) -> list[float]:
    """The CKA of a layer at the first epoch and at each later one."""
    features = lens.probe_features()[layer].astype(np.float64)
    return [linear_cka(features[0], later).value for later in features[1:]]


def test_without_a_frozen_block_none_is_named(tmp_path: Path) -> None:
    assert learned(lens_of(trained(tmp_path / "r", None)))[1] == ()
