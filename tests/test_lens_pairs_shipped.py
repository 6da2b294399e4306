"""Planted *same features, opposite outcome* pairs among all scenes of the lenses that Moraine comes with: real activations and outcomes."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from data.lens.neighbours import opposite_pairs
from data.lens.reading import Lens, open_lens
from tests.conftest import ROOT

PLANTED, TIMES = 20, 4


def moved_iou(lens: Lens, place: int, rng: np.random.Generator) -> float:
    """IoU of the same prediction with the label moved by as many px of the thumbnail as a square of its area is wide, at least 5."""
    tile, (row, column) = lens.manifest.tile, divmod(place, lens.manifest.sheet_columns)
    sheet = np.asarray(Image.open(io.BytesIO(lens.bytes("outcomes.png"))))
    outcome = sheet[row * tile : (row + 1) * tile, column * tile : (column + 1) * tile]
    wet, label, known = np.isin(outcome, (1, 2)), np.isin(outcome, (1, 3)), outcome != 4
    far, angle = max(5.0, float(np.sqrt(label.sum()))), rng.uniform(0, 2 * np.pi)
    label = np.roll(label, (round(far * np.sin(angle)), round(far * np.cos(angle))), (0, 1))
    return float((wet & label & known).sum() / max(((wet | label) & known).sum(), 1))


@pytest.mark.parametrize("name", ["unet-0", "guided_unet-0"])
def test_planted_pairs_are_found_among_all_scenes(name: str) -> None:
    """Of twenty scenes that were well segmented until their label moved, how many are in the first twenty pairs."""
    lens = open_lens(ROOT / "models" / "runs" / name / "lens")
    features, recall = lens.features()[lens.manifest.bottleneck], []
    for seed in range(TIMES):
        rng, iou = np.random.default_rng(seed), lens.scenes["iou"].to_numpy(dtype=float, copy=True)
        chosen = rng.choice(np.flatnonzero(iou >= 0.8), PLANTED, replace=False)
        iou[chosen] = [moved_iou(lens, int(place), rng) for place in chosen]
        recall.append(float(np.isin(chosen, [pair.worse for pair in opposite_pairs(features, iou, PLANTED)]).mean()))
    assert np.mean(recall) >= 0.8, recall
