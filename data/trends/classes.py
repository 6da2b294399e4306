"""Which lakes grow, which shrink, at given cut-offs. Nothing here refits."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from data.errors import TrendError
from data.records import TrendTable

NOT_TESTED, NOT_SIGNIFICANT, GROWING, SHRINKING = range(4)
EVIDENCE = ("q", "p", "q_ols", "p_ols")
CLASS_WORDS = ("not tested", "not significant", "growing", "shrinking")
"""What the class codes 0 to 3 are called."""


def classes(table: TrendTable, use: str = "q", alpha: float = 0.05, effect: float = 0.0) -> NDArray[np.int8]:
    """(L,) the class of each lake: 0 not tested, 1 not significant, 2 growing, 3 shrinking.

    A lake grows or shrinks where its evidence is below `alpha` and its slope at least `effect` in size; compared as
    logarithms, so that an alpha of any smallness works.

    Args:
        table: L lakes.
        use: The evidence, one of `EVIDENCE`.
        alpha: Significance cut-off, in (0, 1].
        effect: Least absolute slope that counts, in %/yr for the log response, km²/yr for the area response.

    Raises:
        TrendError: `use` is no evidence, or a cut-off is out of range.
    """
    if use not in EVIDENCE:
        raise TrendError(f"evidence {use!r} is unknown", f"use one of {', '.join(EVIDENCE)}")
    if not (0 < alpha <= 1 and effect >= 0):
        raise TrendError(f"cut-offs alpha = {alpha}, effect = {effect} are out of range", "give alpha in (0, 1] and an effect of 0 or more")
    log_evidence = table.frame[f"log_{use}"].to_numpy(dtype=float)
    slope = table.frame["slope_pct" if table.settings.response == "log" else "slope"].to_numpy(dtype=float)
    significant = (log_evidence < math.log(alpha)) & (np.abs(slope) >= effect)
    cases = [np.isnan(log_evidence), significant & (slope > 0), significant & (slope < 0)]
    return np.select(cases, [NOT_TESTED, GROWING, SHRINKING], NOT_SIGNIFICANT).astype(np.int8)
