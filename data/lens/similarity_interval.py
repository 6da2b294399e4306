"""How sure a similarity is: a bootstrap of whole lakes, since scenes of one lake resemble each other.

Every draw repeats lakes, and all of these measures rise when scenes repeat: percentiles of the draws would lie above the truth, often
wholly. The interval is therefore the basic one, which takes that rise off again, on the scale of Fisher's z, where it is even about the
estimate and stays within bounds (Davison & Hinkley 1997, Bootstrap Methods and their Application, sections 5.2 and 5.3; docs/lens.md
tells the measured coverage). Where a measure is far too high for want of scenes, the interval lies below it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.lens.alike import Features, centred
from data.lens.cca import SHARE, basis
from data.lens.resampling import BLOCK, Draws, cross_products, draws_of
from data.lens.similarity import MANY, similarity

DRAWS = 200
SEED = 0
LEVEL = 0.95
TINY = 1e-12
"""Share of the largest eigenvalue, or of what all scenes vary by, below which there is only rounding."""
EDGE = 1 - 1e-12
"""Fisher's z is taken within these bounds: at 1 itself it is infinite."""
SOME = 10
"""Draws that are worked out at a time, at most."""
TOO_MANY_LOST = 0.05
"""Share of the draws without a value from which on the rest says nothing: those without would be the low ones."""
FEW = 10
"""Lakes below which nothing is resampled."""


@dataclass(frozen=True)
class Span:
    """An interval of 95 %.

    Args:
        low, high: Its ends; NaN where there is none.
        lakes: How many were drawn from.
        reason: Why there is none; empty where there is one.
    """

    low: float
    high: float
    lakes: int
    reason: str = ""


def interval(
    first: NDArray[np.floating],
    second: NDArray[np.floating],
    measure: str,
    clusters: NDArray[Any],
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    tell: Callable[[int, int], None] = lambda done, of: None,
) -> Span:
    """The interval of a similarity of two layers.

    Args:
        first, second: (N, p) and (N, q), the same scenes in the same order.
        measure: A key of MEASURES.
        clusters: (N,) what is drawn whole: the lake of each scene, or the scene itself.
        draws: How often.
        seed: Of the draws.
        tell: Called with how many draws of how many are done; what it raises ends the work.
    """
    lakes = len(np.unique(clusters))
    found = similarity(first, second, measure)
    if math.isnan(found.value):
        return Span(math.nan, math.nan, lakes, found.reason)
    if lakes < FEW:
        return Span(math.nan, math.nan, lakes, f"{lakes} lakes are too few to draw from")
    # From many scenes the CKA is estimated in batches, and those are unbiased.
    like = "cka_unbiased" if measure == "cka" and len(first) >= MANY else measure
    drawn = _drawn(first, second, like, draws_of(clusters, draws, seed), tell)
    known = drawn[np.isfinite(drawn)]
    if len(known) < draws * (1 - TOO_MANY_LOST):
        return Span(math.nan, math.nan, lakes, f"in {draws - len(known)} of {draws} draws of lakes the layers vary too little to compare")
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(_z(known), [tail, 1 - tail]).tolist()
    here = math.atanh(min(max(found.value, -EDGE), EDGE))
    return Span(math.tanh(2 * here - high), math.tanh(2 * here - low), lakes)


def _drawn(
    first: NDArray[np.floating], second: NDArray[np.floating], measure: str, draws: Draws, tell: Callable[[int, int], None]
) -> Features:
    """(D,) the measure in each draw, some at a time: what all of them take together would grow with the square of the channels."""
    one, two = (np.asarray(each, dtype=np.float64) for each in (first, second))
    step, whole = max(1, min(SOME, BLOCK // max(one.shape[1], two.shape[1]) ** 2)), len(draws.counts)
    found: list[Features] = []
    for start in range(0, whole, step):
        tell(start, whole)
        found.append(DRAWN[measure](one, two, Draws(draws.place, draws.counts[start : start + step])))
    return np.concatenate(found)


def _z(values: Features) -> Features:
    return np.arctanh(np.clip(values, -EDGE, EDGE))


def _drawn_cka(first: Features, second: Features, draws: Draws) -> Features:
    """(D,) the plain CKA of each draw."""
    found = [_whole(*pair, draws) for pair in ((first, second), (first, first), (second, second))]
    return _quotient(found, first, second)


def _drawn_unbiased(first: Features, second: Features, draws: Draws) -> Features:
    """(D,) the unbiased CKA of each draw, in which two copies of one scene are no pair: their kernel would be its squared length."""
    weights = draws.weights
    lengths = [_lengths(centred(each), weights) for each in (first, second)]

    def hsic(a: int, b: int) -> Features:
        d, e, count = lengths[a], lengths[b], weights.sum(axis=1)
        whole = _whole((first, second)[a], (first, second)[b], draws) - (weights**2 * d * e).sum(axis=1)
        apart = (weights**2 * d).sum(axis=1) * (weights**2 * e).sum(axis=1) / ((count - 1) * (count - 2))
        return whole + apart - 2 / (count - 2) * (weights**3 * d * e).sum(axis=1)

    return _quotient([hsic(0, 1), hsic(0, 0), hsic(1, 1)], first, second)


def _whole(first: Features, second: Features, draws: Draws) -> Features:
    return np.square(cross_products(first, second, draws)).sum(axis=(1, 2))


def _quotient(found: list[Features], first: Features, second: Features) -> Features:
    """NaN for draws in which a layer varies by no more than rounding, beside all its scenes: else the CKA of rounding would count."""
    cross, one, two = found
    least = [TINY * float(np.square(held.T @ held).sum()) for held in (centred(first), centred(second))]
    return cross / np.sqrt(np.where((one > least[0]) & (two > least[1]), one * two, np.nan))


def _lengths(features: Features, weights: Features) -> Features:
    """(D, N) squared distance of each scene from the mean of each draw."""
    means = weights @ features / weights.sum(axis=1)[:, None]
    return np.square(features).sum(axis=1) - 2 * means @ features.T + np.square(means).sum(axis=1)[:, None]


def _drawn_cca(share: float) -> Callable[[Features, Features, Draws], Features]:
    def drawn(first: Features, second: Features, draws: Draws) -> Features:
        kept = [basis(each, share).shape[1] for each in (first, second)]
        whitened = [_whitening(cross_products(each, each, draws), most) for each, most in zip((first, second), kept, strict=True)]
        between = cross_products(first, second, draws)
        return np.array([_mean_correlation(between[at], whitened[0][at], whitened[1][at]) for at in range(len(between))])

    return drawn


def _whitening(covariances: Features, most: int) -> list[Features]:
    """Of each draw (C, k ≤ most): its leading directions, scaled to variance 1."""
    values, vectors = np.linalg.eigh(covariances)
    kept = [min(most, int((mine > TINY * mine[-1]).sum())) for mine in values]
    return [axes[:, -count:] / np.sqrt(mine[-count:]) for mine, axes, count in zip(values, vectors, kept, strict=True)]


def _mean_correlation(between: Features, first: Features, second: Features) -> float:
    return float(np.clip(np.linalg.svd(first.T @ between @ second, compute_uv=False), 0, 1).mean())


DRAWN = {"cka": _drawn_cka, "cka_unbiased": _drawn_unbiased, "svcca": _drawn_cca(SHARE), "cca": _drawn_cca(1.0)}
