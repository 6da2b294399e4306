"""Lines with one break, continuous, through series without gaps: where each bends best, and whether it bends at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.trends.line import EPS
from data.trends.ols import R1_MAX, R1_MIN_PAIRS
from data.trends.student import log_p_two_sided, quantile

SIDE = 3
"""Observations that each side of a break has, that at the break counted to both."""
FEWEST = 8
"""Observations below which no break is sought."""
PARAMETERS = 4
"""Level, two slopes, and the break itself."""
LEAST_SIZE = PARAMETERS + 0.5
FLAT = 1e-9
"""A bend whose column differs from a straight line by less than this share of itself tells nothing."""


@dataclass(frozen=True)
class BrokenLines:
    """The best line with one break of each of B lakes, each array (B,); NaN where none was sought.

    Args:
        year: Of the break, decimal; one of the lake's dates.
        low, high: The first and last date that 95 % confidence leaves open.
        before, after: Slopes, per year.
        level: Response of the line at the break.
        log_p: Of the test against no break, natural logarithm.
        n_eff: Effective sample size, from the residuals about the broken line.
    """

    year: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    level: NDArray[np.float64]
    log_p: NDArray[np.float64]
    n_eff: NDArray[np.float64]


def broken_lines(x: NDArray[np.float64], y: NDArray[np.float64], nominal_year: NDArray[np.float64]) -> BrokenLines:
    """Search every date of each lake that has SIDE observations on both sides.

    With e the residuals of the straight line and u a bend's column (x - ψ)+ less its own straight line, a bend takes (u·e)²/u² off the
    sum of squares; w² is the largest share of it. Were the best date known, t = √((n - 3)w²/(1 - w²)) would be Student's on n - 3 degrees
    of freedom. Since it was sought, p = p_t + (Λ/π)(1 - w²)^((n-4)/2), Λ being the length of the path that u/|u| takes over the dates
    (Hotelling 1939; Knowles and Siegmund 1989, Int. Stat. Rev. 57, 205): an upper bound for the dates that this lake has, whatever their
    gaps. n is the effective sample size of the residuals about the broken line. The interval are the dates whose sum of squares does not
    exceed the least by more than F(1, n - 4) allows.

    Args:
        x: (B, n) decimal years, ascending.
        y: (B, n) response.
        nominal_year: (B, n) whole years, by which neighbours in time are told.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return _best(x, y, nominal_year)


def _best(x: NDArray[np.float64], y: NDArray[np.float64], nominal_year: NDArray[np.float64]) -> BrokenLines:
    away = x - x.mean(axis=1, keepdims=True)
    sxx = np.vecdot(away, away)
    slope = np.vecdot(away, y) / sxx
    middle = y.mean(axis=1)
    residual = y - middle[:, None] - slope[:, None] * away
    ssr = np.vecdot(residual, residual)
    bend = _bends(away, residual, sxx)
    rows, best = np.arange(len(x)), bend.gain.argmax(axis=1)
    gain, turn, lean = (values[rows, best] for values in (bend.gain, bend.turn, bend.lean))
    hinge = np.maximum(x - x[rows, best][:, None], 0.0)
    left = residual - turn[:, None] * (hinge - hinge.mean(axis=1, keepdims=True) - lean[:, None] * away)
    least = np.maximum(np.vecdot(left, left), np.vecdot(y, y) * EPS**2)
    n_eff = _effective_size(left, least, nominal_year)
    plain = log_p_two_sided(np.sqrt((n_eff - 3.0) * gain / least), n_eff - 3.0)
    sought = np.logaddexp(plain, np.log(bend.length / np.pi) + 0.5 * (n_eff - 4.0) * np.log(least / ssr))
    df = n_eff - PARAMETERS
    left_open = bend.gain >= (gain - least * np.square(quantile(0.975, df)) / df)[:, None]
    low, high = x[rows, left_open.argmax(axis=1)], x[rows, -1 - left_open[:, ::-1].argmax(axis=1)]
    before = slope - turn * lean
    level = middle + slope * away[rows, best] - turn * (hinge.mean(axis=1) + lean * away[rows, best])
    found = (x[rows, best], low, high, before, before + turn, level, np.minimum(sought, 0.0), n_eff)
    return BrokenLines(*(np.where(np.isfinite(gain), values, np.nan) for values in found))


@dataclass(frozen=True)
class _Bends:
    """A bend at each date of B lakes.

    Args:
        gain: (B, n) what it takes off the sum of squares, -inf where none may be.
        turn: (B, n) the change of slope.
        lean: (B, n) the slope of the bend's column.
        length: (B,) Λ.
    """

    gain: NDArray[np.float64]
    turn: NDArray[np.float64]
    lean: NDArray[np.float64]
    length: NDArray[np.float64]


def _bends(away: NDArray[np.float64], residual: NDArray[np.float64], sxx: NDArray[np.float64]) -> _Bends:
    n = away.shape[1]
    behind, sum_x, sum_xx, sum_e, sum_xe = (_from_behind(v) for v in (np.ones_like(away), away, away**2, residual, away * residual))
    h = sum_x - away * behind
    hx = sum_xx - away * sum_x
    hh = sum_xx - 2 * away * sum_x + away**2 * behind
    uu = hh - h**2 / n - hx**2 / sxx[:, None]
    ue = sum_xe - away * sum_e
    allowed = np.zeros(away.shape, dtype=bool)
    allowed[:, SIDE - 1 : n - SIDE + 1] = True
    allowed &= uu > FLAT * hh
    gain = np.where(allowed, ue**2 / uu, -np.inf)
    following = sum_xx[:, 1:] - (away[:, :-1] + away[:, 1:]) * sum_x[:, 1:] + away[:, :-1] * away[:, 1:] * behind[:, 1:]
    cross = following - h[:, :-1] * h[:, 1:] / n - hx[:, :-1] * hx[:, 1:] / sxx[:, None]
    angle = np.arccos(np.clip(cross / np.sqrt(uu[:, :-1] * uu[:, 1:]), -1.0, 1.0))
    both = allowed[:, :-1] & allowed[:, 1:]
    return _Bends(gain, ue / uu, hx / sxx[:, None], np.where(both, angle, 0.0).sum(axis=1))


def _from_behind(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(B, n) sums of each observation and all after it."""
    return np.cumsum(values[:, ::-1], axis=1)[:, ::-1]


def _effective_size(residual: NDArray[np.float64], ssr: NDArray[np.float64], nominal_year: NDArray[np.float64]) -> NDArray[np.float64]:
    """(B,) as least squares has it, from observations that follow each other, its correction for two parameters carried on to four; at
    least LEAST_SIZE."""
    n = residual.shape[1]
    next_year = np.diff(nominal_year, axis=1) == 1.0
    pairs = next_year.sum(axis=1)
    r1 = np.where(next_year, residual[:, :-1] * residual[:, 1:], 0.0).sum(axis=1) / (np.maximum(pairs, 1) * ssr / n)
    corrected = np.where(pairs >= R1_MIN_PAIRS, np.clip((n * r1 + PARAMETERS - 1) / (n - PARAMETERS - 2), 0.0, R1_MAX), 0.0)
    return np.maximum(n * (1.0 - corrected) / (1.0 + corrected), LEAST_SIZE)
