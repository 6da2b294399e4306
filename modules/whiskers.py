"""Dots with whiskers, small: slopes with their intervals on one axis, drawn as SVG that stretches with its place. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from htmltools import Tag, svg

from data.why import Estimate

SIDE = 100.0
REACH = 2.5
"""How far an interval is drawn beyond the outermost slope, in spans of the slopes: one wide interval would flatten all others."""
Mark = tuple[str, float, float, float, float]
"""A class that has a colour; a place across, from 0 to 1; a value and the ends of its whisker, NaN for none."""


def span(rows: Sequence[Estimate]) -> tuple[float, float]:
    """The axis that all of these rows share: 0, every slope, and their intervals as far as that is worth drawing."""
    slopes = np.array([0.0, *(row.slope for row in rows if math.isfinite(row.slope))])
    ends = np.array([end for row in rows for end in (row.low, row.high) if math.isfinite(end)])
    low, high = float(slopes.min()), float(slopes.max())
    reach = REACH * ((high - low) or 1.0)
    held = ends[(ends >= low - reach) & (ends <= high + reach)].tolist()
    return roomy(min(low, *held, low), max(high, *held, high))


def roomy(low: float, high: float) -> tuple[float, float]:
    """The same ends with a little room beyond."""
    room = 0.04 * ((high - low) or 1.0)
    return low - room, high + room


def meaning(row: Estimate) -> str:
    """The class whose colour a row has."""
    if not row.significant:
        return "steady"
    return "growing" if row.sign > 0 else "shrinking"


def lying(row: Estimate, ends: tuple[float, float]) -> Tag:
    """One row, its slope from left to right."""
    return _picture([_mark(row, 0.5)], ends, upright=False, class_="m-whisker m-whisker-lying", aria_hidden="true")


def standing(rows: Sequence[Estimate], ends: tuple[float, float], label: str) -> Tag:
    """Many rows side by side, slopes upward.

    Args:
        rows: In order.
        ends: What `span` says of them.
        label: What a person hears of it.
    """
    return upright([_mark(row, (at + 0.5) / len(rows)) for at, row in enumerate(rows)], ends, label)


def upright(marks: Iterable[Mark], ends: tuple[float, float], label: str) -> Tag:
    """Any marks, their values upward."""
    return _picture(marks, ends, upright=True, class_="m-whisker m-whisker-standing", role="img", aria_label=label)


def _mark(row: Estimate, across: float) -> Mark:
    return meaning(row), across, row.slope, row.low, row.high


def _picture(marks: Iterable[Mark], ends: tuple[float, float], *, upright: bool, **more: str) -> Tag:
    """One path a class and part: a tag for each mark would take ten times as long to make."""
    low, high = ends
    along = lambda value: SIDE * (min(max(value, low), high) - low) / (high - low)  # noqa: E731
    drawn: dict[tuple[str, str], list[str]] = {}
    for name, across, value, first, last in marks:
        if not math.isfinite(value):
            continue
        if math.isfinite(first) and math.isfinite(last):
            drawn.setdefault((name, "line"), []).append(_stroke(along(first), along(last), SIDE * across, upright=upright))
        drawn.setdefault((name, "dot"), []).append(_stroke(along(value), along(value), SIDE * across, upright=upright))
    order = sorted(drawn, key=lambda part: part[1] == "dot")
    zero = svg.path(d=_zero(along(0.0), upright=upright), class_="m-whisker-zero")
    paths = (svg.path(d="".join(drawn[part]), class_=f"m-whisker-{part[1]} m-{part[0]}") for part in order)
    return svg.svg(zero, *paths, viewBox=f"0 0 {SIDE:g} {SIDE:g}", preserveAspectRatio="none", focusable="false", **more)


def _stroke(first: float, last: float, across: float, *, upright: bool) -> str:
    """From one value to another. One of no length has round ends: unlike a circle it stays round however the picture is stretched."""
    if upright:
        return f"M{across:.2f} {SIDE - first:.2f}V{SIDE - last:.2f}"
    return f"M{first:.2f} {across:.2f}H{last:.2f}"


def _zero(at: float, *, upright: bool) -> str:
    return f"M0 {SIDE - at:.2f}H{SIDE:g}" if upright else f"M{at:.2f} 0V{SIDE:g}"
