"""The smallest trend that a lake's own dates and noise could have revealed: what a quiet lake may hide.

It is a change that the test of the lake by itself (two-sided p < ALPHA) finds with probability POWER. A correction for testing many
lakes asks for more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

import numpy as np
from numpy.polynomial.chebyshev import Chebyshev
from numpy.typing import NDArray
from scipy.special import gammainc, gammainccinv, gammaincinv, ndtr, ndtri, stdtrit

ALPHA, POWER = 0.05, 0.8
NORMAL = float(ndtri(1.0 - ALPHA / 2) + ndtri(POWER))
"""Standard errors where the noise is known: 2.80. (A trend of the wrong sign is found once in a million.)"""

LEAST_DF, MOST_DF = 0.5, 1e4
"""Between these the factor is interpolated; below there is no test, above it is that of MOST_DF, 2.802."""
NODES, DEGREE, POINTS = 56, 28, 4096
BEYOND, REACH = 1e-10, 8.0
"""What integrals leave out: this probability on either side of s, and normals beyond."""
SWITCH = 4.0
"""Degrees of freedom from which on the integral is over the noise, of which less and less is needed."""
SLACK, CLOSE = 1e-9, 1e-12
RANKS = 5
"""Observations below which no order of them is rare enough for a rank test."""


def detectable(columns: Mapping[str, NDArray[np.float64]], response: str) -> dict[str, NDArray[np.float64]]:
    """The two columns of a trend table: `detectable` as `slope` is, and `detectable_pct`, %/yr of the lake's area; NaN without a test.

    k(df)·se, from whatever a method states: known noise has infinite df. A rank test, which states none, is taken to estimate the noise
    from its n_eff - 2 (n ≥ RANKS); below that it can find nothing.

    Args:
        columns: (L,) `se`, `df`, `n`, `n_eff`, `mean_response` of a `Fit`.
        response: `log` or `area`.
    """
    df = columns["df"]
    ranks = np.isnan(df) & (columns["n"] >= RANKS)
    slope = factor(np.where(ranks, columns["n_eff"] - 2.0, df)) * columns["se"]
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        share = np.expm1(slope) if response == "log" else slope / columns["mean_response"]
    return {"detectable": slope, "detectable_pct": 100.0 * share}


def factor(df: NDArray[np.float64]) -> NDArray[np.float64]:
    """(L,) k(df), the assurance factor of `solved`, interpolated; NORMAL where df is infinite, NaN where it is NaN or below LEAST_DF."""
    log_k, (first, last) = _table(), np.log([LEAST_DF, MOST_DF])
    with np.errstate(invalid="ignore", divide="ignore"):
        place = (np.log(df) - first) * ((POINTS - 1) / (last - first))
        none, known = ~(place >= -SLACK), np.isinf(df)
        place = np.clip(np.where(none, 0.0, place), 0.0, POINTS - 1 - SLACK)
        left = place.astype(np.intp)  # np.interp would search for it: four times as long
        k = np.exp(log_k[left] + (place - left) * (log_k[left + 1] - log_k[left]))
    k[none], k[known] = np.nan, NORMAL
    return k


def noncentrality(df: float) -> float:
    """Standard errors of a trend that is found with probability POWER where the *true* noise is known, yet the test estimates it.

    Solves P(|Z + δ| > t_crit·s) = POWER, s² being χ²/df: the power of the noncentral t.

    Args:
        df: Degrees of freedom of the test, ≥ LEAST_DF.
    """
    return _root(lambda delta: float(_power(np.array([delta]), df)[0]))


def solved(df: float) -> float:
    """k(df), by numerical integration: the trend k·s/√Sxx, s being the noise as one fit saw it, is found in fresh data with POWER.

    Solves P(|Z + k·s| > t_crit·s') = POWER with s and s' independent, s², s'² ~ χ²/df: unlike `noncentrality` in the place of k,
    it makes up for noise that chance made small.

    Args:
        df: Degrees of freedom, ≥ LEAST_DF; they need not be whole.
    """
    s, weight = _noise(df)
    return _root(lambda k: float(weight @ _power(k * s, df)))


def _power(delta: NDArray[np.float64], df: float) -> NDArray[np.float64]:
    """(N,) P(|Z + δ| > t_crit·s): over s where it is the narrower of the two, else over Z."""
    critical = float(stdtrit(df, 1.0 - ALPHA / 2))
    if df > SWITCH:
        s, weight = _noise(df)
        return (ndtr(delta[:, None] - critical * s) + ndtr(-delta[:, None] - critical * s)) @ weight
    z = np.linspace(-REACH, REACH, NODES)
    weight = np.exp(-0.5 * np.square(z))
    below = gammainc(df / 2, df / 2 * np.square((z + delta[:, None]) / critical))
    return below @ weight / weight.sum()


def _noise(df: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(N,) values of s and their weights: the trapezium rule in log s, whose density dies away so fast that it is all but exact."""
    ends = np.array([gammaincinv(df / 2, BEYOND), gammainccinv(df / 2, BEYOND)])
    first, last = 0.5 * np.log(2.0 * ends / df)
    log_s = np.linspace(first, last, NODES)
    log_density = df * (log_s - 0.5 * np.exp(2.0 * log_s))
    weight = np.exp(log_density - log_density.max())
    return np.exp(log_s), weight / weight.sum()


def _root(power: Callable[[float], float]) -> float:
    """Where a rising power reaches POWER: regula falsi (Illinois) over the logarithm."""
    low, high = 0.0, np.log(NORMAL)
    below, above = power(1.0) - POWER, power(NORMAL) - POWER
    while above < 0:
        low, below, high = high, above, high + 1.0
        above = power(float(np.exp(high))) - POWER
    middle, off = high, above
    while abs(off) > CLOSE and high - low > CLOSE:
        middle = (low * above - high * below) / (above - below)
        off = power(float(np.exp(middle))) - POWER
        if off < 0:
            low, below, above = middle, off, above / 2
        else:
            high, above, below = middle, off, below / 2
    return float(np.exp(middle))


@cache
def _table() -> NDArray[np.float64]:
    """(POINTS,) log k at evenly spaced log df: some thirty solutions, and a polynomial of Chebyshev's through them."""
    first, last = np.log(LEAST_DF), np.log(MOST_DF)
    solutions = lambda log_df: np.array([np.log(solved(df)) for df in np.exp(log_df).tolist()])  # noqa: E731
    return Chebyshev.interpolate(solutions, DEGREE, [first, last])(np.linspace(first, last, POINTS))
