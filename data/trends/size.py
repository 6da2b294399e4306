"""How large a lake is, for what depends on size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data.records import SeriesBatch
from data.trends.line import bits_of, zero_gaps

BLOCK = 1024
"""Lakes taken at a time: what lies between fits the caches."""


def log_size(batch: SeriesBatch) -> NDArray[np.float64]:
    """(L,) log of the mean area, NaN for a lake without any."""
    size = np.empty(len(batch.area))
    with np.errstate(divide="ignore", invalid="ignore"):
        for start in range(0, len(size), BLOCK):
            area = batch.area[start : start + BLOCK]
            held, filled = bits_of(~np.isnan(area)), np.empty_like(area)
            zero_gaps(area, held, out=filled)
            size[start : start + BLOCK] = np.log(filled.sum(axis=1) / -held.sum(axis=1))
    return size
