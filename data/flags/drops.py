"""Drops of area between two neighbouring dates that last, and how large a drop has to be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data.flags.packed import Packed, middle, spread

ROBUST_SDS = 3.0
LEAST_DROP = float(np.log(1.25))
"""Log drop that has to be exceeded where the mapping error of either date is not known."""
BEFORE, AFTER = 2, 2
"""Observations on either side that a drop is held against."""


def drops(water: Packed) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(L, W - 3) log drops after the second, third … observation, and what each has to exceed."""
    y, error = water.log_area, water.error
    with np.errstate(invalid="ignore", divide="ignore"):
        change, apart = y[:, 1:] - y[:, :-1], water.year[:, 1:] - water.year[:, :-1]
        change[~np.isfinite(change)] = np.nan
        rate = np.where(apart > 0, change / apart, np.nan)
        usual = np.minimum(np.nan_to_num(middle(rate)), 0.0)[:, None]  # a lake that shrinks steadily has not drained
        change -= usual * apart
        y = y - usual * (water.year - water.year[:, :1])
        drop = np.minimum(y[:, :-3], y[:, 1:-2]) - np.maximum(y[:, 2:-1], y[:, 3:])
    mapping = np.maximum(error[:, :-3], error[:, 1:-2]) + np.maximum(error[:, 2:-1], error[:, 3:])
    limit = np.maximum(ROBUST_SDS * np.nan_to_num(spread(change))[:, None], np.where(np.isnan(mapping), LEAST_DROP, mapping))
    whole = np.arange(drop.shape[1]) <= (water.n - BEFORE - AFTER)[:, None]
    return np.where(whole & ~np.isnan(drop), drop, -np.inf), limit
