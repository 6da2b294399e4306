"""A trend that another way of drawing a line does not find."""

from __future__ import annotations

import numpy as np

from data.trends import METHODS
from data.triage.case import Case
from data.triage.doubt import Doubt, Found

ROBUST = "theil-sen"
LEAST_N = 6
"""Observations from which on a rank test can tell anything at all."""
LOG_DOUBT = float(np.log(0.2))
LEFT = 0.5


def method(case: Case) -> Found:
    """By the robust method the slope is less than half, or of the other sign, and its p 0.2 or more."""
    fit = METHODS[ROBUST].fit(case.batch, case.settings.response)
    share = fit.columns["slope"] / case.slope
    made = fit.columns["n"] >= LEAST_N
    gone = made & (share < LEFT) & (fit.columns["log_p"] >= LOG_DOUBT)
    title = METHODS[ROBUST].title
    return Found(
        made,
        {int(row): f"{title}, which bad dates hardly move, finds {100 * share[row]:.0f} % of its slope" for row in np.flatnonzero(gone)},
    )


DOUBT = Doubt("method", f"by {METHODS[ROBUST].title}", method)
