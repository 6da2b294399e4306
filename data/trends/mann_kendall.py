"""The rank test of Mann and Kendall: the variance of S with ties, and z."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def variances(
    ordered_x: NDArray[np.float64], ordered_y: NDArray[np.float64], n: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(B,) variance of S under no trend with ties of either kind (Kendall 1970, eq. 5.6), and as Sen's interval takes it, without
    the products of both.

    Args:
        ordered_x, ordered_y: (B, W) years and responses, each row ascending, NaN behind them.
        n: (B,) observations.
    """
    whole = n * (n - 1) * (2 * n + 5)
    (t5, t2, t1), (u5, u2, u1) = _ties(ordered_x), _ties(ordered_y)
    untied = (whole - t5 - u5) / 18.0
    with np.errstate(divide="ignore", invalid="ignore"):
        both = t2 * u2 / (9.0 * n * (n - 1) * np.maximum(n - 2, 1)) + t1 * u1 / (2.0 * n * (n - 1))
    return untied + both, untied


def score(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """(B,) S: pairs of different dates that rise less those that fall.

    Args:
        x: (B, W) decimal years.
        y: (B, W) responses, NaN where there is none.
    """
    s = np.zeros(len(x))
    for lag in range(1, x.shape[1]):
        rise = (y[:, lag:] > y[:, :-lag]).astype(np.int8) - (y[:, lag:] < y[:, :-lag])
        apart = x[:, lag:] - x[:, :-lag]
        s += (rise if (apart > 0).all() else rise * np.sign(np.nan_to_num(apart))).sum(axis=1)
    return s


def z_of(s: NDArray[np.float64], variance: NDArray[np.float64]) -> NDArray[np.float64]:
    """(B,) z = (S ∓ 1)/√variance, 0 where S is."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return (s - np.sign(s)) / np.sqrt(variance)


def _ties(ordered: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """(B,) Σ k(k - 1)(2k + 5), Σ k(k - 1)(k - 2) and Σ k(k - 1) over the groups of k equal values of each ascending row."""
    sums = np.zeros((3, len(ordered)))
    same = ordered[:, 1:] == ordered[:, :-1]
    tied = np.flatnonzero(same.any(axis=1)) if same.any() else np.empty(0, dtype=np.intp)
    if len(tied):
        begins = np.concatenate([np.ones((len(tied), 1), dtype=bool), ~same[tied]], axis=1)
        row, _ = np.nonzero(begins)
        k = np.diff(np.append(np.flatnonzero(begins.ravel()), begins.size)).astype(np.float64)
        for place, each in enumerate((k * (k - 1) * (2 * k + 5), k * (k - 1) * (k - 2), k * (k - 1))):
            sums[place, tied] = np.bincount(row, weights=each, minlength=len(tied))
    return sums[0], sums[1], sums[2]
