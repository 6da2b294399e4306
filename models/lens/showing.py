"""What one network shows of crops: probabilities, scores, and the mean of each layer over the pixels; of a few, whole maps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from models.lens.crops import LensCrop
from models.lens.layers import Layer, layers_of, mean_of, watching
from models.metrics import counts
from models.training import loss_of
from models.unet import UNet

BATCH = 16
MAP_SIDE = 32
"""px: maps that are larger are reduced to this, by means."""


@dataclass(frozen=True)
class Shown:
    """What a network shows of N crops.

    Args:
        probability: (N, S, S) float32 of water.
        features: Layer → (N, C) float32, mean over the pixels.
        scores: A dict a crop: scene_key, loss, iou, area_bias; NaN where the label has nothing to score.
    """

    probability: NDArray[np.float32]
    features: dict[str, NDArray[np.float32]]
    scores: list[dict[str, float]]


def inputs_of(net: UNet, crops: Sequence[LensCrop]) -> tuple[Tensor, ...]:
    """What the network takes: (N, B, S, S), gaps filled with the training mean, and (N, 1, S, S) if it is guided."""
    image = torch.from_numpy(np.stack([crop.image for crop in crops]))
    image = torch.where(torch.isfinite(image).all(1, keepdim=True), image, net.mean)
    guide = torch.from_numpy(np.stack([crop.guide for crop in crops]).astype(np.float32))[:, None]
    return (image, guide) if net.shape.guided else (image,)


def layers_of_net(net: UNet, side: int) -> tuple[Layer, ...]:
    """Its layers, on crops of `side` px."""
    image, guide = torch.zeros(1, len(net.shape.bands), side, side), torch.zeros(1, 1, side, side)
    return layers_of(net, (image, guide) if net.shape.guided else (image,))


def shown(net: UNet, layers: Sequence[Layer], crops: Sequence[LensCrop]) -> Shown:
    """Let a network look at crops.

    Args:
        net: In evaluation mode.
        layers: Those whose means are wanted.
        crops: All of one side, at least one.
    """
    means: dict[str, list[NDArray[np.float32]]] = {layer.name: [] for layer in layers}
    logits: list[NDArray[np.float32]] = []
    for batch in _batches(crops):
        with watching(net, layers, lambda name, value: means[name].append(mean_of(value))), torch.inference_mode():
            logits.append(net(*inputs_of(net, batch))[:, 0].numpy())
    said = np.concatenate(logits)
    scores = [_scored(crop, each) for crop, each in zip(crops, said, strict=True)]
    probability = torch.sigmoid(torch.from_numpy(said)).numpy()
    return Shown(probability, {name: np.concatenate(parts) for name, parts in means.items()}, scores)


def maps_of(net: UNet, layers: Sequence[Layer], crops: Sequence[LensCrop]) -> dict[str, NDArray[np.float32]]:
    """Layer → (N, C, h, w) what it gives, reduced to at most MAP_SIDE."""
    held: dict[str, NDArray[np.float32]] = {}

    def take(name: str, value: Tensor) -> None:
        mapped = value if value.ndim == 4 else value[..., None, None]
        held[name] = functional.adaptive_avg_pool2d(mapped, _reduced(mapped)).numpy().copy()

    with watching(net, layers, take), torch.inference_mode():
        net(*inputs_of(net, crops))
    return held


def _reduced(maps: Tensor) -> tuple[int, int]:
    return min(maps.shape[2], MAP_SIDE), min(maps.shape[3], MAP_SIDE)


def _scored(crop: LensCrop, logits: NDArray[np.float32]) -> dict[str, float]:
    wet, counted = crop.label == 1, crop.counted
    if not counted.any():
        return {"scene_key": crop.scene_key, "loss": np.nan, "iou": np.nan, "area_bias": np.nan}
    found = counts(logits > 0, wet, counted)
    said, target, weight = (torch.from_numpy(np.asarray(each, dtype=np.float32))[None] for each in (logits, wet, counted))
    return {
        "scene_key": crop.scene_key, "loss": float(loss_of(said, target, weight)), "iou": float(found.iou),
        "area_bias": float(found.area_bias),
    }  # fmt: skip


def _batches(crops: Sequence[LensCrop]) -> Iterator[Sequence[LensCrop]]:
    return (crops[start : start + BATCH] for start in range(0, len(crops), BATCH))
