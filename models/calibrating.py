"""After training: probabilities are made honest on validation regions, and the result is scored on regions it never saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import optimize, special

from data.records import LabelledScene
from models.card import ModelCard, read_card
from models.metrics import counts, reliability
from models.training import label_of, logits_of_scene
from models.unet import UNet
from models.weights import read_net, write_model

EVERY = 7
"""Of the pixels, one of so many is enough to find two numbers by."""
STEPS = 24
"""Halvings of the range in which the shift is sought."""
Judged = tuple[NDArray[np.float64], NDArray[np.bool_]]
"""Of a scene's pixels that count (N,) logits, and (N,) whether they are water."""


def calibrated(best: Path, folder: Path, name: str, splits: dict[str, Sequence[LabelledScene]]) -> ModelCard:
    """Write the best network of a run, its logits scaled and shifted, and its card with scores; returns the card.

    Args:
        best: Folder that holds it as it was trained.
        folder: Where it goes.
        name: What it is called.
        splits: `validation` and `test` scenes.
    """
    card = read_card(best, name)
    net = read_net(best, card)
    judged = {split: [_judged(net, scene) for scene in scenes] for split, scenes in splits.items()}
    logits = np.concatenate([each[::EVERY] for each, _ in judged["validation"]])
    wet = np.concatenate([each[::EVERY] for _, each in judged["validation"]])
    slope, shift = platt(logits, wet)
    shift += slope * unbiased(judged["validation"], -shift / slope)
    with torch.no_grad():
        for value in net.head.parameters():
            value.mul_(slope)
        net.head.get_parameter("bias").add_(shift)
    scores = {split: scored([(slope * each + shift, water) for each, water in held]) for split, held in judged.items() if held}
    return write_model(folder, net, replace(card, scores=scores))


def unbiased(judged: Sequence[Judged], cut: float) -> float:
    """By what logits must be raised so that, cut where they were, the areas of half the scenes come out too large and of half too small.

    Args:
        judged: Scenes; those without water do not count.
        cut: The logit above which there is water.
    """
    wet = [(logits, int(water.sum())) for logits, water in judged if water.any()]

    def bias(lift: float) -> float:
        return float(np.median([(logits + lift > cut).sum() / truth - 1 for logits, truth in wet]))

    low, high = -3.0, 3.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if bias(middle) > 0 else (middle, high)
    return high if wet else 0.0


def platt(logits: NDArray[np.float64], wet: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and shift that make logits likeliest (Platt 1999); the shift mends areas that are all too small, or too large.

    Args:
        logits: (N,).
        wet: (N,) whether there is water.
    """

    def surprise(at: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scaled = at[0] * logits + at[1]
        off = special.expit(scaled) - wet
        return float(np.mean(np.logaddexp(0, scaled) - wet * scaled)), np.array([np.mean(off * logits), np.mean(off)])

    found: Any = optimize.minimize(surprise, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[(0.1, 10.0), (-5.0, 5.0)])
    return float(found.x[0]), float(found.x[1])


def _judged(net: UNet, scene: LabelledScene) -> Judged:
    wet, known = label_of(net, scene)
    return logits_of_scene(net, scene)[known].astype(np.float64), wet[known]


def scored(judged: Sequence[Judged]) -> dict[str, float]:
    """Over scenes, to four digits: median IoU of the water class and |area error|; mean calibration error; how many scenes."""
    found = [counts(logits > 0, wet) for logits, wet in judged]
    gaps = [reliability(special.expit(logits), wet).ece for logits, wet in judged]
    figures = {
        "median_iou_water": np.nanmedian([float(each.iou) for each in found]),
        "median_abs_area_error": np.nanmedian([abs(float(each.area_bias)) for each in found]),
        "mean_ece": np.nanmean(gaps),
        "scenes": len(judged),
    }
    return {name: float(f"{value:.4g}") for name, value in figures.items()}
