"""Bootstrap draws of whole lakes, as sums over them: how two layers' channels go together in every draw at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.lens.alike import Features, centred

BLOCK = 2**22
"""Numbers that products of lakes may hold at a time."""


@dataclass(frozen=True)
class Draws:
    """Lakes drawn with replacement, as many as there are.

    Args:
        place: (N,) the lake of each scene, 0 … A - 1.
        counts: (D, A) how often each lake is in each draw.
    """

    place: NDArray[np.int64]
    counts: Features

    @property
    def weights(self) -> Features:
        """(D, N) how often each scene is in each draw."""
        return self.counts[:, self.place]


def draws_of(clusters: NDArray[Any], draws: int, seed: int) -> Draws:
    """Draw clusters.

    Args:
        clusters: (N,) what each scene belongs to: names or numbers.
        draws: How many draws.
        seed: The same seed and the same set of clusters give the same draws.
    """
    names, place = np.unique(clusters, return_inverse=True)
    drawn = np.random.default_rng(seed).integers(0, len(names), size=(draws, len(names)))
    return Draws(place.ravel(), np.array([np.bincount(each, minlength=len(names)) for each in drawn], dtype=np.float64))


def cross_products(first: NDArray[np.floating], second: NDArray[np.floating], draws: Draws) -> Features:
    """(D, p, q) sums over the scenes of each draw of first ⊗ second, each less its mean in that draw.

    Args:
        first, second: (N, p) and (N, q).
        draws: D draws of the N scenes.
    """
    one, two = centred(first), centred(second)
    shape = (one.shape[1], two.shape[1])
    total = np.zeros((len(draws.counts), shape[0] * shape[1]))
    order = np.argsort(draws.place, kind="stable")
    ends = np.concatenate([[0], np.cumsum(np.bincount(draws.place))])
    step = max(1, BLOCK // (shape[0] * shape[1]))
    for start in range(0, len(ends) - 1, step):
        lakes = range(start, min(start + step, len(ends) - 1))
        rows = [order[ends[lake] : ends[lake + 1]] for lake in lakes]
        total += draws.counts[:, lakes.start : lakes.stop] @ np.array([(one[row].T @ two[row]).ravel() for row in rows])
    weights = draws.weights
    size = weights.sum(axis=1)[:, None]
    means = [(weights @ each) / size for each in (one, two)]
    return total.reshape(-1, *shape) - size[:, :, None] * means[0][:, :, None] * means[1][:, None, :]
