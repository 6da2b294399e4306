"""How far each area lies from its neighbours in time, once a robust line is taken off, and how far is too far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.flags.packed import Packed, middle, spread
from data.flags.robust_line import residuals

ROBUST_SDS = 3.5
LEAST_JUMP = float(np.log(1.25))
"""Distance of log areas below which no area is apart."""
ERRORS = 2.0
"""Mapping errors, one of the area and one of its neighbours, that set none apart either."""
LEAST_N = 5


@dataclass(frozen=True)
class Apart:
    """Distances of log areas from those beside them; all (L, W), 0 or less where nothing can be said.

    Args:
        inner: From the nearer of the medians of up to two before and of up to two after, where both lie on the same side; signed.
        first: From the nearer of the next two, for the first observation; signed.
        last: From the nearer of the two before, for the last observation; signed.
        limit: What a distance has to exceed: 3.5 robust standard deviations of the distances of all areas from the median of their four
            neighbours, ln 1.25, twice the mapping error where it is known; infinite where the area itself lies within 3.5 robust
            standard deviations of the line, or the lake has fewer than 5 observations.
    """

    inner: NDArray[np.float64]
    first: NDArray[np.float64]
    last: NDArray[np.float64]
    limit: NDArray[np.float64]

    @property
    def outliers(self) -> NDArray[np.bool_]:
        """(L, W) single areas far from both sides."""
        return np.abs(self.inner) > self.limit


def apart(used: Packed) -> Apart:
    """Measure them.

    Args:
        used: L lakes × W observations.
    """
    y = residuals(used.year, used.log_area, used.n)
    none = np.full((len(y), 2), np.nan)
    padded, width = np.concatenate([none, y, none], axis=1), y.shape[1]
    second, before, after, later = (padded[:, k : k + width] for k in (0, 1, 3, 4))
    past, future = _mean(before, second), _mean(after, later)
    near = middle(np.stack([second, before, after, later], axis=-1).reshape(-1, 4)).reshape(y.shape)
    scatter = np.maximum(ROBUST_SDS * np.nan_to_num(spread(np.where(np.isnan(y), np.nan, y - near))), LEAST_JUMP)
    limit = np.maximum(scatter[:, None], ERRORS * np.nan_to_num(used.error))
    off_line = np.abs(y) > ROBUST_SDS * np.nan_to_num(spread(y))[:, None]
    limit = np.where(off_line & (used.n >= LEAST_N)[:, None], limit, np.inf)
    return Apart(_both(y - past, y - future), _both(y - after, y - later), _both(y - before, y - second), limit)


def _mean(near: NDArray[np.float64], far: NDArray[np.float64]) -> NDArray[np.float64]:
    """The median of up to two."""
    return np.where(np.isnan(far), near, 0.5 * (near + far))


def _both(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """The smaller of two signed distances that go the same way, else 0."""
    return np.where(one * other > 0, np.where(np.abs(one) < np.abs(other), one, other), 0.0)
