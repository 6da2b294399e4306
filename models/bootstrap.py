"""How sure a mean of scores is: a bootstrap of whole clusters, since scenes of one sub-basin resemble each other.

Clusters are drawn with replacement, as many as there are, all scenes of a drawn cluster with it; the interval is that of the percentiles
(Davison and Hinkley 1997, Bootstrap Methods and their Application, sections 3.8 and 5.3).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

DRAWS = 2000
SEED = 0
LEVEL = 0.95
BLOCK = 2**20
"""Draws of a cluster that are held in memory at a time."""


@dataclass(frozen=True)
class Interval:
    """A mean and how sure it is.

    Args:
        mean: Over scenes; NaN where there are none.
        low, high: Of the 95 % interval; NaN where there are fewer than two clusters, of which nothing can be resampled.
        scenes, clusters: How many it rests on.
    """

    mean: float
    low: float
    high: float
    scenes: int
    clusters: int


def mean_interval(values: NDArray[np.float64], clusters: NDArray[Any], draws: int = DRAWS, seed: int = SEED) -> Interval:
    """The mean of scene scores with its interval.

    Args:
        values: (N,) a score each; NaN is left out.
        clusters: (N,) the cluster of each: names or numbers.
        draws: How often clusters are drawn.
        seed: Of the draws: the same seed and the same set of clusters give the same draws, whatever the scores.
    """
    known = np.isfinite(values)
    if not known.any():
        return Interval(math.nan, math.nan, math.nan, 0, 0)
    held = values[known]
    names, place = np.unique(clusters[known], return_inverse=True)
    sums, sizes = np.bincount(place, weights=held).astype(np.float64), np.bincount(place)
    low = high = math.nan
    if len(names) > 1:
        tail = (1 - LEVEL) / 2
        low, high = np.quantile(_resampled(sums, sizes, draws, seed), [tail, 1 - tail]).tolist()
    return Interval(float(held.mean()), low, high, len(held), len(names))


def paired_interval(
    first: NDArray[np.float64], second: NDArray[np.float64], clusters: NDArray[Any], draws: int = DRAWS, seed: int = SEED
) -> Interval:
    """The mean of `first` − `second` over the scenes that have both, with its interval; arguments as in `mean_interval`."""
    return mean_interval(first - second, clusters, draws, seed)


def _resampled(sums: NDArray[np.float64], sizes: NDArray[np.int64], draws: int, seed: int) -> NDArray[np.float64]:
    """(draws,) means over the scenes of the clusters drawn."""
    rng, count = np.random.default_rng(seed), len(sums)
    means: list[NDArray[np.float64]] = []
    left = draws
    while left:
        now = min(left, max(1, BLOCK // count))
        drawn = rng.integers(0, count, size=(now, count))
        means.append(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1))
        left -= now
    return np.concatenate(means)
