"""The error rate over a two-dimensional projection, smoothed: where in the space of activations a network errs. Pure numpy.

Kernel regression (Nadaraya 1964, Theory Probab. Appl. 9; Watson 1964, Sankhyā A 26) with a Gaussian kernel: at each place the mean of the
scenes' errors, weighted by exp(−½ (distance / bandwidth)²). Over a grid that kernel is a product of one along x and one along y, so that
all weighted sums are one product of two matrices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from data.lens.clusters import numbered

FAINTEST = 1e-30
"""Support below which there is no estimate: no scene within about twelve bandwidths."""
MOST = 1_500
"""Scenes from which the bandwidth is chosen; of more, evenly many."""
SPREADS = np.geomspace(0.03, 1.0, 16)
"""Bandwidths that are tried, as shares of the spread."""


@dataclass(frozen=True)
class Field:
    """A smoothed error over a grid.

    Args:
        x: (X,) and
        y: (Y,): the grid's lines, in the projection's unit.
        error: (Y, X) weighted mean error; NaN where no scene is anywhere near.
        support: (Y, X) sum of the weights: how many scenes' worth of evidence is there, one at the very place counting 1.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    error: NDArray[np.float64]
    support: NDArray[np.float64]

    @property
    def certainty(self) -> NDArray[np.float64]:
        """(Y, X) 0 where no data are, towards 1 where many are: 1 − exp(−support / 2)."""
        return 1.0 - np.exp(-self.support / 2.0)


def error_field(places: NDArray[np.floating], errors: NDArray[np.floating], bandwidth: float, grid: tuple[ArrayLike, ArrayLike]) -> Field:
    """The error at every crossing of a grid's lines.

    Args:
        places: (N, 2); rows with a coordinate or an error that is not finite are left out.
        errors: (N,).
        bandwidth: Standard deviation of the kernel, in the unit of the places.
        grid: (X,) lines along x, (Y,) lines along y.

    Raises:
        ValueError: The bandwidth is not above 0.
    """
    if not bandwidth > 0:
        raise ValueError(f"bandwidth {bandwidth} is not above 0")
    x, y = (np.asarray(lines, dtype=np.float64) for lines in grid)
    at, error = known(places, errors)
    across, up = (np.exp(-0.5 * ((lines[:, None] - at[:, axis]) / bandwidth) ** 2) for axis, lines in ((0, x), (1, y)))
    support = up @ across.T
    total = (up * error) @ across.T
    seen = support > FAINTEST
    return Field(x, y, np.divide(total, support, out=np.full(support.shape, np.nan), where=seen), support)


def grid_over(places: NDArray[np.floating], lines: int = 100, margin: float = 0.08) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(X,) and (Y,): evenly spaced lines over all finite places, and some room around them."""
    held = np.asarray(places, dtype=np.float64)
    held = held[np.isfinite(held).all(axis=1)]
    low, high = (held.min(axis=0), held.max(axis=0)) if len(held) else (np.zeros(2), np.ones(2))
    room = np.where(high > low, (high - low) * margin, 1.0)
    x, y = (np.linspace(low[axis] - room[axis], high[axis] + room[axis], lines) for axis in (0, 1))
    return x, y


def spread(places: NDArray[np.floating]) -> float:
    """The root of the mean variance of the two axes, of the finite rows; 1 where nothing varies. Bandwidths are told as shares of it."""
    held = np.asarray(places, dtype=np.float64)
    held = held[np.isfinite(held).all(axis=1)]
    found = float(np.sqrt(held.var(axis=0).mean())) if len(held) else 0.0
    return found if found > 0 else 1.0


def chosen_bandwidth(places: NDArray[np.floating], errors: NDArray[np.floating], groups: NDArray[np.integer] | None = None) -> float:
    """The bandwidth, as a share of the spread, that is as wide as the data allow: the widest that foretells left-out lakes as well as any.

    Leave-one-out cross-validation over SPREADS, with a whole group left out at a time: the scenes of one lake lie close together and err
    alike, and with only one of them left out the narrowest kernel would always win. A place whose other groups are all too far away is
    foretold by the mean. Taken is the widest bandwidth that loses no more to the best one, scene by scene, than one standard error (over
    groups) of that difference: a narrower one would draw what may be chance (the one-standard-error rule of Breiman et al. 1984,
    Classification and Regression Trees, 3.4.3, on differences: against the error's own spread, one hard lake would allow any bandwidth).
    Where all errors are the same or fewer than ten scenes are known, Scott's rule for two dimensions, N^(−1/6) (Scott 1992, Multivariate
    Density Estimation).

    Args:
        places: (N, 2).
        errors: (N,).
        groups: (N,) which scenes belong together, e.g. lake keys; None: every scene for itself.
    """
    at, error = known(places, errors)
    together = np.arange(len(at)) if groups is None else np.asarray(groups)[known_rows(places, errors)]
    if len(at) < 10 or float(np.ptp(error)) == 0.0:
        return float(max(len(at), 1) ** (-1 / 6))
    some = np.linspace(0, len(at) - 1, min(len(at), MOST)).astype(int)
    at, error, together = at[some], error[some], together[some]
    square = ((at[:, None, :] - at[None, :, :]) ** 2).sum(axis=2) / spread(places) ** 2
    square[together[:, None] == together] = np.inf
    lost = np.array([_left_out(square, error, share) for share in SPREADS])
    more = lost - lost[lost.mean(axis=1).argmin()]
    by_group = np.stack([np.bincount(numbered(together), each - each.mean()) for each in more])
    allowed = more.mean(axis=1) <= np.sqrt((by_group**2).sum(axis=1)) / len(error)
    return float(SPREADS[np.flatnonzero(allowed)[-1]])


def _left_out(square: NDArray[np.float64], error: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """(N,) squared error of what the others foretell; `square`: (N, N) squared distances, infinite within a group."""
    weights = np.exp(square * (-0.5 / share**2))
    support = weights.sum(axis=1)
    foretold = np.divide(weights @ error, support, out=np.full(len(error), error.mean()), where=support > FAINTEST)
    return (foretold - error) ** 2


def known(places: NDArray[np.floating], errors: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The rows of which both are finite: (M, 2) and (M,)."""
    rows = known_rows(places, errors)
    return np.asarray(places, dtype=np.float64)[rows], np.asarray(errors, dtype=np.float64)[rows]


def known_rows(places: NDArray[np.floating], errors: NDArray[np.floating]) -> NDArray[np.bool_]:
    """(N,) whether place and error are finite."""
    return np.isfinite(np.asarray(places, dtype=np.float64)).all(axis=1) & np.isfinite(np.asarray(errors, dtype=np.float64))
