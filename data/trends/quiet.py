"""Quiet lakes, whose trend is not significant: which of them are stable, and which could not have shown a change."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data.errors import TrendError
from data.records import TrendTable
from data.trends.classes import CLASS_WORDS, NOT_SIGNIFICANT

WORTH = 2.0
"""A change worth seeing, %/yr of the lake's area, unless another is chosen."""

STABLE, UNOBSERVABLE, UNDECIDED = 4, 5, 6
"""Kinds of quiet lakes, beyond the codes of `data.trends.classes`."""
QUIET_WORDS = ("stable", "unobservable", "undecided")
KIND_WORDS = (*CLASS_WORDS, *QUIET_WORDS)
"""What kinds are called: the classes, and those into which lakes that are not significant are split."""


def kinds(table: TrendTable, codes: NDArray[np.integer], worth: float = WORTH) -> NDArray[np.int8]:
    """(L,) the class of each lake, with those that are not significant split in three.

    `STABLE`: a change worth seeing would have been found with 80 % (`detectable_pct` ≤ worth), and the 95 % interval of the slope excludes
    one. `UNOBSERVABLE`: it would not have been found, so that quiet means little. `UNDECIDED`: it would, but is not excluded either.

    Args:
        table: L lakes.
        codes: (L,) of `data.trends.classes.classes`.
        worth: The least change worth seeing, %/yr of the lake's area, whatever the response.

    Raises:
        TrendError: `worth` is not above 0.
    """
    if not worth > 0:
        raise TrendError(f"a change worth seeing of {worth} %/yr is none", "give one above 0")
    codes, (low, high) = codes.astype(np.int8), _interval_pct(table)
    seen = table.frame["detectable_pct"].to_numpy(dtype=float) <= worth
    excluded = (low > -worth) & (high < worth)
    return np.select([codes != NOT_SIGNIFICANT, ~seen, excluded], [codes, UNOBSERVABLE, STABLE], UNDECIDED).astype(np.int8)


def _interval_pct(table: TrendTable) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(L,) the ends of the slope's interval, %/yr of the lake's area."""
    low, high = (table.frame[name].to_numpy(dtype=float) for name in ("ci_low", "ci_high"))
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        if table.settings.response == "log":
            return 100.0 * np.expm1(low), 100.0 * np.expm1(high)
        mean = table.frame["mean_response"].to_numpy(dtype=float)
        return 100.0 * low / mean, 100.0 * high / mean
