"""Scores of one lake only: at every threshold the same as cutting mask and label to the lake there, by itself."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.rasters.own import joined_to
from models.metrics import THRESHOLDS
from models.scoring import Predicted, of_lake, score_rows


def scene(seed: int, threshold: float | None) -> tuple[Predicted, np.ndarray]:
    """A patchy mask of 24 × 30 px with bytes of probability, some unknown, a patchy label, and the pixels of an outline."""
    rng = np.random.default_rng(seed)
    smooth = rng.random((24, 30))
    smooth = (smooth + np.roll(smooth, 1, 0) + np.roll(smooth, 1, 1) + np.roll(smooth, (1, 1), (0, 1))) / 4
    stored = np.ceil(200 * np.clip(3 * smooth - 1, 0, 1))
    probability = np.where(rng.random(stored.shape) < 0.03, np.nan, stored / 200)
    if threshold is None:
        probability = np.where(np.isnan(probability), np.nan, probability > 0.5).astype(float)
    touched = np.zeros(stored.shape, dtype=bool)
    y, x = rng.integers(0, 20), rng.integers(0, 26)
    touched[y : y + 4, x : x + 4] = True
    known = rng.random(stored.shape) > 0.03
    return Predicted(probability, (smooth + 0.1 * rng.random(stored.shape) > 0.55) & known, known, threshold, 1e-4), touched


@settings(max_examples=120, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), threshold=st.sampled_from([None, 0.5, 0.35, 0.42, 0.97]))
def test_scores_of_a_lake_equal_those_of_masks_cut_by_hand(seed: int, threshold: float | None) -> None:
    given_scene, touched = scene(seed, threshold)
    own = of_lake(given_scene, partial(joined_to, touched=touched))
    label = joined_to(given_scene.label, touched)
    known = given_scene.labelled & np.isfinite(given_scene.probability)
    rows = score_rows(own)
    assert len(rows) == (1 if threshold is None else len({*THRESHOLDS, threshold}))
    for row in rows:
        cut = 0.5 if row["threshold"] is None else row["threshold"]
        mask = joined_to(given_scene.probability > cut, touched) & known
        tp, fp, fn = (int((a & b & known).sum()) for a, b in ((mask, label), (mask, ~label), (~mask, label)))
        assert row["pixels"] == int(known.sum())
        assert row["predicted_km2"] == pytest.approx((tp + fp) * 1e-4)
        assert row["label_km2"] == pytest.approx((tp + fn) * 1e-4)
        assert row["iou"] == pytest.approx(tp / (tp + fp + fn) if tp + fp + fn else np.nan, nan_ok=True)
        assert row["precision"] == pytest.approx(tp / (tp + fp) if tp + fp else np.nan, nan_ok=True)
        assert row["recall"] == pytest.approx(tp / (tp + fn) if tp + fn else np.nan, nan_ok=True)


def test_a_neighbour_that_only_the_mask_joins_counts_against_it() -> None:
    """Two ponds with a strip between them that is .3 sure: below .3 the mask has both, above it only the lake."""
    probability = np.zeros((5, 9))
    probability[1:4, 1:4], probability[1:4, 5:8], probability[2, 4] = 0.9, 0.9, 0.3
    label = probability > 0.5
    touched = np.zeros(label.shape, dtype=bool)
    touched[2, 2] = True
    rows = score_rows(of_lake(Predicted(probability, label, np.ones_like(label), 0.5, 1.0), partial(joined_to, touched=touched)))
    assert [row["predicted_km2"] for row in rows] == [19.0] * 6 + [9.0] * 12 + [0.0] * 2
    assert {row["label_km2"] for row in rows} == {9.0}
    assert rows[10]["iou"] == 1.0
    assert rows[10]["ece"] == pytest.approx((9 * 0.1 + 10 * 0.3) / 45), "the neighbour is .3 sure to be this lake, no more"
