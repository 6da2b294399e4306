"""Metrics against scikit-learn, shapely's own masks, a distance transform and plain loops, on random masks, empties included."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import ndimage
from sklearn.metrics import jaccard_score, precision_score, recall_score

from models.metrics import BINS, THRESHOLDS, boundary_f1, counts, counts_at, error_parts, frechet_px, outer_shore, reliability, shore

CASES = 500


def blob(rng: np.random.Generator, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Smooth noise cut at a random height: nothing, one lake, many, or all."""
    field = ndimage.gaussian_filter(rng.normal(size=size), rng.uniform(0.5, 4))
    return field > np.quantile(field, rng.choice([0.3, 0.6, 0.9, 0.97, 1.0, -0.0]))


def pair(seed: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Two masks that overlap more or less; every tenth of one kind is empty."""
    rng = np.random.default_rng(seed)
    size = (int(rng.integers(5, 40)), int(rng.integers(5, 40)))
    label = blob(rng, size)
    predicted = np.roll(label, rng.integers(-3, 4, 2), (0, 1)) if seed % 2 else blob(rng, size)
    return (np.zeros_like(predicted) if seed % 10 == 3 else predicted), (np.zeros_like(label) if seed % 10 in {3, 7} else label)


PAIRS = [pair(seed) for seed in range(CASES)]


def same(ours: float, theirs: float) -> bool:
    return (math.isnan(ours) and math.isnan(theirs)) or math.isclose(ours, theirs, rel_tol=0, abs_tol=1e-9)


def test_shares_are_those_of_scikit_learn() -> None:
    for predicted, label in PAIRS:
        found, flat = counts(predicted, label), (label.ravel(), predicted.ravel())
        either = bool(predicted.any() or label.any())
        assert same(float(found.iou), float(jaccard_score(*flat)) if either else math.nan)
        assert same(float(found.precision), float(precision_score(*flat)) if predicted.any() else math.nan)
        assert same(float(found.recall), float(recall_score(*flat)) if label.any() else math.nan)
        bias = (int(predicted.sum()) - int(label.sum())) / int(label.sum()) if label.any() else math.nan
        assert same(float(found.area_bias), bias)


def flooded(mask: NDArray[np.bool_]) -> list[set[tuple[int, int]]]:
    """The bodies of a mask, pixel by pixel."""
    left = set(zip(*(axis.tolist() for axis in np.nonzero(mask)), strict=True))
    bodies: list[set[tuple[int, int]]] = []
    while left:
        body, edge = set(), [left.pop()]
        while edge:
            y, x = edge.pop()
            body.add((y, x))
            near = {(y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)} & left
            left -= near
            edge += near
        bodies.append(body)
    return bodies


def test_errors_are_of_lakes_missed_false_lakes_or_boundaries() -> None:
    rng = np.random.default_rng(2)
    for predicted, label in PAIRS[:150]:
        known = rng.random(label.shape) < 0.9
        water, truth = predicted & known, label & known
        ours, theirs = flooded(water), flooded(truth)
        missed = [body for body in theirs if not any(water[at] for at in body)]
        false = [body for body in ours if not any(truth[at] for at in body)]
        found = error_parts(predicted, label, known)
        assert (found.missed_lakes, found.label_lakes) == (len(missed), len(theirs))
        assert (found.false_lakes, found.predicted_lakes) == (len(false), len(ours))
        assert (found.missed_px, found.false_px) == (sum(map(len, missed)), sum(map(len, false)))
        sums = counts(predicted, label, known)
        assert found.missed_px + found.false_px + found.boundary_px == int(sums.fp + sums.fn)
        assert found.boundary_px >= 0


def test_unknown_pixels_do_not_count() -> None:
    rng = np.random.default_rng(1)
    for predicted, label in PAIRS[:50]:
        known = rng.random(label.shape) < 0.6
        ours, theirs = counts(predicted, label, known), counts(predicted[known][None], label[known][None])
        assert (ours.tp, ours.fp, ours.fn, ours.tn) == (theirs.tp, theirs.fp, theirs.fn, theirs.tn)


def distance_f1(predicted: NDArray[np.bool_], label: NDArray[np.bool_], reach: int) -> float:
    """By distance transforms, the shores found by looking at each pixel's neighbours."""

    def edge(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        out = np.zeros_like(mask)
        for y, x in zip(*np.nonzero(mask), strict=True):
            sides = [(y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)]
            out[y, x] = any(0 <= v < mask.shape[0] and 0 <= u < mask.shape[1] and not mask[v, u] for v, u in sides)
        return out

    ours, theirs = edge(predicted), edge(label)
    if not ours.any() and not theirs.any():
        return math.nan
    if not ours.any() or not theirs.any():
        return 0.0
    precision = float((ndimage.distance_transform_edt(~theirs)[ours] <= reach + 1e-9).mean())
    recall = float((ndimage.distance_transform_edt(~ours)[theirs] <= reach + 1e-9).mean())
    return 0.0 if precision + recall == 0 else 2 * precision * recall / (precision + recall)


@pytest.mark.parametrize("reach", [1, 2])
def test_the_boundary_f1_is_that_of_a_distance_transform(reach: int) -> None:
    for predicted, label in PAIRS:
        assert same(boundary_f1(predicted, label, reach), distance_f1(predicted, label, reach))


def loop_frechet(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Eiter and Mannila's table, filled cell by cell."""
    table = np.full((len(a), len(b)), np.inf)
    for i in range(len(a)):
        for j in range(len(b)):
            before = [table[i - 1, j] if i else np.inf, table[i, j - 1] if j else np.inf, table[i - 1, j - 1] if i and j else np.inf]
            table[i, j] = max(math.dist(a[i], b[j]), min(before) if i or j else 0.0)
    return float(table[-1, -1])


def test_the_frechet_distance_is_that_of_a_plain_table_or_a_little_above() -> None:
    """GEOS searches near the diagonal only; where two shores have little in common it may miss the best walk."""
    missed = 0
    for predicted, label in PAIRS[:200]:
        ours, theirs = outer_shore(predicted), outer_shore(label)
        assert (ours is None) == (not predicted.any())
        if ours is None or theirs is None:
            assert math.isnan(frechet_px(predicted, label))
            continue
        best = loop_frechet(np.asarray(ours.coords), np.asarray(theirs.coords))
        assert frechet_px(predicted, label) >= best - 1e-9
        missed += frechet_px(predicted, label) > best + 1e-9
    assert missed < 20


def test_a_shore_that_moved_by_three_pixels_lies_three_pixels_away() -> None:
    label = np.zeros((30, 30), dtype=bool)
    label[8:20, 6:15] = True
    assert frechet_px(np.roll(label, 3, axis=1), label) == 3.0
    assert frechet_px(label, label) == 0.0
    pond = label.copy()
    pond[1:3, 25:28] = True
    assert frechet_px(pond, label) == 0.0, "the largest body counts"


def test_the_edge_of_the_image_is_no_shore() -> None:
    assert not shore(np.ones((6, 7), dtype=bool)).any()


def test_the_counts_at_every_threshold_are_those_of_each_by_itself() -> None:
    rng = np.random.default_rng(5)
    for _, label in PAIRS[:100]:
        probability = np.round(rng.random(label.shape), int(rng.integers(2, 9))).astype(rng.choice([np.float32, np.float64]))
        probability[rng.random(label.shape) < 0.1] = np.nan
        known = rng.random(label.shape) < 0.8
        found = counts_at(probability, label, known)
        for place, threshold in enumerate(THRESHOLDS):
            alone = counts(probability > probability.dtype.type(threshold), label, known & np.isfinite(probability))
            assert [line[place] for line in (found.tp, found.fp, found.fn, found.tn)] == [alone.tp, alone.fp, alone.fn, alone.tn]


def loop_ece(probability: NDArray[np.floating], label: NDArray[np.bool_]) -> float:
    cells = list(zip(probability.ravel().tolist(), label.ravel().tolist(), strict=True))
    total = 0.0
    for place in range(BINS):
        low, high = place / BINS, (place + 1) / BINS
        held = [(p, y) for p, y in cells if low <= p < high or (place == BINS - 1 and p == 1)]
        if held:
            total += abs(sum(p for p, _ in held) / len(held) - sum(y for _, y in held) / len(held)) * len(held)
    return total / len(cells)


def test_the_calibration_error_is_that_of_a_plain_loop() -> None:
    rng = np.random.default_rng(9)
    for _, label in PAIRS:
        # Away from the bins' edges, where a loop in another order of rounding may decide otherwise.
        probability = (rng.integers(0, BINS, label.shape) + rng.uniform(0.001, 0.999, label.shape)) / BINS
        probability[rng.random(label.shape) < 0.05] = 1.0
        found = reliability(probability, label)
        assert same(found.ece, loop_ece(probability, label))
        assert found.pixels.sum() == label.size


def test_nothing_to_score_is_not_a_number() -> None:
    nothing = reliability(np.full((3, 3), np.nan), np.zeros((3, 3), dtype=bool))
    assert math.isnan(nothing.ece)
    none = np.zeros((3, 3), dtype=bool)
    assert all(math.isnan(value) for value in (float(counts(none, none).iou), boundary_f1(none, none, 1), frechet_px(none, none)))


@given(st.integers(0, 2**32 - 1))
def test_a_mask_agrees_with_itself(seed: int) -> None:
    mask = blob(np.random.default_rng(seed), (24, 31))
    found = counts(mask, mask)
    assert not mask.any() or float(found.iou) == float(found.precision) == float(found.recall) == 1.0
    assert not shore(mask).any() or boundary_f1(mask, mask, 1) == 1.0
    other = blob(np.random.default_rng(seed + 1), (24, 31))
    assert same(float(counts(mask, other).iou), float(counts(other, mask).iou))
    assert same(boundary_f1(mask, other, 2), boundary_f1(other, mask, 2))
