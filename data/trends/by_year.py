"""Values of neighbours in time: observations told apart by their nominal years, whatever is missing between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.trends.ols import R1_MIN_N, R1_MIN_PAIRS


@dataclass(frozen=True)
class ByYear:
    """Values of B lakes with n observations each, summed by nominal year.

    Args:
        n: Observations.
        total: (B, Y) Σ of the values of each year, from the lake's first on.
        count: (B, Y) how many.
        years: (B,) from the first to the last, both counted.
        square: (B,) mean square.
    """

    n: int
    total: NDArray[np.float64]
    count: NDArray[np.float64]
    years: NDArray[np.float64]
    square: NDArray[np.float64]

    def pairs(self, lag: int) -> NDArray[np.float64]:
        """(B,) pairs of observations `lag` years apart."""
        return np.vecdot(self.count[:, lag:], self.count[:, :-lag])

    def correlation(self, lag: int) -> NDArray[np.float64]:
        """(B,) of values `lag` years apart: Σ v_i v_j over the pairs, divided by their number, times (Y - lag)/Y, over the mean square.

        Without gaps that is the usual biased estimate, Σ v_t v_{t+lag} / Σ v_t². NaN where there is no pair.
        """
        shrunk = 1.0 - lag / self.years
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.vecdot(self.total[:, lag:], self.total[:, :-lag]) / self.pairs(lag) * shrunk / self.square

    @property
    def known(self) -> NDArray[np.bool_]:
        """(B,) where observations are many enough to tell their serial correlation (as for least squares)."""
        return (self.pairs(1) >= R1_MIN_PAIRS) & (self.n >= R1_MIN_N)


def by_year(nominal: NDArray[np.float64], values: NDArray[np.float64]) -> ByYear:
    """Sum values by nominal year, their mean taken off.

    Args:
        nominal: (B, n) whole years, ascending.
        values: (B, n).
    """
    lakes, n = values.shape
    place = (nominal - nominal[:, :1]).astype(np.intp)
    width = max(int(place.max(initial=0)) + 1, 2)
    flat = (np.arange(lakes)[:, None] * width + place).ravel()
    centred = values - values.mean(axis=1, keepdims=True)
    total = np.bincount(flat, weights=centred.ravel(), minlength=lakes * width).astype(np.float64)
    count = np.bincount(flat, minlength=lakes * width).astype(np.float64)
    years = nominal[:, -1] - nominal[:, 0] + 1.0
    return ByYear(n, total.reshape(lakes, width), count.reshape(lakes, width), years, np.vecdot(centred, centred) / n)
