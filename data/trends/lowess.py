"""A smooth curve through weighted points: locally straight lines (Cleveland 1979), with weights that count as so many points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ANCHORS = 200
"""Places, about, at which lines are fitted; between them the curve is straight."""
FULL_SPAN, LEAST_SPAN = 500, 0.3
FLAT = 1e-7
HALVINGS = 60
WEIGHTS = (1e-8, 100.0)
"""Least and most weight, relative to the upper quartile."""


def curve(
    x: NDArray[np.float64], y: NDArray[np.float64], weight: NDArray[np.float64], span: float | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Anchors of the curve.

    At each anchor the nearest points that hold `span` of all weight get tricube weights besides their own, and a line. No robust rounds.
    This is limma's `loessFit` with `iterations=1`.

    Args:
        x: (N,) places.
        y: (N,) values.
        weight: (N,) > 0.
        span: Share of all weight in each window; None for 1 up to FULL_SPAN points, falling to LEAST_SPAN with their cube root (limma's
            `chooseLowessSpan`).

    Returns:
        (K,) places, ascending, and (K,) values for `np.interp`.
    """
    order = np.argsort(x, kind="stable")
    x, y, weight = x[order], y[order], np.clip(weight[order] / np.quantile(weight, 0.75), *WEIGHTS)
    share = span or min(LEAST_SPAN + (1 - LEAST_SPAN) * (FULL_SPAN / len(x)) ** (1 / 3), 1.0)
    if len(x) < 4 + 1 / share or x[0] == x[-1]:
        ends = np.array([x[0], x[-1]])
        return (ends, _line(x, y, weight, ends)) if x[0] < x[-1] else (x[:1], np.array([np.average(y, weights=weight)]))
    at = np.unique(x[_anchors(x)])
    reach = _reaches(x, np.cumsum(weight), at, share)
    begins, ends = np.searchsorted(x, at - reach, "left"), np.searchsorted(x, at + reach, "right")
    value = np.empty(len(at))
    for k, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        part = slice(begin, end)
        near = weight[part]
        if reach[k] >= FLAT:
            near = near * (1.0 - np.minimum(np.abs(x[part] - at[k]) / reach[k], 1.0) ** 3) ** 3
        value[k] = _line(x[part], y[part], near, at[k : k + 1])[0]
    return at, value


def _anchors(x: NDArray[np.float64]) -> list[int]:
    """Places in ascending x: the first, the last, and each that lies more than a step behind the anchor before it.

    The step is the least for which the range, less its widest gaps, falls into ANCHORS parts.
    """
    step = 0.0
    if len(x) > ANCHORS:
        covered = np.cumsum(np.sort(np.diff(x)))
        wide = np.arange(ANCHORS)
        step = float(np.min(covered[len(covered) - 1 - wide] / (ANCHORS - wide)))
    found = [0]
    while True:
        place = int(np.searchsorted(x, x[found[-1]] + step, "right"))
        if place >= len(x) - 1:
            return [*found, len(x) - 1]
        found.append(place)


def _reaches(x: NDArray[np.float64], below: NDArray[np.float64], at: NDArray[np.float64], span: float) -> NDArray[np.float64]:
    """(K,) how far from each anchor the points lie that together hold the span; `below` are the running sums of weight."""
    sums = np.concatenate([[0.0], below])
    low, high = np.zeros(len(at)), np.full(len(at), x[-1] - x[0])
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        held = sums[np.searchsorted(x, at + middle, "right")] - sums[np.searchsorted(x, at - middle, "left")]
        enough = held >= span * below[-1]
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    first, last = x[np.searchsorted(x, at - high, "left")], x[np.searchsorted(x, at + high, "right") - 1]
    return np.maximum(at - first, last - at)


def _line(x: NDArray[np.float64], y: NDArray[np.float64], weight: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weighted least-squares line of these points, at these places; level where they lie too close for a slope."""
    total = weight.sum()
    mean_x, mean_y = np.vecdot(weight, x) / total, np.vecdot(weight, y) / total
    away = x - mean_x
    scaled = weight * away
    sxx = np.vecdot(scaled, away)
    slope = np.vecdot(scaled, y - mean_y) / sxx if sxx >= FLAT else 0.0
    return mean_y + slope * (at - mean_x)
