"""How well a ranking put those first that burst later. Lakes count, not floods."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Values = NDArray[np.float64]
Counts = NDArray[np.int64]

FEWEST = 10
"""Lakes that burst later from which on a share and its interval say something; below it ranks are all there is."""
DRAWS = 2000


def ranks(score: Values) -> Values:
    """(L,) 1 for the highest score, ties sharing the mean of their ranks; NaN where there is no score."""
    out = np.full(len(score), np.nan)
    known = np.isfinite(score)
    out[known] = pd.Series(-score[known]).rank(method="average").to_numpy()
    return out


def recall_at(rank: Values, later: NDArray[np.bool_], depths: Sequence[int]) -> list[float]:
    """For each depth the share of the ranked lakes that burst later which stand at that rank or above; NaN where there are none."""
    held = rank[later & np.isfinite(rank)]
    return [float(np.mean(held <= depth)) if len(held) else float("nan") for depth in depths]


def auc(score: Values, later: NDArray[np.bool_]) -> float:
    """The chance that a lake that burst later has a higher score than one that did not, ties counting half; NaN where one kind is lacking.

    Args:
        score: (L,), NaN for lakes that are left out.
        later: (L,) which burst later.
    """
    others, mine = _counted(score, later)
    return float(_areas(others[None], mine[None])[0]) if mine.sum() and others.sum() else float("nan")


def auc_interval(score: Values, later: NDArray[np.bool_], seed: int = 0, draws: int = DRAWS, level: float = 0.95) -> tuple[float, float]:
    """A bootstrap interval (percentiles) of `auc`: lakes of either kind are drawn with replacement, as many as there are of it.

    Drawing the others amounts to drawing how many of them fall below, on and between the scores of those that burst: a multinomial,
    so that the cost does not grow with the inventory.
    """
    others, mine = _counted(score, later)
    if not mine.sum() or not others.sum():
        return float("nan"), float("nan")
    random = np.random.default_rng(seed)
    drawn = (random.multinomial(int(each.sum()), each / each.sum(), size=draws) for each in (others, mine))
    low, high = np.quantile(_areas(*drawn), [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _counted(score: Values, later: NDArray[np.bool_]) -> tuple[Counts, Counts]:
    """(2U + 1,) how many of the others lie below the lowest of the U scores of those that burst, on it, between it and the next, …;
    and (U,) how many of those that burst have each.
    """
    known = np.isfinite(score)
    values, mine = np.unique(score[known & later], return_counts=True)
    others = np.sort(score[known & ~later])
    edges = np.stack([np.searchsorted(others, values, side=side) for side in ("left", "right")], axis=1).ravel()
    return np.diff(np.concatenate([[0], edges, [len(others)]])), mine


def _areas(others: Counts, mine: Counts) -> Values:
    """(B,) AUC of B draws, each (B, …) as `_counted` has them."""
    upto = np.cumsum(others, axis=1)
    won = upto[:, 0:-1:2] + 0.5 * others[:, 1::2]
    return (won * mine).sum(axis=1) / (mine.sum(axis=1) * others.sum(axis=1))
