"""Small drawings of scores as SVG: where they lie on an axis, how they spread. Pure; colours are the page's meanings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from htmltools import Tag, svg
from numpy.typing import NDArray

from modules.judging.metrics import Metric

WIDE, HIGH = 1000, 46
"""Units of a strip; it is stretched to the width that there is."""
BINS = 60


def span(metric: Metric, values: NDArray[np.float64]) -> tuple[float, float]:
    """The ends of a metric's axis: 0 and 1 for shares, else 0 and the 98th percentile of what there is."""
    held = values[np.isfinite(values)]
    if (not metric.unit and not metric.low_is_good) or not len(held):
        return 0.0, 1.0
    return 0.0, float(max(np.quantile(held, 0.98), held.min(), 1e-6))


def along(metric: Metric, ends: tuple[float, float], value: float) -> float:
    """Where a value lies between bad (0, left) and good (1, right); what lies beyond the axis lies on its end."""
    share = min(max((value - ends[0]) / (ends[1] - ends[0]), 0.0), 1.0)
    return 1 - share if metric.low_is_good else share


def continuum_strip(metric: Metric, ends: tuple[float, float], values: NDArray[np.float64], marks: Sequence[tuple[float, float]]) -> Tag:
    """All scores of a source as a silhouette over the axis of accuracy, and the scenes shown as rings whose areas are those of the lakes.

    Args:
        metric: Which.
        ends: Of the axis.
        values: (N,) all scores; NaN is left out.
        marks: (value, share of the largest area, 0 to 1) of the scenes shown.
    """
    places = [along(metric, ends, value) for value in values[np.isfinite(values)].tolist()]
    counts, _ = np.histogram(places, bins=BINS, range=(0, 1))
    heights = HIGH * 0.8 * np.sqrt(counts / max(counts.max(), 1))
    corners = " ".join(f"{WIDE * (i + side) / BINS:.1f},{HIGH - height:.1f}" for i, height in enumerate(heights) for side in (0, 1))
    shape = svg.polygon(points=f"0,{HIGH} {corners} {WIDE},{HIGH}", class_="m-silhouette")
    drawn = svg.svg(shape, viewBox=f"0 0 {WIDE} {HIGH}", preserveAspectRatio="none", class_="m-strip-shape", aria_hidden="true")
    rings = [
        svg.svg(
            svg.circle(cx="50%", cy="50%", r=f"{3 + 9 * np.sqrt(max(share, 0.0)):.1f}"),
            style=f"left:{100 * along(metric, ends, value):.2f}%", class_="m-strip-ring", aria_hidden="true",
        )
        for value, share in marks
    ]  # fmt: skip
    return Tag("div", drawn, *rings, class_="m-strip")


def spread_mark(metric: Metric, ends: tuple[float, float], quantiles: NDArray[np.float64]) -> Tag:
    """5th to 95th percentile as a thin line, 25th to 75th as a thick one, the median as a dot, on the axis of accuracy."""
    at = [100 * along(metric, ends, value) for value in quantiles.tolist()]
    return _bar((at[0], at[4]), (at[1], at[3]), at[2])


def interval_mark(ends: tuple[float, float], low: float, mean: float, high: float, zero: float | None = None) -> Tag:
    """A mean as a dot in its interval, on an axis between two ends; `zero` draws a line there."""
    wide = (ends[1] - ends[0]) or 1.0
    at = [100 * min(max((value - ends[0]) / wide, 0), 1) if np.isfinite(value) else float("nan") for value in (low, mean, high)]
    line = None if zero is None else 100 * (zero - ends[0]) / wide
    return _bar(None, (at[0], at[2]) if np.isfinite(at[0]) else None, at[1], line)


def _bar(thin: tuple[float, float] | None, thick: tuple[float, float] | None, dot: float, zero: float | None = None) -> Tag:
    def line(ends: tuple[float, float], width: float, class_: str = "m-mark-line") -> Tag:
        return svg.line(x1=f"{ends[0]:.2f}%", x2=f"{ends[1]:.2f}%", y1="50%", y2="50%", stroke_width=f"{width}", class_=class_)

    parts = [
        svg.line(x1=f"{zero:.2f}%", x2=f"{zero:.2f}%", y1="0", y2="100%", class_="m-mark-zero") if zero is not None else None,
        line(thin, 1) if thin else None,
        line(thick, 4 if thin else 2) if thick else None,
        svg.circle(cx=f"{dot:.2f}%", cy="50%", r="4", class_="m-mark-dot") if np.isfinite(dot) else None,
    ]
    return svg.svg(*parts, class_="m-mark", aria_hidden="true")
