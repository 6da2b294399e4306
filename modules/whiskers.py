"""Dots with whiskers, small: slopes with their intervals on one axis, drawn as SVG that stretches with its place. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from htmltools import Tag, svg

from data.why import Estimate

WIDE, HIGH = 100.0, 100.0
REACH = 2.5
"""How far an interval is drawn beyond the outermost slope, in spans of the slopes: one wide interval would flatten all others."""


def span(rows: Sequence[Estimate]) -> tuple[float, float]:
    """The axis that all of these rows share: 0, every slope, and their intervals as far as that is worth drawing."""
    slopes = np.array([0.0, *(row.slope for row in rows if math.isfinite(row.slope))])
    ends = np.array([end for row in rows for end in (row.low, row.high) if math.isfinite(end)])
    low, high = float(slopes.min()), float(slopes.max())
    reach = REACH * ((high - low) or 1.0)
    held = ends[(ends >= low - reach) & (ends <= high + reach)]
    low, high = min(low, *held.tolist(), low), max(high, *held.tolist(), high)
    room = 0.04 * ((high - low) or 1.0)
    return low - room, high + room


def meaning(row: Estimate) -> str:
    """The class whose colour a row has."""
    if not row.significant:
        return "steady"
    return "growing" if row.sign > 0 else "shrinking"


def lying(row: Estimate, ends: tuple[float, float]) -> Tag:
    """One row, its slope from left to right."""
    place = _scale(ends)
    zero = svg.line(x1=place(0.0), x2=place(0.0), y1="0", y2=f"{HIGH:g}", class_="m-whisker-zero")
    parts = [] if not math.isfinite(row.slope) else [*_interval(row, ends, upright=False), _dot(place(row.slope), f"{HIGH / 2:g}")]
    return _picture(zero, *parts, class_=f"m-whisker m-whisker-lying m-{meaning(row)}")


def standing(rows: Sequence[Estimate], ends: tuple[float, float], label: str) -> Tag:
    """Many rows side by side, slopes upward.

    Args:
        rows: In order.
        ends: What `span` says of them.
        label: What a person hears of it.
    """
    place = _scale(ends)
    up = lambda value: f"{HIGH - float(place(value)):.2f}"  # noqa: E731
    zero = svg.line(x1="0", x2=f"{WIDE:g}", y1=up(0.0), y2=up(0.0), class_="m-whisker-zero")
    marks: list[Tag] = []
    for at, row in enumerate(rows):
        x = f"{WIDE * (at + 0.5) / len(rows):.2f}"
        if math.isfinite(row.slope):
            parts = [*_interval(row, ends, upright=True, across=x), _dot(x, up(row.slope))]
            marks.append(svg.g(*parts, class_=f"m-{meaning(row)}"))
    return _picture(zero, *marks, class_="m-whisker m-whisker-standing", role="img", aria_label=label)


def _scale(ends: tuple[float, float]):
    low, high = ends
    return lambda value: f"{WIDE * (min(max(value, low), high) - low) / (high - low):.2f}"


def _interval(row: Estimate, ends: tuple[float, float], *, upright: bool, across: str = f"{HIGH / 2:g}") -> list[Tag]:
    if not (math.isfinite(row.low) and math.isfinite(row.high)):
        return []
    place = _scale(ends)
    first, last = place(row.low), place(row.high)
    if upright:
        first, last = (f"{HIGH - float(end):.2f}" for end in (first, last))
        return [svg.line(x1=across, x2=across, y1=first, y2=last, class_="m-whisker-line")]
    return [svg.line(x1=first, x2=last, y1=across, y2=across, class_="m-whisker-line")]


def _dot(x: str, y: str) -> Tag:
    """A line of no length with round ends: unlike a circle it stays round however the picture is stretched."""
    return svg.line(x1=x, x2=x, y1=y, y2=y, class_="m-whisker-dot")


def _picture(*parts: Tag, **more: str) -> Tag:
    hidden = {} if "role" in more else {"aria_hidden": "true"}
    return svg.svg(*parts, viewBox=f"0 0 {WIDE:g} {HIGH:g}", preserveAspectRatio="none", focusable="false", **more, **hidden)
