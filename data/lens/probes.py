"""Concept probes: how well a linear reading of one layer's activations tells snow, shadow, turbidity or size. Pure numpy.

A probe (Alain and Bengio 2016, arXiv:1610.01644) is a ridge regression on the standardised channel means of a layer. It is judged on lakes
(or regions) that it never saw: the scenes of a lake look alike, so that a probe judged on a lake it learned from reads the lake, not the
concept. Its penalty is chosen within the scenes it learns from, by whole lakes again. A concept that most scenes lack is read as present
or not and judged by the area under the ROC curve (a ridge fit to 0 and 1 is a regularised linear discriminant; the area asks only for its
order); any other by R² on lakes left out, which is 0 for a probe that says the mean it learned and below 0 for one that is worse. In both
the mean that each fold learned is taken off first: where its own scenes have more, the mean of the others is less, so that a probe that
knows nothing would else seem to know the opposite (an area of .37 was measured where .5 is meant).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.lens.clusters import numbered, resampled
from data.lens.neighbours import standardised

CONCEPTS = {"size_km2": "size", "snow": "snow", "shadow": "shadow", "turbidity": "turbidity"}
"""Column of the scenes → what people read."""
FEWEST_SCENES, FEWEST_GROUPS = 30, 10
FOLDS, INNER = 5, 4
PENALTIES = np.geomspace(1e-2, 1e5, 8)
SHUFFLES = 10
RESAMPLES = 400


@dataclass(frozen=True)
class Target:
    """What a probe is to read.

    Args:
        values: (N,) float64, NaN where unknown; 0 or 1 for a concept that is there or not.
        binary: Whether it is.
        words: How the column was read: `log10 of km²`, `present in a scene`, ….
    """

    values: NDArray[np.float64]
    binary: bool
    words: str


@dataclass(frozen=True)
class Reading:
    """How well one layer tells one concept.

    Args:
        score: R² or, for a binary target, the area under the ROC curve, on groups that were left out.
        low, high: 95 % of bootstrap resamples of whole groups.
        chance: Mean score of the same probe on shuffled values: the groups' blocks of values dealt to others.
        scenes, groups: How many were known.
    """

    score: float
    low: float
    high: float
    chance: float
    scenes: int
    groups: int


def target_of(name: str, column: NDArray[np.floating]) -> Target | None:
    """How a concept is read; None where too few scenes know it or it does not vary.

    Args:
        name: Of the column; areas (`…_km2`) are read as their logarithm.
        column: (N,) NaN where unknown.
    """
    values = np.asarray(column, dtype=np.float64)
    if name.endswith("_km2"):
        values = np.log10(values, out=np.full(len(values), np.nan), where=values > 0)
    held = values[np.isfinite(values)]
    if len(held) < FEWEST_SCENES or float(np.ptp(held)) == 0.0:
        return None
    lowest = held == held.min()
    if lowest.mean() <= 0.5:
        return Target(np.where(np.isfinite(values), values, np.nan), False, "log10 of km²" if name.endswith("_km2") else "its value")
    if (~lowest).sum() < FEWEST_GROUPS:
        return None
    return Target(np.where(np.isfinite(values), (values > held.min()).astype(float), np.nan), True, "present in a scene or not")


def probe(features: NDArray[np.floating], target: Target, groups: NDArray[np.generic], seed: int = 0) -> Reading | None:
    """Read one concept from one layer; None where the known scenes are of too few groups.

    Args:
        features: (N, C) finite.
        target: (N,).
        groups: (N,) lake or region of each scene: none is both learned from and judged by.
        seed: Of folds, shuffles and resamples.
    """
    rows = np.isfinite(target.values)
    group = numbered(groups[rows])
    count = int(group.max()) + 1 if rows.any() else 0
    if rows.sum() < FEWEST_SCENES or count < FEWEST_GROUPS:
        return None
    rng = np.random.default_rng(seed)
    truth = target.values[rows]
    wanted = np.stack([truth, *(_dealt(truth, group, rng) for _ in range(SHUFFLES))], axis=1)
    more, own = foretold(standardised(features)[rows], wanted, group, rng)
    weights = np.vstack([np.ones(count), resampled(count, RESAMPLES, rng)])[:, group]
    judge = area_under_curve if target.binary else explained
    scores = judge(truth if target.binary else own[:, 0], more[:, 0], weights)
    chance = [
        float(judge((wanted if target.binary else own)[:, place], more[:, place], weights[:1])[0]) for place in range(1, SHUFFLES + 1)
    ]
    low, high = np.nanquantile(scores[1:], [0.025, 0.975])
    return Reading(float(scores[0]), float(low), float(high), float(np.nanmean(chance)), int(rows.sum()), count)


def foretold(
    values: NDArray[np.float64], wanted: NDArray[np.float64], group: NDArray[np.intp], rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What ridge regressions say of each row that learned from other groups, and the truth; both less the mean that they learned.

    Args:
        values: (N, D).
        wanted: (N, T) targets, each with a penalty of its own.
        group: (N,) numbers from 0.
        rng: Deals groups to folds.

    Returns:
        (N, T) and (N, T).
    """
    told, mean = np.empty_like(wanted), np.empty_like(wanted)
    fold = _folds(group, FOLDS, rng)
    for number in range(FOLDS):
        learned, judged = fold != number, fold == number
        penalty = _penalties(values[learned], wanted[learned], group[learned], rng)
        told[judged] = _ridge(values[learned], wanted[learned], values[judged])[penalty, :, np.arange(wanted.shape[1])].T
        mean[judged] = wanted[learned].mean(axis=0)
    return told - mean, wanted - mean


def _penalties(
    values: NDArray[np.float64], wanted: NDArray[np.float64], group: NDArray[np.intp], rng: np.random.Generator
) -> NDArray[np.intp]:
    """(T,) the penalty that foretells left-out groups best, per target."""
    lost = np.zeros((len(PENALTIES), wanted.shape[1]))
    fold = _folds(group, INNER, rng)
    for number in range(INNER):
        learned, judged = fold != number, fold == number
        lost += ((_ridge(values[learned], wanted[learned], values[judged]) - wanted[judged]) ** 2).sum(axis=1)
    return lost.argmin(axis=0)


def _ridge(values: NDArray[np.float64], wanted: NDArray[np.float64], asked: NDArray[np.float64]) -> NDArray[np.float64]:
    """(P, M, T) what ridge regressions of each penalty on (N, D) and (N, T) say of (M, D); the mean is not penalised."""
    centre, mean = values.mean(axis=0), wanted.mean(axis=0)
    held = values - centre
    size, turned = np.linalg.eigh(held.T @ held)
    along = turned.T @ (held.T @ (wanted - mean))
    asked = (asked - centre) @ turned
    return np.stack([asked @ (along / (np.maximum(size, 0.0) + penalty)[:, None]) for penalty in PENALTIES]) + mean


def _folds(group: NDArray[np.intp], folds: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """(N,) the fold of each row: whole groups, the largest first, each to the fold with the fewest rows so far."""
    names, size = np.unique(group, return_counts=True)
    order = rng.permutation(len(names))
    order = order[np.argsort(-size[order], kind="stable")]
    fold, filled = np.zeros(int(group.max()) + 1, dtype=np.intp), np.zeros(folds, dtype=int)
    for place in order:
        emptiest = int(filled.argmin())
        fold[names[place]] = emptiest
        filled[emptiest] += size[place]
    return fold[group]


def _dealt(truth: NDArray[np.float64], group: NDArray[np.intp], rng: np.random.Generator) -> NDArray[np.float64]:
    """The same values, the groups' blocks of them in another order: what a scene has is another lake's, and runs stay runs."""
    own = np.argsort(group, kind="stable")
    others = np.argsort(rng.permutation(int(group.max()) + 1)[group], kind="stable")
    out = np.empty_like(truth)
    out[own] = truth[others]
    return out


def explained(truth: NDArray[np.float64], told: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """(B,) R² under each row of weights: 1 − squared error of what is told / squared error of saying the mean.

    Args:
        truth, told: (N,), both less the mean that was learned.
        weights: (B, N).
    """
    total = weights @ truth**2
    return 1.0 - np.divide(weights @ (told - truth) ** 2, total, out=np.full(len(weights), np.nan), where=total > 0)


def area_under_curve(truth: NDArray[np.float64], told: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """(B,) area under the ROC curve under each row of weights: how often a scene that has it stands above one that has not, ties half.

    Args:
        truth: (N,) 0 or 1.
        told: (N,).
        weights: (B, N).
    """
    _, level = np.unique(told, return_inverse=True)
    levels = int(level.max()) + 1
    order = np.argsort(level, kind="stable")
    starts = np.searchsorted(level[order], np.arange(levels))
    has, lacks = (np.add.reduceat((weights * each)[:, order], starts, axis=1) for each in (truth, 1.0 - truth))
    below = np.cumsum(lacks, axis=1) - lacks
    pairs = has.sum(axis=1) * lacks.sum(axis=1)
    return np.divide((has * (below + lacks / 2)).sum(axis=1), pairs, out=np.full(len(weights), np.nan), where=pairs > 0)
