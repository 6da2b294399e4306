"""Huber's line through series without gaps: reweighted least squares, finished by solving the equations that its points end in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

C = 1.345
"""Residuals beyond so many scales weigh less: 95 % efficiency under normal errors."""
NORMAL_MAD = 0.6744897501960817
"""Median absolute deviation of a standard normal."""
STEPS, SOLVES, ROUNDS = 6, 4, 25
"""Steps of reweighting before the equations are tried, tries, and rounds of both before a lake is given up."""
SETTLED = 1e-9
"""A line has settled when it moves by less than this × the scale; below this × the spread there is no scale."""

ROUNDING = 1e-14
"""Residuals within this × the largest response are its rounding: the points lie on the line."""


@dataclass(frozen=True)
class HuberLines:
    """Lines of B lakes, each array (B,).

    Args:
        mean_year: Mean decimal year.
        at_mean: The line there.
        slope: Per year.
        sxx: Σ(year - mean)².
        sd: Of one observation, such that the slope's standard error is sd/√Sxx (statsmodels' H1).
        settled: Whether the iteration came to rest on a line with a scale.
    """

    mean_year: NDArray[np.float64]
    at_mean: NDArray[np.float64]
    slope: NDArray[np.float64]
    sxx: NDArray[np.float64]
    sd: NDArray[np.float64]
    settled: NDArray[np.bool_]


def huber_lines(x: NDArray[np.float64], y: NDArray[np.float64]) -> HuberLines:
    """Fit lakes of n ≥ 3 observations on two dates or more.

    The line at which Σψ(r/s) = Σψ(r/s)x = 0 with ψ(z) = max(-c, min(z, c)) and s = median(abs r)/0.6745, which reweighting from the
    least-squares line leads to (Huber 1981, ch. 7). It is worked out on that line's residuals.

    Args:
        x: (B, n) decimal years.
        y: (B, n) response.
    """
    mean_year, mean, rounding = x.mean(axis=1), y.mean(axis=1), ROUNDING * np.abs(y).max(axis=1)
    x, y = x - mean_year[:, None], y - mean[:, None]
    sxx = np.vecdot(x, x)
    plain = np.vecdot(x, y) / sxx
    y = y - plain[:, None] * x
    spread = np.sqrt(np.vecdot(y, y) / y.shape[1])
    level, tilt, settled = np.zeros(len(x)), np.zeros(len(x)), np.zeros(len(x), dtype=bool)
    rest = np.flatnonzero(spread > rounding)
    for _ in range(ROUNDS):
        if not len(rest):
            break
        at = x[rest], y[rest]
        line = level[rest], tilt[rest]
        for _ in range(STEPS):
            line = _reweighted(*at, *line)
        level[rest], tilt[rest] = line
        found, done = _solved(*at, line)
        level[rest[done]], tilt[rest[done]], settled[rest[done]] = found[0][done], found[1][done], True
        rest = rest[~done]
    sd, scale = _deviation(x, y - level[:, None] - tilt[:, None] * x)
    return HuberLines(mean_year, mean + level, plain + tilt, sxx, sd, settled & (scale > SETTLED * spread))


Line = tuple[NDArray[np.float64], NDArray[np.float64]]


def _scale(size: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """(B,) the scale of residuals of this size, and the two in the middle of their order."""
    n = size.shape[1]
    ordered = np.sort(size, axis=1)
    low, high = ordered[:, (n - 1) // 2], ordered[:, n // 2]
    return (low + high) * (0.5 / NORMAL_MAD), low, high


def _reweighted(x: NDArray[np.float64], y: NDArray[np.float64], level: NDArray[np.float64], tilt: NDArray[np.float64]) -> Line:
    """One step: weighted least squares with the weights that the residuals from this line give."""
    size = np.abs(y - level[:, None] - tilt[:, None] * x)
    scale = _scale(size)[0]
    w = np.divide((C * scale)[:, None], size, out=size)
    np.fmin(w, 1.0, out=w)  # 0/0: on the line
    wx = w * x
    total, wx1, wxx, wy, wxy = w.sum(axis=1), wx.sum(axis=1), np.vecdot(wx, x), np.vecdot(w, y), np.vecdot(wx, y)
    det = total * wxx - wx1 * wx1
    return (wxx * wy - wx1 * wxy) / det, (total * wxy - wx1 * wy) / det


def _solved(x: NDArray[np.float64], y: NDArray[np.float64], line: Line) -> tuple[Line, NDArray[np.bool_]]:
    """The line from where reweighting stands, and whether that line leads back to itself.

    Which points lie inside c·s, on which side the others are and which residual is the median one make the equations linear.
    """
    done = np.zeros(len(x), dtype=bool)
    reach = np.sqrt(np.vecdot(x, x) / x.shape[1])
    for _ in range(SOLVES):
        level, tilt, scale = _equations(x, y, *line)
        moved = np.abs(level - line[0]) + np.abs(tilt - line[1]) * reach
        now = ~done & (moved <= SETTLED * scale)
        line = np.where(done, line[0], level), np.where(done, line[1], tilt)
        done |= now
        if done.all():
            break
    return line, done


def _equations(
    x: NDArray[np.float64], y: NDArray[np.float64], level: NDArray[np.float64], tilt: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The line for which the points keep their part, and the scale at the line given."""
    residual = y - level[:, None] - tilt[:, None] * x
    size = np.abs(residual)
    scale, *middle = _scale(size)
    inside = size <= (C * scale)[:, None]
    side = np.where(residual < 0, -1.0, 1.0)
    beyond = np.where(inside, 0.0, side)
    push, push_x = beyond.sum(axis=1) * (C / NORMAL_MAD), np.vecdot(beyond, x) * (C / NORMAL_MAD)
    rows = np.arange(len(x))
    places = [(size == each[:, None]).argmax(axis=1) for each in middle]
    m1, mx, my = (0.5 * sum(side[rows, at] * values[rows, at] for at in places) for values in (np.ones_like(x), x, y))
    kept = inside.astype(np.float64)
    n, sx, sxx, sy, sxy = kept.sum(axis=1), np.vecdot(kept, x), np.vecdot(kept * x, x), np.vecdot(kept, y), np.vecdot(kept * x, y)
    a, b, e = n + push * m1, sx + push * mx, sy + push * my
    c, d, f = sx + push_x * m1, sxx + push_x * mx, sxy + push_x * my
    det = a * d - b * c
    return (e * d - b * f) / det, (a * f - e * c) / det, scale


def _deviation(x: NDArray[np.float64], residual: NDArray[np.float64]) -> Line:
    """(B,) sd of one observation by statsmodels' H1 (Huber 1981, eq. 7.6.11), and the scale."""
    n = x.shape[1]
    scale = _scale(np.abs(residual))[0]
    z = residual / scale[:, None]
    inside = (np.abs(z) <= C).mean(axis=1)
    k = 1.0 + 2.0 / n * (1.0 - inside) / inside
    psi = np.clip(z, -C, C)
    return k * scale * np.sqrt(np.vecdot(psi, psi) / (n - 2)) / inside, scale
