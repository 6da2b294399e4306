"""Outlier: one area that fits neither what came before nor what came after, though the lake comes back."""

from __future__ import annotations

import numpy as np

from data.flags.apart import LEAST_N
from data.flags.flag import Flag, Found, nothing
from data.flags.seen import Seen


def outlier(seen: Seen) -> Found:
    """Single areas far from their neighbours in time on both sides, the same way, and from a robust line through all (see `apart`).

    A step that lasts fits one side, so a lake that drained is none. First and last dates are not judged here: nothing tells whether
    they come back.
    """
    used = seen.used
    if used.log_area.shape[1] < LEAST_N:
        return nothing()
    measured = seen.apart
    lake, at = np.nonzero(measured.outliers)
    value = measured.inner[lake, at]
    area, usual = (np.exp(values).tolist() for values in (used.log_area[lake, at], used.log_area[lake, at] - value))
    words = [
        f"{day}: {held:.3g} km², where the dates before and after point to {about:.3g} km²"
        for held, about, day in zip(area, usual, used.when(lake, at), strict=True)
    ]
    return Found(lake, used.day[lake, at], value, words)


FLAG = Flag(
    name="outlier",
    title="Outlier",
    help=(
        "A single area far from those before and after it, the same way, and from a robust line through all: a mask that caught another "
        "lake, a shadow, or only a part. The lake comes back, so it has not drained. The value is the distance in log area (0.69 is twice "
        "the area, -0.69 half of it)."
    ),
    version=2,
    find=outlier,
)
