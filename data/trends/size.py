"""How large a lake is, for what depends on size."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data.records import SeriesBatch


def log_size(batch: SeriesBatch) -> NDArray[np.float64]:
    """(L,) log of the mean area, NaN for a lake without any."""
    held = ~np.isnan(batch.area)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(np.nansum(batch.area, axis=1) / held.sum(axis=1))
