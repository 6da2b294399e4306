"""*Same features, opposite outcome*: labels of twenty scenes are moved by the lake's width, and looked for among the first twenty pairs.

A region is simulated anew; the shipped networks see a crop of each scene, cloudy ones and all. Planted scenes are among those with an IoU
of .8 or more; theirs becomes that of the same prediction with the moved label. Recall: of the planted scenes, how many are a scene of the
first so many pairs. Where all scenes take part, the networks' own failures stand in the same list; where only well segmented ones do, the
planted ones are nearly all that there is to find.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from data.labelled import Labelled
from data.lens.neighbours import opposite_pairs
from data.records import LabelledScene
from data.simulate import Plan
from data.store import Store
from models.card import SHIPPED, read_card
from models.lens.crops import crop_about_lake
from models.lens.layers import bottleneck_of
from models.lens.showing import BATCH, layers_of_net, shown
from models.metrics import counts
from models.unet import UNet
from models.weights import read_net
from tests.basin import small_basin
from tests.harness import Figures

LAKES, PLANTED, TIMES = 240, 20, 20
"""Lakes with five images each; scenes whose label is moved; how often other scenes are chosen."""
SIDE, WELL = 128, 0.8


@dataclass(frozen=True)
class Outcome:
    """One scene: (SIDE, SIDE) predicted water, label, and which pixels count."""

    wet: np.ndarray
    label: np.ndarray
    counted: np.ndarray

    def iou(self, angle: float | None = None) -> float:
        """With the label as it is, or moved by as many px as a square of its area is wide, at least 16."""
        water = self.label == 1
        if angle is not None:
            far = max(16.0, float(np.sqrt(water.sum())))
            water = np.roll(water, (round(far * np.sin(angle)), round(far * np.cos(angle))), (0, 1))
        return float(counts(self.wet, water, self.counted).iou)


def seen(net: UNet, samples: Iterator[LabelledScene]) -> tuple[np.ndarray, list[Outcome]]:
    """(N, C) mean activations of the bottleneck, and the outcomes."""
    layers = layers_of_net(net, SIDE)
    means: list[np.ndarray] = []
    outcomes: list[Outcome] = []
    while batch := list(islice(samples, BATCH)):
        crops = [crop_about_lake(sample, SIDE, net.shape.guided) for sample in batch]
        told = shown(net, layers, crops)
        means.append(told.features[bottleneck_of(layers)])
        outcomes += [Outcome(each > 0.5, crop.label, crop.counted) for each, crop in zip(told.probability, crops, strict=True)]
    return np.concatenate(means), outcomes


def recalls(features: np.ndarray, outcomes: list[Outcome], planted: int, rng: np.random.Generator) -> list[float]:
    """Among all scenes, and among the well segmented and planted ones."""
    iou = np.array([outcome.iou() for outcome in outcomes])
    well = iou >= WELL
    chosen = rng.choice(np.flatnonzero(well), planted, replace=False)
    for place in chosen:
        iou[place] = outcomes[place].iou(rng.uniform(0, 2 * np.pi))
    found = [{pair.worse for pair in opposite_pairs(features, each, planted)} for each in (iou, np.where(well, iou, np.nan))]
    return [len(each & set(chosen.tolist())) / planted for each in found]


def pairs(seed: int, scale: float) -> Figures:
    """Both shipped networks in full; the plain one alone over a sample, too small for the list of all scenes to be judged."""
    lakes = max(round(LAKES * scale), 8)
    planted, times = max(round(PLANTED * lakes / LAKES), 3), max(round(TIMES * scale), 5)
    figures: Figures = {}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "d"
        small_basin(folder, plan=Plan(lakes=2 * lakes, first_year=2021, last_year=2025, seed=seed % 1000, scenes=lakes))
        for name in ("unet", "guided_unet") if scale == 1.0 else ("unet",):
            net = read_net(SHIPPED, read_card(SHIPPED, name))
            labelled = Labelled(Store(folder), "label", net.shape.bands)
            features, outcomes = seen(net, (labelled.read(scene) for scene in labelled.scenes()))
            rng = np.random.default_rng([seed, 1])
            every, well = np.mean([recalls(features, outcomes, planted, rng) for _ in range(times)], axis=0).tolist()
            assert well >= (0.8 if scale == 1.0 else 0.6), f"{name}: {well} among well segmented scenes"
            assert scale < 1.0 or every >= 0.8, f"{name}: {every} among all scenes"
            figures |= {f"{name}, all scenes": round(every, 3), f"{name}, well segmented": round(well, 3), "scenes": len(outcomes)}
    return figures


SUITES = {"lens.pairs": pairs}
