"""Gapped series as rectangles without gaps: lakes of equally many observations together, the observations moved together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
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
    held = ~np.isnan(value)
    n = held.sum(axis=1)
    flat_year, flat_value = year[held], value[held]
    first = np.cumsum(n) - n
    order = np.argsort(n.astype(np.int32), kind="stable")
    ends = np.cumsum(np.bincount(n, minlength=1))
    for count in np.flatnonzero(np.diff(ends, prepend=0)):
        if count < max(least, 1):
            continue
        lakes = order[ends[count - 1] : ends[count]]
        step = max(1, cells // int(count))
        for start in range(0, len(lakes), step):
            rows = lakes[start : start + step]
            place = first[rows][:, None] + np.arange(count)
            yield rows, flat_year.take(place), flat_value.take(place)
