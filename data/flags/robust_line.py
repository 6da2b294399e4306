"""A robust line through packed observations, cheap enough for every lake."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data.flags.packed import middle


def residuals(year: NDArray[np.float64], y: NDArray[np.float64], n: NDArray[np.intp]) -> NDArray[np.float64]:
    """(L, W) distances from each lake's robust line.

    Its slope is the median of those between observations half a series apart (Theil's incomplete method, 1950), its level the median of
    what is left: a fifth of all observations may be bad, and neither moves far.

    Args:
        year: (L, W) decimal years, the first n of each row; NaN behind.
        y: (L, W) the response likewise.
        n: (L,) observations.
    """
    half = np.minimum(np.arange(y.shape[1])[None, :] + np.maximum(n // 2, 1)[:, None], y.shape[1])
    none = np.full((len(y), 1), np.nan)
    far_year, far_y = (np.take_along_axis(np.concatenate([values, none], axis=1), half, axis=1) for values in (year, y))
    with np.errstate(divide="ignore", invalid="ignore"):
        slopes = (far_y - y) / (far_year - year)
    slopes[~np.isfinite(slopes)] = np.nan
    rest = y - np.nan_to_num(middle(slopes))[:, None] * (year - year[:, :1])
    return rest - middle(rest)[:, None]
