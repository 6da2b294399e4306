"""What the residual variances of all lakes say about that of each: a scaled inverse chi-square, fitted by maximum likelihood."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.trends.fit import Shared
from data.trends.gamma import log_gamma, log_less_digamma, trigamma
from data.trends.lowess import curve

FEWEST = 3
"""Lakes from which anything can be learned about the others."""
LEAST_VARIANCE = 1e-12
"""Of the median variance: smaller ones count as this, so that one has a logarithm."""
SHARES = (0.5, 0.9998)
"""The range that limma searches for d/(1 + d), d being half the prior's degrees of freedom: 2 to 10,000 of them."""
LOWER = (0.005, 0.5)
"""Searched where limma would stop at 2."""
TOLERANCE = float(np.finfo(np.float64).eps) ** 0.25
DF, AT, LOG_VARIANCE, POOLED = "prior_df", "prior_log_area", "prior_log_variance", "pooled_df"


@dataclass(frozen=True)
class Prior:
    """A lake's residual variance is drawn from s0²·d0/χ²(d0).

    Args:
        df: d0; 0 where nothing is known.
        at: (K,) log areas, ascending.
        log_variance: (K,) log s0² there; between them it is a straight line.
        pooled: Sum of the lakes' own degrees of freedom: no test can have more.
    """

    df: float
    at: NDArray[np.float64]
    log_variance: NDArray[np.float64]
    pooled: float

    def variance(self, size: NDArray[np.float64]) -> NDArray[np.float64]:
        """(L,) s0² of lakes of these log areas."""
        return np.exp(np.interp(np.nan_to_num(size), self.at, self.log_variance)) if len(self.at) else np.zeros(len(size))

    @property
    def shared(self) -> Shared:
        """For `Fit.shared`."""
        return {DF: [self.df], AT: self.at.tolist(), LOG_VARIANCE: self.log_variance.tolist(), POOLED: [self.pooled]}

    @classmethod
    def of(cls, shared: Shared) -> Prior:
        """Invert `shared`."""
        return cls(shared[DF][0], np.array(shared[AT]), np.array(shared[LOG_VARIANCE]), shared[POOLED][0])


def variance_prior(variance: NDArray[np.float64], df: NDArray[np.float64], size: NDArray[np.float64] | None = None) -> Prior:
    """The prior that makes these variances likeliest; degrees of freedom may differ from lake to lake.

    The model is Smyth's (2004, Stat. Appl. Genet. Mol. Biol. 3, 3): s² ~ s0²·F(d, d0). With e = log s² + log(d/2) - ψ(d/2), log s0² is
    the mean of e weighted by 1/ψ'(d/2), or its lowess curve over log area, less log(d0/2) - ψ(d0/2); d0 maximises the likelihood of that
    s0². This is what limma does since 2024 where degrees of freedom differ (`fitFDistUnequalDF1`), to its tolerance; but it does not stop
    at d0 = 2, since lakes' variances may differ more than that.

    Args:
        variance: (L,) residual variances, ≥ 0.
        df: (L,) their degrees of freedom, > 0, not necessarily whole.
        size: (L,) log areas, for an s0² that changes with them; None for one s0².
    """
    if len(df) < FEWEST or not (middle := float(np.median(variance))) > 0:
        return Prior(0.0, np.empty(0), np.empty(0), float(df.sum()))
    half = 0.5 * df
    x = np.maximum(variance, LEAST_VARIANCE * middle)
    e = np.log(x) + log_less_digamma(half)
    weight = 1.0 / trigamma(half)
    if size is None:
        at, level = np.zeros(1), np.array([np.vecdot(weight, e) / weight.sum()])
        expected: NDArray[np.float64] = level
    else:
        at, level = curve(size, e, weight)
        expected = np.interp(size, at, level)
    d = _half_prior_df(half, half * x, expected)
    return Prior(2.0 * d, at, level - float(log_less_digamma(np.array(d))), float(df.sum()))


def _half_prior_df(half: NDArray[np.float64], scaled: NDArray[np.float64], expected: NDArray[np.float64]) -> float:
    """d0/2. half: (L,) d/2; scaled: (L,) s²·d/2; expected: (L,) or (1,) mean of e."""

    each, count = np.unique(half, return_counts=True)  # most are whole, and log Γ is what takes time

    def unlikely(share: float) -> float:
        d = share / (1.0 - share)
        log_scale = np.log(d) + expected - float(log_less_digamma(np.array(d)))
        fits = np.vecdot(half + d, np.log1p(scaled * np.exp(-log_scale))) + np.sum(half * log_scale)
        return float(fits - np.vecdot(count, log_gamma(each + d)) + len(half) * math.lgamma(d))

    share = _least(unlikely, SHARES)
    if share - SHARES[0] < 2 * TOLERANCE:
        share = _least(unlikely, LOWER)
    return share / (1.0 - share)


def _least(function: Callable[[float], float], within: tuple[float, float]) -> float:
    from scipy.optimize import minimize_scalar  # noqa: PLC0415 - a sixth of what every process that opens a dataset would load

    found: Any = minimize_scalar(function, bounds=within, method="bounded", options={"xatol": TOLERANCE})
    return float(found.x)
