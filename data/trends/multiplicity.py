"""Correction for testing many lakes at once, in log space so that no q underflows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def log_q_benjamini_hochberg(log_p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Benjamini and Hochberg's (1995) adjusted p values over the family of the finite entries.

    The family is whatever was tested: never call this on a filtered subset of it.

    Args:
        log_p: (L,) natural logarithms of p; NaN marks a lake outside the family.

    Returns:
        (L,) natural logarithms of q, NaN outside the family.
    """
    log_q = np.full_like(log_p, np.nan)
    member = np.flatnonzero(~np.isnan(log_p))
    order = member[np.argsort(log_p[member])]
    raised = log_p[order] - np.log(np.arange(1, len(order) + 1) / max(len(order), 1))
    log_q[order] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 0.0)
    return log_q
