"""A lens of lakes that a made-up run learns to outline: discs, found better from epoch to epoch, some never, some lost again.

Every figure in it follows from the predictions that it holds, so that what is shown can be held against them.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from data.lens.manifest import Layer, Manifest
from data.lens.reading import Lens, open_lens
from data.lens.writing import write_lens

REASONS = ("ok", "ok", "ok", "cloud", "ok", "shadow", "ok", "snow_or_ice", "ok", "partial")
TILE, COLUMNS = 32, 10


@dataclass(frozen=True)
class Followed:
    """What to make.

    Args:
        scenes, epochs, side: How many scenes and epochs, and px of a scene.
        never: Places of scenes whose lake the run looks for beside where it is.
        lost: Places of scenes that it finds at first, and then no longer.
        seed: Of all chance.
        first: scene_key of the first scene.
    """

    scenes: int = 200
    epochs: int = 22
    side: int = 128
    never: tuple[int, ...] = (3, 17)
    lost: tuple[int, ...] = (5,)
    seed: int = 0
    first: int = 1000


def predictions(made: Followed) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    """(E, P, H, W) probabilities, (P, H, W) labels and (P, H, W, 3) images."""
    rng = np.random.default_rng([made.seed, made.scenes])
    lakes = np.random.default_rng(made.first)  # runs of other seeds look at the same lakes
    up, across = np.mgrid[: made.side, : made.side].astype(np.float32) / made.side
    centre, radius = lakes.uniform(0.35, 0.65, (made.scenes, 2)), lakes.uniform(0.12, 0.3, made.scenes)
    pace = rng.uniform(0.3, 0.9, made.scenes) * (1 + np.arange(made.scenes) % 3) / 3
    probability = np.empty((made.epochs, made.scenes, made.side, made.side), dtype=np.uint8)
    label = np.empty(probability.shape[1:], dtype=np.uint8)
    for place in range(made.scenes):
        away = np.hypot(up - centre[place, 0], across - centre[place, 1])
        label[place] = away < radius[place]
        for epoch in range(made.epochs):
            wrong = np.exp(-pace[place] * (epoch + 1))
            wrong = 1.0 if place in made.never or (place in made.lost and epoch >= made.epochs // 3) else wrong
            seen = np.hypot(up - centre[place, 0] - 0.3 * wrong, across - centre[place, 1]) + rng.normal(0, 0.004)
            probability[epoch, place] = 255 / (1 + np.exp((seen - radius[place]) * 40))
    ground = np.clip(lakes.normal(0.45, 0.04, (*label.shape, 1)) - 0.25 * label[..., None], 0, 1)
    return probability, label, np.round(255 * ground * np.array([1.0, 0.95, 0.85])).astype(np.uint8)


def losses(probability: NDArray[np.uint8], label: NDArray[np.uint8]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(E, P) cross entropy plus 1 − Dice, and (E, P) IoU at 0.5."""
    p, wet = np.clip(probability / np.float32(255), 1e-4, 1 - 1e-4), label == 1
    entropy = -np.where(wet, np.log(p), np.log(1 - p)).mean(axis=(2, 3))
    dice = (2 * (p * wet).sum(axis=(2, 3)) + 1) / (p.sum(axis=(2, 3)) + wet.sum(axis=(1, 2)) + 1)
    both, either = ((p > 0.5) & wet).sum(axis=(2, 3)), ((p > 0.5) | wet).sum(axis=(2, 3))
    return (entropy + 1 - dice).astype(np.float64), both / np.maximum(either, 1)


def followed_lens(folder: Path, made: Followed, name: str = "unet-0", **about: Any) -> Lens:
    """Written to `folder/<name>/lens`, and opened."""
    probability, label, image = predictions(made)
    loss, iou = losses(probability, label)
    keys, epochs = np.arange(made.first, made.first + made.scenes), tuple(range(1, made.epochs + 1))
    split = np.where(np.arange(made.scenes) % 3, "train", "validation")
    scenes = pd.DataFrame({
        "scene_key": keys, "name": [f"Lake {place // 2}, {2016 + place % 2}-10-0{1 + place % 9}" for place in range(made.scenes)],
        "reason": [REASONS[place % len(REASONS)] for place in range(made.scenes)], "split": split, "iou": iou[-1], "loss": loss[-1],
        "size_km2": label.sum(axis=(1, 2)) * 1e-4,
    })  # fmt: skip
    training = pd.DataFrame({
        "scene_key": np.tile(keys, made.epochs), "epoch": np.repeat(epochs, made.scenes), "loss": loss.ravel(), "iou": iou.ravel(),
        "split": np.tile(split, made.epochs),
    })  # fmt: skip
    kept = {kind: (loss[:, split == kind].mean(axis=1), iou[:, split == kind].mean(axis=1)) for kind in ("train", "validation")}
    by_epoch = {"loss": kept["train"][0], "train_iou": kept["train"][1], "validation_loss": kept["validation"][0]}
    block = made.side // 16
    blocks = probability.reshape(made.epochs, made.scenes, 16, block, 16, block).mean(axis=(3, 5))
    layer = Layer("down.0", 4, made.side, made.side, 1, 5, "down.0")
    told = Manifest(name, "unet", f"U-Net, seed {made.seed}", (layer,), "down.0", epochs, seed=made.seed, dataset_title="Discs",
                    simulated=True, tile=TILE, sheet_columns=COLUMNS, command="tests")  # fmt: skip
    contents: dict[str, Any] = {
        "scenes.parquet": scenes,
        "features.npz": {"down.0": np.random.default_rng(made.seed).normal(size=(made.scenes, 4)).astype(np.float16)},
        "probe.npz": {"scene_key": keys, "image": image, "label": label},
        "predictions.npz": {"probability": probability},
        "functions.npz": {"probability": np.round(blocks).astype(np.uint8)},
        "training.parquet": training,
        "epochs.parquet": pd.DataFrame({"epoch": epochs, **by_epoch, "validation_iou": kept["validation"][1]}),
        "scenes.jpg": _sheet(image),
    }
    place = folder / name / "lens"
    write_lens(place, contents, replace(told, **about))
    return open_lens(place)


def _sheet(image: NDArray[np.uint8]) -> bytes:
    """Thumbnails of all scenes, COLUMNS in a row."""
    sheet = Image.new("RGB", (TILE * COLUMNS, TILE * -(-len(image) // COLUMNS)))
    for place, each in enumerate(image):
        small = Image.fromarray(each).resize((TILE, TILE))
        sheet.paste(small, (TILE * (place % COLUMNS), TILE * (place // COLUMNS)))
    sink = io.BytesIO()
    sheet.save(sink, "JPEG")
    return sink.getvalue()
