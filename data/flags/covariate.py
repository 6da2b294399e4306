"""A line with one covariate more: log area = a + b·year + c·z, for many lakes at once, c tested on the effective sample size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.flags.packed import Packed
from data.trends.ols import effective_size
from data.trends.student import log_p_two_sided, quantile

SEEN_APART = 1e-9
"""Share of z's spread that years do not explain, below which the two cannot be told apart."""
LEAST_DF = 2.0


@dataclass(frozen=True)
class Plane:
    """Log area = a + b·year + c·z by least squares; each (L,), NaN or infinite where years do not tell z apart.

    Args:
        n: Observations.
        slope: b, per year.
        effect: c.
        alone: The slope without z.
        rest: (L, W) residuals, 0 where nothing is held.
        ssr: The sum of their squares.
        apart: Σx² Σz² - (Σxz)² of the centred years and covariates.
        sxx, szz, syy: Sums of the squares of centred years, covariates and log areas.
    """

    n: NDArray[np.float64]
    slope: NDArray[np.float64]
    effect: NDArray[np.float64]
    alone: NDArray[np.float64]
    rest: NDArray[np.float64]
    ssr: NDArray[np.float64]
    apart: NDArray[np.float64]
    sxx: NDArray[np.float64]
    szz: NDArray[np.float64]
    syy: NDArray[np.float64]


def plane(year: NDArray[np.float64], z: NDArray[np.float64], log_area: NDArray[np.float64], held: NDArray[np.bool_]) -> Plane:
    """Fit it.

    Args:
        year, z, log_area: (L, W).
        held: (L, W) the observations to use.
    """
    n = held.sum(axis=1).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        x, v, y = (_centred(values, held, n) for values in (year, z, log_area))
        sxx, szz, sxz = np.vecdot(x, x), np.vecdot(v, v), np.vecdot(x, v)
        sxy, szy = np.vecdot(x, y), np.vecdot(v, y)
        apart = sxx * szz - sxz**2
        slope, effect = (szz * sxy - sxz * szy) / apart, (sxx * szy - sxz * sxy) / apart
        rest = np.where(held, y - slope[:, None] * x - effect[:, None] * v, 0.0)
        return Plane(n, slope, effect, sxy / sxx, rest, np.vecdot(rest, rest), apart, sxx, szz, np.vecdot(y, y))


@dataclass(frozen=True)
class Partial:
    """What the fit found; each (L,), NaN where a lake cannot be tested.

    Args:
        slope: b, per year, with z in the fit.
        alone: The slope without z.
        effect: c.
        low, high: Its 95 % interval.
        log_p: Natural logarithm of its two-sided p.
        middle: Mean year, from which years are counted.
        level: Log area there, with z at 0.
    """

    slope: NDArray[np.float64]
    alone: NDArray[np.float64]
    effect: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    log_p: NDArray[np.float64]
    middle: NDArray[np.float64]
    level: NDArray[np.float64]


def partial(used: Packed, z: NDArray[np.float64], held: NDArray[np.bool_]) -> Partial:
    """Fit and test.

    s² = SSR/(n_eff - 3); t on n_eff - 3 degrees of freedom: the trend's own test (`data.trends.ols`) with one parameter more.

    Args:
        used: L lakes × W observations.
        z: (L, W) the covariate.
        held: (L, W) the observations to use.
    """
    fit = plane(used.year, z, used.log_area, held)
    with np.errstate(divide="ignore", invalid="ignore"):
        df = _effective(fit, used.nominal, held) - 3.0
        told_apart = fit.apart > SEEN_APART * fit.sxx * fit.szz
        tested = told_apart & (df >= LEAST_DF) & (fit.ssr > np.finfo(float).eps ** 2 * fit.syy)
        df = np.where(tested, df, np.nan)
        se = np.sqrt(fit.ssr / df * fit.sxx / fit.apart)
        half = quantile(0.975, df) * se
        effect = np.where(tested, fit.effect, np.nan)
        middle, log_area, covariate = (_sum(values, held) / fit.n for values in (used.year, used.log_area, z))
        return Partial(
            slope=np.where(tested, fit.slope, np.nan), alone=fit.alone, effect=effect, low=effect - half, high=effect + half,
            log_p=log_p_two_sided(effect / se, df), middle=middle, level=log_area - effect * covariate,
        )  # fmt: skip


def p_words(log_p: float) -> str:
    """`p = 0.012`, or `p < 0.0001`."""
    p = float(np.exp(log_p))
    return f"p = {p:.2g}" if p >= 1e-4 else "p < 0.0001"


def _centred(values: NDArray[np.float64], held: NDArray[np.bool_], n: NDArray[np.float64]) -> NDArray[np.float64]:
    """The values less their mean over what is held, 0 elsewhere."""
    return np.where(held, values - (_sum(values, held) / n)[:, None], 0.0)


def _sum(values: NDArray[np.float64], held: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.where(held, values, 0.0).sum(axis=1)


def _effective(fit: Plane, nominal: NDArray[np.float64], held: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(L,) effective sample sizes."""
    beside = held[:, 1:] & held[:, :-1] & (nominal[:, 1:] - nominal[:, :-1] == 1.0)
    return effective_size(fit.n, fit.ssr, _sum(fit.rest[:, 1:] * fit.rest[:, :-1], beside), beside.sum(axis=1))[1]
