"""Centred kernel alignment with a linear kernel: how alike two representations place the same scenes, whatever their axes are.

Nothing here forms an N × N matrix: with centred features every sum over pairs of scenes is one over channels, at a cost of N·p·q.

Sources: Kornblith, Norouzi, Lee & Hinton 2019, Similarity of Neural Network Representations Revisited (ICML), sections 2.2 and 3;
Song, Smola, Gretton, Bedo & Borgwardt 2012, Feature Selection via Dependence Maximization (JMLR 13), theorem 2, for the unbiased HSIC;
Nguyen, Raghu & Kornblith 2021, Do Wide and Deep Networks Learn the Same Things? (ICLR), section 2.1, for minibatches.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.lens.alike import Alike, Features, centred, untold, unusable

LEAST = 2
LEAST_UNBIASED = 4
TOO_HIGH = 0.02
"""By how much the plain estimate may exceed the unbiased one before it is warned of."""


@dataclass(frozen=True)
class Hsic:
    """Three dependences whose quotient cross / √(first·second) is the CKA; a common factor cancels."""

    cross: float
    first: float
    second: float

    @property
    def cka(self) -> float:
        """NaN where either of the two is not positive."""
        below = self.first * self.second
        return self.cross / math.sqrt(below) if self.first > 0 and self.second > 0 else math.nan


def linear_cka(first: NDArray[np.floating], second: NDArray[np.floating]) -> Alike:
    """The CKA of Kornblith et al. 2019, ‖YᵀX‖² / (‖XᵀX‖ ‖YᵀY‖) of centred features (Frobenius norms).

    1 for the same representation, also when rotated, shifted or scaled as a whole; 0 where no channel of one goes with any of the other.
    With few scenes a channel it is too high: for noise of p and q channels about √(pq) / N (`unbiased_cka` is not).

    Args:
        first, second: (N, p) and (N, q), the same scenes in the same order.

    Raises:
        ValueError: They are not of the same scenes.
    """
    why = unusable(first, second, LEAST)
    if why:
        return untold(why)
    value = _plain(centred(first), centred(second)).cka
    fair = unbiased_hsic(first, second).cka if len(first) >= LEAST_UNBIASED else math.nan
    if value - fair <= TOO_HIGH:
        return Alike(value)
    most = max(first.shape[1], second.shape[1])
    instead = "" if math.isnan(fair) else f", the unbiased one is {fair:.2f}"
    return Alike(value, warning=f"{len(first):,} scenes are few for {most} channels: the plain CKA is too high{instead}")


def unbiased_cka(first: NDArray[np.floating], second: NDArray[np.floating]) -> Alike:
    """The CKA of the unbiased HSIC (Song et al. 2012): on average 0 for noise, however few the scenes; it may lie below 0.

    Arguments and errors are those of `linear_cka`; it takes 4 scenes.
    """
    why = unusable(first, second, LEAST_UNBIASED)
    return untold(why) if why else _told(unbiased_hsic(first, second))


def unbiased_hsic(first: NDArray[np.floating], second: NDArray[np.floating]) -> Hsic:
    """The three unbiased estimates of Song et al. 2012, equation 5, with linear kernels.

    With centred features each row of the kernel sums to 0, so that without its diagonal it sums to minus that diagonal; hence
    N(N - 3)·HSIC = ‖YᵀX‖² - N/(N - 2)·Σ d e + Σ d · Σ e / ((N - 1)(N - 2)), where d and e are the squared lengths of the scenes' rows.

    Args:
        first, second: (N, p) and (N, q), N ≥ 4.
    """
    one, two = centred(first), centred(second)
    plain, count = _plain(one, two), len(one)
    d, e = (one * one).sum(axis=1), (two * two).sum(axis=1)

    def unbiased(whole: float, mine: Features, theirs: Features) -> float:
        less = count / (count - 2) * float(mine @ theirs) - float(mine.sum() * theirs.sum()) / ((count - 1) * (count - 2))
        return (whole - less) / (count * (count - 3))

    return Hsic(unbiased(plain.cross, d, e), unbiased(plain.first, d, d), unbiased(plain.second, e, e))


def minibatch_cka(batches: Iterable[tuple[NDArray[np.floating], NDArray[np.floating]]]) -> Alike:
    """The CKA from batches, of which one is held at a time (Nguyen et al. 2021, equations 2 and 3).

    The unbiased HSIC are averaged over the batches before they are divided: the mean over all batches of one size is exactly that of
    all scenes, whatever that size, and so the CKA tends to `unbiased_cka` with ever more batches.

    Args:
        batches: Pairs of (n, p) and (n, q), the same scenes in the same order within a pair; those of fewer than 4 scenes are left out.
    """
    found = [unbiased_hsic(first, second) for first, second in batches if len(first) >= LEAST_UNBIASED and not _broken(first, second)]
    return _told(mean_hsic(found)) if found else untold("no batch holds 4 scenes with finite features")


def mean_hsic(found: list[Hsic]) -> Hsic:
    """The means of the three."""
    cross, first, second = np.array([(each.cross, each.first, each.second) for each in found]).mean(axis=0).tolist()
    return Hsic(cross, first, second)


def batches_of(count: int, size: int, passes: int = 1, seed: int = 0) -> Iterable[NDArray[np.int64]]:
    """Rows in random batches of one size, each row at most once a pass; what is left over of a pass is not used in it.

    Args:
        count: Rows there are.
        size: Of a batch.
        passes: How often all rows are shuffled and dealt.
        seed: Of the shuffling.
    """
    rng, size = np.random.default_rng(seed), min(size, count)
    for _ in range(passes):
        order = rng.permutation(count)
        yield from (order[start : start + size] for start in range(0, count - size + 1, size))


def _plain(one: Features, two: Features) -> Hsic:
    """Squared Frobenius norms of the cross products of centred features."""
    return Hsic(*(float(np.square(a.T @ b).sum()) for a, b in ((one, two), (one, one), (two, two))))


def _told(found: Hsic) -> Alike:
    if math.isnan(found.cka):
        return untold("the scenes are too few, or vary too little, for an unbiased estimate")
    return Alike(found.cka)


def _broken(first: NDArray[np.floating], second: NDArray[np.floating]) -> bool:
    return len(first) != len(second) or not (np.isfinite(first).all() and np.isfinite(second).all())
