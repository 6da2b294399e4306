"""Training: epochs of random crops, judged on whole held-out scenes; what is best so far is kept, and a run that was killed goes on."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from data.records import LabelledScene
from models.augmentation import UNKNOWN, Crop, crop_of
from models.guide import eroded
from models.metrics import counts
from models.unet import Shape, UNet, logits_of


@dataclass(frozen=True)
class Plan:
    """How to train.

    Args:
        epochs: At most.
        batches: Of an epoch.
        batch: Crops of a batch.
        side: px of a crop.
        rate: Learning rate at its highest.
        decay: Of weights (AdamW).
        patience: Epochs without a better score before it ends.
        average: Share of the averaged weights that a batch leaves as they were.
        seed: Everything random follows from it.
    """

    epochs: int = 20
    batches: int = 48
    batch: int = 16
    side: int = 128
    rate: float = 3e-3
    decay: float = 1e-2
    patience: int = 6
    average: float = 0.98
    seed: int = 0

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass
class State:
    """All that a run needs to go on as if nothing had happened.

    Args:
        net, averaged: The network, and the running average of its weights, which is what is judged and kept.
        optimiser: Of `net`.
        epoch: Epochs done.
        best: The best mean IoU on validation scenes so far; minus infinity before the first.
        best_epoch: When that was.
    """

    net: UNet
    averaged: UNet
    optimiser: torch.optim.AdamW
    epoch: int = 0
    best: float = -math.inf
    best_epoch: int = 0


@dataclass(frozen=True)
class Told:
    """What one epoch gave.

    Args:
        epoch: From 1.
        loss: Mean of its batches.
        rows: A dict a validation scene: scene_key, epoch, loss, iou, area_bias.
        score: Their mean IoU, over those with water.
        gradients: Layer → mean absolute gradient over the epoch.
        improved: Whether it is the best so far.
        seconds: That it took.
    """

    epoch: int
    loss: float
    rows: list[dict[str, Any]]
    score: float
    gradients: dict[str, float]
    improved: bool
    seconds: float


def fresh(shape: Shape, plan: Plan, samples: Sequence[LabelledScene]) -> State:
    """A network at its start, normalised by the bands' mean and sd over the training scenes."""
    torch.manual_seed(plan.seed)
    net, averaged = UNet(shape), UNet(shape)
    mean, sd = band_statistics(samples)
    net.mean.copy_(mean)
    net.sd.copy_(sd)
    with torch.no_grad():
        net.head.get_parameter("bias").fill_(-2.0)
    averaged.load_state_dict(net.state_dict())
    optimiser = torch.optim.AdamW(net.parameters(), lr=plan.rate, weight_decay=plan.decay)
    return State(net.to(memory_format=torch.channels_last), averaged.eval(), optimiser)  # pyright: ignore[reportCallIssue]


def band_statistics(samples: Sequence[LabelledScene]) -> tuple[Tensor, Tensor]:
    """(1, B, 1, 1) mean and sd of each band over every fourth pixel, in float64."""
    held = [sample.reflectance[:, ::4, ::4].reshape(len(sample.reflectance), -1).astype(np.float64) for sample in samples]
    values = np.clip(np.concatenate(held, axis=1), -0.2, 1.5)
    mean, sd = (torch.tensor(each(values, axis=1), dtype=torch.float32)[None, :, None, None] for each in (np.nanmean, np.nanstd))
    return mean, sd.clamp_min(1e-3)


def train(
    state: State,
    plan: Plan,
    scenes: tuple[Sequence[LabelledScene], Sequence[LabelledScene]],
    tell: Callable[[Told, State], object],
) -> None:
    """Go on until the last epoch, or until `patience` epochs brought nothing better.

    Args:
        state: Changed in place.
        plan: How.
        scenes: To learn from, and to judge by: of different regions.
        tell: Told after each epoch, so that it can be kept.
    """
    samples, validation = scenes
    while state.epoch < plan.epochs and state.epoch - state.best_epoch < plan.patience:
        began = time.monotonic()
        loss, gradients = _epoch(state, plan, samples)
        rows = [judged(state.averaged, sample) | {"epoch": state.epoch + 1} for sample in validation]
        state.epoch += 1
        score = float(np.nanmean([row["iou"] for row in rows]))
        improved = score > state.best
        if improved:
            state.best, state.best_epoch = score, state.epoch
        tell(Told(state.epoch, loss, rows, score, gradients, improved, time.monotonic() - began), state)


def _epoch(state: State, plan: Plan, samples: Sequence[LabelledScene]) -> tuple[float, dict[str, float]]:
    # An epoch's chance follows from the seed and its number alone: a run that was killed repeats the epoch as it was.
    rng = np.random.default_rng([plan.seed, state.epoch])
    order = np.concatenate([rng.permutation(len(samples)) for _ in range(-(-plan.batches * plan.batch // len(samples)))])
    state.net.train()
    losses: list[float] = []
    gradients = {name: 0.0 for name, value in state.net.named_parameters() if value.ndim > 1}
    for number in range(plan.batches):
        chosen = order[number * plan.batch : (number + 1) * plan.batch]
        shape = state.net.shape
        crops = [crop_of(samples[place], plan.side, shape.bands, shape.guided, rng) for place in chosen]
        _set_rate(state, plan, state.epoch + number / plan.batches)
        losses.append(_batch(state, crops))
        done = state.epoch * plan.batches + number
        _average(state, min(plan.average, (1 + done) / (10 + done)))  # at the start there is little worth remembering
        for name, value in state.net.named_parameters():
            if name in gradients and value.grad is not None:
                gradients[name] += float(value.grad.abs().mean()) / plan.batches
    return float(np.mean(losses)), gradients


def _set_rate(state: State, plan: Plan, at: float) -> None:
    """One cycle (Smith and Topin 2019): up over the first tenth, then down along a cosine."""
    share = at / plan.epochs
    rise = 0.1
    rate = plan.rate * (share / rise if share < rise else 0.5 * (1 + math.cos(math.pi * (share - rise) / (1 - rise))))
    for group in state.optimiser.param_groups:
        group["lr"] = max(rate, plan.rate * 1e-3)


def _batch(state: State, crops: Sequence[Crop]) -> float:
    image, guide, target, weight = (
        torch.from_numpy(np.stack([np.asarray(getattr(crop, part)) for crop in crops])) for part in ("image", "guide", "target", "weight")
    )
    guided = state.net.shape.guided
    logits = state.net(image.contiguous(memory_format=torch.channels_last), guide[:, None] if guided else None)[:, 0]
    loss = loss_of(logits, target, weight)
    state.optimiser.zero_grad(set_to_none=True)
    loss.backward()  # pyright: ignore[reportUnknownMemberType]
    torch.nn.utils.clip_grad_norm_(state.net.parameters(), 1.0)
    state.optimiser.step()
    return float(loss.detach())


def _average(state: State, keep: float) -> None:
    held = state.averaged.state_dict()
    for name, value in state.net.state_dict().items():
        if value.is_floating_point():
            held[name].lerp_(value, 1 - keep)


def loss_of(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Cross entropy, which keeps probabilities honest, plus 1 − Dice over the batch, which keeps small lakes from being forgotten.

    Args:
        logits, target, weight: (N, H, W).
    """
    entropy = (functional.binary_cross_entropy_with_logits(logits, target, reduction="none") * weight).sum() / weight.sum().clamp_min(1)
    probability = torch.sigmoid(logits) * weight
    overlap = (probability * target).sum()
    dice = (2 * overlap + 1) / (probability.sum() + (target * weight).sum() + 1)
    return entropy + (1 - dice)


def judged(net: UNet, sample: LabelledScene) -> dict[str, Any]:
    """What a network makes of one whole scene, guided by its oldest outline where it is: loss, IoU and area bias at .5."""
    logits = logits_of_scene(net, sample)
    wet, counted = label_of(net, sample)
    found = counts(logits > 0, wet, counted)
    target, weight = (torch.from_numpy(each.astype(np.float32))[None] for each in (wet, counted))
    loss = float(loss_of(torch.from_numpy(logits)[None], target, weight))
    return {"scene_key": sample.scene_key, "loss": loss, "iou": float(found.iou), "area_bias": float(found.area_bias)}


def label_of(net: UNet, sample: LabelledScene) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(H, W) the water that a network should find: the lake's where it is guided, else all; and (H, W) the pixels that count."""
    label = sample.own if net.shape.guided else sample.water
    return label == 1, np.isfinite(sample.reflectance).all(axis=0) & (label != UNKNOWN)


def logits_of_scene(net: UNet, sample: LabelledScene) -> NDArray[np.float32]:
    """(H, W) of a whole scene, guided by its oldest outline; gaps hold the training mean."""
    known = np.isfinite(sample.reflectance).all(axis=0)
    image = np.where(known, sample.reflectance, net.mean.numpy()[0]).astype(np.float32)
    pointed = None
    if net.shape.guided:
        guide = eroded(sample.outlines[0]) if sample.outlines else np.zeros(known.shape, dtype=bool)
        pointed = torch.from_numpy(guide[None, None].astype(np.float32))
    return logits_of(net, torch.from_numpy(image[None]), pointed)[0, 0].numpy()
