"""The probe through training: what the network of each epoch makes of the same few crops."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.lens.crops import LensCrop
from models.lens.layers import Layer
from models.lens.packing import block_means, coarse, image_bytes, map_bytes, probability_bytes
from models.lens.pictures import rgb_of
from models.lens.showing import maps_of, shown
from models.unet import UNet

Arrays = dict[str, NDArray[Any]]


@dataclass
class Followed:
    """What each epoch gave, in order.

    Args:
        epochs: Those that were looked at.
        probability: (P, S, S) uint8 each.
        blocks: (P, 16, 16) uint8 each.
        features: Layer → (P, C) float16 each.
        rows: A dict a scene and epoch: scene_key, epoch, loss, iou.
        maps: Epoch → layer → (K, C, h, w) uint8, low and high.
    """

    epochs: list[int] = field(default_factory=list[int])
    probability: list[NDArray[np.uint8]] = field(default_factory=list[NDArray[np.uint8]])
    blocks: list[NDArray[np.uint8]] = field(default_factory=list[NDArray[np.uint8]])
    features: dict[str, list[NDArray[np.float16]]] = field(default_factory=dict[str, list[NDArray[np.float16]]])
    rows: list[dict[str, float]] = field(default_factory=list[dict[str, float]])
    maps: dict[int, dict[str, tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.float32]]]] = field(
        default_factory=dict[int, dict[str, tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.float32]]]]
    )

    def files(self, crops: Sequence[LensCrop], mapped: Sequence[LensCrop], bands: Sequence[str]) -> dict[str, Arrays]:
        """File name → arrays by name.

        Args:
            crops: The probe.
            mapped: Those of it with maps.
            bands: Of the crops.
        """
        keys = np.array([crop.scene_key for crop in crops], dtype=np.int64)
        images = image_bytes(np.stack([rgb_of(crop.image, bands) for crop in crops]))
        made: dict[str, Arrays] = {
            "probe.npz": {"scene_key": keys, "image": images, "label": np.stack([_label(crop) for crop in crops])},
            "predictions.npz": {"probability": np.stack(self.probability)},
            "functions.npz": {"probability": np.stack(self.blocks)},
            "probe_features.npz": {name: np.stack(parts) for name, parts in self.features.items()},
        }
        if self.maps:
            made["activations.npz"] = self._activations(mapped)
        return made

    def training(self, splits: Mapping[int, str]) -> pd.DataFrame:
        """`training.parquet`: scene_key, epoch, loss, iou, split."""
        table = pd.DataFrame(self.rows)[["scene_key", "epoch", "loss", "iou"]].astype({"loss": np.float32, "iou": np.float32})
        return table.assign(split=[splits.get(int(key), "") for key in table["scene_key"]])

    def _activations(self, mapped: Sequence[LensCrop]) -> Arrays:
        epochs = sorted(self.maps)
        made: Arrays = {"scene_key": np.array([crop.scene_key for crop in mapped], dtype=np.int64), "epoch": np.array(epochs)}
        for name in self.maps[epochs[0]]:
            for place, end in enumerate(("", "|low", "|high")):
                made[f"{name}{end}"] = np.stack([self.maps[epoch][name][place] for epoch in epochs])
        return made


def followed(
    nets: Callable[[int], UNet], epochs: Iterable[int], layers: Sequence[Layer], crops: Sequence[LensCrop],
    mapped: tuple[Sequence[LensCrop], Sequence[int]],
) -> Followed:  # fmt: skip
    """Let the network of each epoch look at the probe.

    Args:
        nets: Epoch → its network.
        epochs: Ascending.
        layers: Of all of them.
        crops: The probe.
        mapped: Crops with whole maps, and the epochs at which.
    """
    held = Followed()
    for epoch in epochs:
        net = nets(epoch)
        told = shown(net, layers, crops)
        held.epochs.append(epoch)
        held.probability.append(probability_bytes(told.probability))
        held.blocks.append(np.rint(255 * block_means(told.probability)).astype(np.uint8))
        for name, part in told.features.items():
            held.features.setdefault(name, []).append(coarse(part))
        held.rows += [{**scores, "epoch": epoch} for scores in told.scores]
        if mapped[0] and epoch in mapped[1]:
            held.maps[epoch] = {name: map_bytes(maps) for name, maps in maps_of(net, layers, mapped[0]).items()}
    return held


def mapped_of(crops: Sequence[LensCrop], number: int) -> list[LensCrop]:
    """As many of the probe, from its smallest lake to its largest."""
    order = sorted(crops, key=lambda crop: (crop.own_px, crop.scene_key))
    return [order[(2 * place + 1) * len(order) // (2 * number)] for place in range(min(number, len(order)))]


def mapped_epochs(epochs: Sequence[int]) -> list[int]:
    """First, middle and last."""
    return sorted({epochs[0], epochs[len(epochs) // 2], epochs[-1]})


def _label(crop: LensCrop) -> NDArray[np.uint8]:
    return np.where(crop.counted, crop.label, np.uint8(255)).astype(np.uint8)
