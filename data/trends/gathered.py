"""Gapped series as rectangles without gaps: lakes of equally many observations together, the observations moved together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

CELLS = 131_072
"""Observations of a block, about: a call costs little beside its work, and a few such blocks fit the caches."""


def gathered(
    year: NDArray[np.float64], value: NDArray[np.float64], least: int = 2, cells: int = CELLS
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.float64]]]:
    """Blocks of lakes that have n observations each: their rows (B,), years (B, n) and values (B, n); the order of observations stays.

    Args:
        year: (L, T) decimal years.
        value: (L, T), NaN where an observation is missing.
        least: Lakes with fewer observations are left out.
        cells: Observations of a block, about.
    """
    for rows, (x, y) in gathered_all(~np.isnan(value), year, value, least=least, cells=cells):
        yield rows, x, y


def gathered_all(
    held: NDArray[np.bool_], *arrays: NDArray[np.float64], least: int = 2, cells: int = CELLS
) -> Iterator[tuple[NDArray[np.intp], list[NDArray[np.float64]]]]:
    """The same for any arrays of such observations: rows (B,), and each array (B, n).

    Args:
        held: (L, T) what is observed.
        arrays: (L, T) each.
        least: Lakes with fewer observations are left out.
        cells: Observations of a block, about.
    """
    n = held.sum(axis=1)
    flat = [np.compress(held.ravel(), values) for values in arrays]
    first = np.cumsum(n) - n
    order = np.argsort(n.astype(np.int32), kind="stable")
    ends = np.cumsum(np.bincount(n, minlength=1))
    for count in np.flatnonzero(np.diff(ends, prepend=0)):
        if count < max(least, 1):
            continue
        lakes = order[ends[count - 1] : ends[count]]
        windows = [sliding_window_view(values, int(count)) for values in flat]
        step = max(1, cells // int(count))
        for start in range(0, len(lakes), step):
            rows = lakes[start : start + step]
            yield rows, [values[first[rows]] for values in windows]
