"""Correction for testing many lakes at once, in log space so that no q underflows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def log_q_benjamini_hochberg(log_p: NDArray[np.float64], raise_by: float = 0.0) -> NDArray[np.float64]:
    """Benjamini and Hochberg's (1995) adjusted p values over the family of the finite entries.

    The family is whatever was tested: never call this on a filtered subset of it.

    Args:
        log_p: (L,) natural logarithms of p; NaN marks a lake outside the family.
        raise_by: Added to each logarithm before none may exceed 0.

    Returns:
        (L,) natural logarithms of q, NaN outside the family.
    """
    log_q = np.full_like(log_p, np.nan)
    member = np.flatnonzero(~np.isnan(log_p))
    order = member[np.argsort(log_p[member])]
    raised = log_p[order] + raise_by - np.log(np.arange(1, len(order) + 1) / max(len(order), 1))
    log_q[order] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 0.0)
    return log_q


def log_q_benjamini_yekutieli(log_p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Benjamini and Yekutieli's (2001, Ann. Stat. 29, 1165) adjusted p values, good under any dependence: those above times Σ 1/k.

    Args and returns: as `log_q_benjamini_hochberg`.
    """
    family = np.count_nonzero(~np.isnan(log_p))
    return log_q_benjamini_hochberg(log_p, float(np.log(max(np.sum(1.0 / np.arange(1, family + 1)), 1.0))))


def log_q_two_stage(log_p: NDArray[np.float64], alpha: float = 0.05) -> NDArray[np.float64]:
    """Two-stage adjusted p values of Benjamini, Krieger and Yekutieli (2006, Biometrika 93, 491).

    A first pass of Benjamini and Hochberg at α' = α/(1 + α) rejects r of m; the second takes m - r true null hypotheses for granted:
    q = (1 + α)(1 - r/m) q_BH. Where r is 0 or m, (1 + α) q_BH.

    Args:
        log_p: As `log_q_benjamini_hochberg`.
        alpha: The share of false discoveries for which the first pass is made: q means what it says at this cut-off.
    """
    log_q = log_q_benjamini_hochberg(log_p)
    family, found = np.count_nonzero(~np.isnan(log_p)), np.count_nonzero(log_q <= np.log(alpha) - np.log1p(alpha))
    null_share = 1.0 if found in {0, family} else (family - found) / family
    return np.minimum(log_q + np.log(null_share) + np.log1p(alpha), 0.0)
