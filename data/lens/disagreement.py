"""Which scenes two layers place among different neighbours: there the representations disagree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.lens.neighbours import BLOCK, neighbourhoods, standardised

AROUND = 10
"""Neighbours of a scene that are looked at."""
SHARE = 8
"""At most one scene in so many is a neighbour, else everything is near everything."""


@dataclass(frozen=True)
class Disagreement:
    """What became of each scene's neighbours.

    Args:
        around: K, how many neighbours were looked at.
        kept: (N,) how many of the K are the same in both layers.
        rank: (N,) the mean place among all scenes, by nearness in the one layer, of the K nearest in the other, both ways taken together:
            (K + 1) / 2 where they are the same, N / 2 where the layers have nothing in common.
    """

    around: int
    kept: NDArray[np.int64]
    rank: NDArray[np.float64]

    @property
    def by_chance(self) -> float:
        """Neighbours that two layers with nothing in common would share on average."""
        return self.around**2 / max(len(self.kept) - 1, 1)

    def order(self) -> NDArray[np.intp]:
        """Rows, the most different neighbourhoods first."""
        return np.argsort(-self.rank, kind="stable")


def disagreement(first: NDArray[np.floating], second: NDArray[np.floating], around: int = AROUND) -> Disagreement:
    """Compare the neighbourhoods of every scene, by the distance that data.lens.neighbours explains.

    Args:
        first, second: (N, p) and (N, q), the same scenes in the same order, N ≥ 2.
        around: K; fewer where there are fewer than 8 scenes for each.
    """
    count = max(1, min(around, (len(first) - 1) // SHARE))
    values = [standardised(each) for each in (first, second)]
    near = [neighbourhoods(each, count)[0] for each in values]
    kept = np.array([len(set(one) & set(two)) for one, two in zip(near[0].tolist(), near[1].tolist(), strict=True)], dtype=np.int64)
    return Disagreement(count, kept, (_mean_rank(values[1], near[0]) + _mean_rank(values[0], near[1])) / 2)


def _mean_rank(values: NDArray[np.float64], near: NDArray[np.intp]) -> NDArray[np.float64]:
    """(N,) mean place of some scenes of each row among all others, by nearness to it: 1 for the nearest; equals share their place.

    Args:
        values: (N, D).
        near: (N, K) rows.
    """
    size, out = len(values), np.zeros(len(values))
    length = np.square(values).sum(axis=1)
    for start in range(0, size, BLOCK):
        some = np.arange(start, min(start + BLOCK, size))
        square = length[some, None] + length - 2.0 * (values[some] @ values.T)
        square[np.arange(len(some)), some] = np.inf
        for column in near[some].T:
            mine = square[np.arange(len(some)), column][:, None]
            out[some] += ((square < mine).sum(axis=1) + (square <= mine).sum(axis=1) + 1) / 2
    return out / near.shape[1]
