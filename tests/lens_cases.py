"""Small lenses for tests: random numbers of the right shapes, written by the product's own writer."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from data.lens.manifest import Layer, Manifest
from data.lens.reading import Lens, open_lens
from data.lens.receptive import unit_fields
from data.lens.writing import write_lens

LAYERS = (Layer("down.0", 4, 32, 32, 1, 5, "down.0"), Layer("down.1", 8, 16, 16, 2, 14, "down.1"), Layer("up.0", 4, 32, 32, 1, 22, "up.0"))


def manifest(**changes: Any) -> Manifest:
    """That of the lens below."""
    made = Manifest(
        "unet-7", "unet", "U-Net, seed 7", LAYERS, "down.1", (1, 2, 3), seed=7, dataset_title="A basin", scenes_digest="d" * 64,
        simulated=True, pixel_m=10.0, tile=16, sheet_columns=5, command="python -m models lens out/runs/unet-7",
    )  # fmt: skip
    return replace(made, **changes)


def contents(scenes: int = 12, probe: int = 4, seed: int = 0, told: Manifest | None = None) -> dict[str, Any]:
    """Every file of a lens of so many scenes, of which the first are followed."""
    told = told or manifest()
    rng = np.random.default_rng(seed)
    keys, epochs, side = np.arange(100, 100 + scenes), len(told.epochs), 32
    table = pd.DataFrame({
        "scene_key": keys, "lake_key": keys // 2, "name": [f"Lake {key // 2}" for key in keys],
        "reason": [("ok", "ok", "cloud")[key % 3] for key in keys], "split": [("train", "validation", "test")[key % 3] for key in keys],
        "iou": rng.random(scenes), "loss": rng.random(scenes), "size_km2": rng.random(scenes), "snow": rng.random(scenes),
        "pca_x": rng.normal(size=scenes), "pca_y": rng.normal(size=scenes),
    })  # fmt: skip
    followed = [(key, epoch) for epoch in told.epochs for key in keys[:probe]]
    training = pd.DataFrame(followed, columns=["scene_key", "epoch"])
    training = training.assign(loss=rng.random(len(training)), iou=rng.random(len(training)), split="train")
    by_epoch = {name: rng.random(epochs) for name in ("loss", "train_iou", "validation_loss", "validation_iou")}
    gradients = pd.DataFrame([(epoch, f"{layer.name}.0.weight", layer.name) for epoch in told.epochs for layer in told.layers],
                             columns=["epoch", "layer", "block"])  # fmt: skip
    maps: dict[str, Any] = {"scene_key": keys[:2], "epoch": np.array(told.epochs)[[0, -1]]}
    for layer in told.layers:
        low = rng.normal(size=(2, 2, layer.channels)).astype(np.float32)
        size = (2, 2, layer.channels, layer.height, layer.width)
        maps |= {layer.name: rng.integers(0, 256, size, dtype=np.uint8), f"{layer.name}|low": low, f"{layer.name}|high": low + 1}
    return {
        "scenes.parquet": table,
        "features.npz": {layer.name: rng.normal(size=(scenes, layer.channels)).astype(np.float16) for layer in told.layers},
        "probe.npz": {"scene_key": keys[:probe], "image": rng.integers(0, 256, (probe, side, side, 3), dtype=np.uint8),
                      "label": rng.integers(0, 2, (probe, side, side), dtype=np.uint8)},
        "predictions.npz": {"probability": rng.integers(0, 256, (epochs, probe, side, side), dtype=np.uint8)},
        "functions.npz": {"probability": rng.integers(0, 256, (epochs, probe, 16, 16), dtype=np.uint8)},
        "training.parquet": training,
        "epochs.parquet": pd.DataFrame({"epoch": told.epochs, **by_epoch}),
        "gradients.parquet": gradients.assign(mean_abs=rng.random(len(gradients)), moved=rng.random(len(gradients))),
        "probe_features.npz": {layer.name: rng.normal(size=(epochs, probe, layer.channels)).astype(np.float16) for layer in told.layers},
        "activations.npz": maps,
        "fields.npz": {
            f"{layer.name}|{name}": unit_fields(units, layer.stride, layer.field, side).astype(np.int32)
            for layer in told.layers for name, units in (("rows", layer.height), ("columns", layer.width))
        },
        "scenes.jpg": _picture(told, scenes, "RGB", "JPEG"),
        "outcomes.png": _picture(told, scenes, "P", "PNG"),
    }  # fmt: skip


def _picture(told: Manifest, scenes: int, mode: str, kind: str) -> bytes:
    sink = io.BytesIO()
    size = (told.tile * told.sheet_columns, told.tile * -(-scenes // told.sheet_columns))
    Image.new(mode, size).save(sink, kind)
    return sink.getvalue()


def lens(folder: Path, scenes: int = 12, probe: int = 4, seed: int = 0, **changes: Any) -> Lens:
    """Written to `folder/<name>/lens`, and opened."""
    told = manifest(**changes)
    place = folder / told.name / "lens"
    write_lens(place, contents(scenes, probe, seed, told), told)
    return open_lens(place)
