"""A line with one covariate more: log area = a + b·year + c·z, for many lakes at once, c tested on the effective sample size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.flags.packed import Packed
from data.trends.student import log_p_two_sided, quantile

SEEN_APART = 1e-9
"""Share of z's spread that years do not explain, below which the two cannot be told apart."""
LEAST_DF = 2.0
R1_MAX, R1_MIN_N, R1_MIN_PAIRS = 0.95, 6, 5
"""As for the trend's own test (`data.trends.ols`)."""


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

    With e the residuals, r1 = Σ e_i e_j over neighbouring observations whose nominal years differ by 1, divided by their number × mean(e²);
    r1c = clip((n·r1 + 1)/(n - 4), 0, 0.95) where n ≥ 6 and there are ≥ 5 pairs, else 0; n_eff = n(1 - r1c)/(1 + r1c);
    s² = SSR/(n_eff - 3); t on n_eff - 3 degrees of freedom: the trend's own test with one parameter more.

    Args:
        used: L lakes × W observations.
        z: (L, W) the covariate.
        held: (L, W) the observations to use.
    """
    n = held.sum(axis=1).astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = np.where(held, used.year, 0.0).sum(axis=1) / n
        x, v, y = (_centred(values, held, n) for values in (used.year, z, used.log_area))
        sxx, svv, sxv = np.vecdot(x, x), np.vecdot(v, v), np.vecdot(x, v)
        sxy, svy = np.vecdot(x, y), np.vecdot(v, y)
        apart = sxx * svv - sxv**2
        slope, effect = (svv * sxy - sxv * svy) / apart, (sxx * svy - sxv * sxy) / apart
        rest = np.where(held, y - slope[:, None] * x - effect[:, None] * v, 0.0)
        ssr = np.vecdot(rest, rest)
        n_eff = _effective(rest, used.nominal, held, n, ssr)
        df = n_eff - 3.0
        tested = (apart > SEEN_APART * sxx * svv) & (df >= LEAST_DF) & (ssr > np.finfo(float).eps ** 2 * np.vecdot(y, y))
        df = np.where(tested, df, np.nan)
        se = np.sqrt(ssr / df * sxx / apart)
        half = quantile(0.975, df) * se
        effect = np.where(tested, effect, np.nan)
        means = [np.where(held, values, 0.0).sum(axis=1) / n for values in (used.log_area, z)]
        return Partial(
            slope=np.where(tested, slope, np.nan), alone=sxy / sxx, effect=effect, low=effect - half, high=effect + half,
            log_p=log_p_two_sided(effect / se, df), middle=middle, level=means[0] - effect * means[1],
        )  # fmt: skip


def p_words(log_p: float) -> str:
    """`p = 0.012`, or `p < 0.0001`."""
    p = float(np.exp(log_p))
    return f"p = {p:.2g}" if p >= 1e-4 else "p < 0.0001"


def _centred(values: NDArray[np.float64], held: NDArray[np.bool_], n: NDArray[np.float64]) -> NDArray[np.float64]:
    """The values less their mean over what is held, 0 elsewhere."""
    kept = np.where(held, values, 0.0)
    return np.where(held, kept - (kept.sum(axis=1) / n)[:, None], 0.0)


def _effective(
    rest: NDArray[np.float64], nominal: NDArray[np.float64], held: NDArray[np.bool_], n: NDArray[np.float64], ssr: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(L,) effective sample sizes."""
    beside = held[:, 1:] & held[:, :-1] & (nominal[:, 1:] - nominal[:, :-1] == 1.0)
    pairs = beside.sum(axis=1)
    r1 = np.where(beside, rest[:, 1:] * rest[:, :-1], 0.0).sum(axis=1) / (pairs * ssr / n)
    known = (n >= R1_MIN_N) & (pairs >= R1_MIN_PAIRS)
    corrected = np.where(known, np.clip((n * r1 + 1.0) / (n - 4.0), 0.0, R1_MAX), 0.0)
    return n * (1.0 - corrected) / (1.0 + corrected)
