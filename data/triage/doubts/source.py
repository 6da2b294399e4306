"""A trend that another source, with eyes of its own, does not see."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data.records import TrendTable
from data.scene_table import LABEL
from data.triage.case import Case
from data.triage.doubt import Doubt, Found
from data.why.by_source import of_source

LEFT = 0.5


def source(case: Case) -> Found:
    """The interval of another source's slope excludes it, and their slope is less than half of it, or of the other sign."""
    made, words = np.zeros(len(case.rows), dtype=bool), dict[int, str]()
    for name in case.store.sources:
        if name in {case.settings.source, LABEL}:
            continue
        other = case.store.trends(of_source(case.settings, name))
        seen, apart = compared(case.table, other, case.rows)
        made |= seen
        for row in np.flatnonzero(apart).tolist():
            words.setdefault(row, f"not seen by {name}")
    return Found(made, words)


def compared(table: TrendTable, other: TrendTable, rows: NDArray[np.intp]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(K,) whether the other source has a slope and an error of each lake, and whether it contradicts the first."""
    slope, theirs = (each.frame["slope"].to_numpy(dtype=float)[rows] for each in (table, other))
    low, high = (other.frame[name].to_numpy(dtype=float)[rows] for name in ("ci_low", "ci_high"))
    seen = np.isfinite(low) & np.isfinite(high)
    outside = (slope < low) | (slope > high)
    return seen, seen & outside & (theirs / slope < LEFT)


DOUBT = Doubt("source", "by another source", source)
