"""Small plots as SVG inside the file: shapes, axes and numbers, no script. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from htmltools import Tag, svg

WIDTH, HEIGHT = 330, 200
"""Of the plots of a page, px."""


@dataclass(frozen=True)
class Frame:
    """Maps data to px.

    Args:
        width, height: Of the whole picture, px.
        x, y: Least and most of the data.
        left, right, top, bottom: Margins, px.
    """

    width: float
    height: float
    x: tuple[float, float]
    y: tuple[float, float]
    left: float = 44
    right: float = 8
    top: float = 8
    bottom: float = 24

    def across(self, value: float) -> float:
        """px from the left."""
        span = self.x[1] - self.x[0] or 1.0
        return round(self.left + (value - self.x[0]) / span * (self.width - self.left - self.right), 1)

    def down(self, value: float) -> float:
        """px from the top."""
        span = self.y[1] - self.y[0] or 1.0
        return round(self.height - self.bottom - (value - self.y[0]) / span * (self.height - self.top - self.bottom), 1)


def line(x1: float, y1: float, x2: float, y2: float, *, class_: str) -> Tag:
    """A straight line, px."""
    return svg.line(x1=_px(x1), y1=_px(y1), x2=_px(x2), y2=_px(y2), class_=class_)


def text(x: float, y: float, words: str, *, class_: str = "axis", anchor: str = "middle") -> Tag:
    """A short text at a place, px."""
    return svg.text(words, x=_px(x), y=_px(y), class_=class_, text_anchor=anchor)


def path(points: Sequence[tuple[float, float]], *, class_: str, closed: bool = False) -> Tag:
    """A line through points, px."""
    d = "M" + "L".join(f"{_px(x)} {_px(y)}" for x, y in points) + ("Z" if closed else "")
    return svg.path(d=d, class_=class_)


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers between two ends, at most so many."""
    span = high - low
    if not math.isfinite(span) or span <= 0:
        return [low]
    step = 10.0 ** math.floor(math.log10(span / most))
    step *= next(factor for factor in (1, 2, 5, 10, 20) if span / (step * factor) <= most)
    first = math.ceil(low / step - 1e-9)
    return [round(step * n, 12) for n in range(first, math.floor(high / step + 1e-9) + 1)]


def axes(frame: Frame, x_title: str, y_title: str, *, years: bool = False) -> list[Tag]:
    """Both axes with ticks, numbers and titles."""
    floor, left = frame.height - frame.bottom, frame.left
    made = [line(left, floor, frame.width - frame.right, floor, class_="rule"), line(left, frame.top, left, floor, class_="rule")]
    for value in ticks(*frame.x):
        if not years or value == round(value):
            made.append(text(frame.across(value), floor + 12, f"{value:g}"))
    made += [text(left - 4, frame.down(value) + 3, f"{value:g}", anchor="end") for value in ticks(*frame.y, 4)]
    made.append(text(left, frame.top - 1 if frame.top > 8 else 7, y_title, anchor="start"))
    if x_title:
        made.append(text(frame.width - frame.right, frame.height - 2, x_title, anchor="end"))
    return made


def picture(width: float, height: float, says: str, *parts: Tag) -> Tag:
    """An SVG of this size, with what it shows in words."""
    return svg.svg(
        svg.title(says), *parts, viewBox=f"0 0 {_px(width)} {_px(height)}", role="img", aria_label=says, class_="plot"
    )  # fmt: skip


def spread(x: np.ndarray, y: np.ndarray, frame: Frame) -> str:
    """The `d` of a path that draws a dot at each point; points of the same px are drawn once, so its length is bounded."""
    across = np.round([frame.across(value) for value in x.tolist()])
    down = np.round([frame.down(value) for value in y.tolist()])
    places = np.unique(np.column_stack([across, down]), axis=0) if len(across) else np.empty((0, 2))
    return "".join(f"M{int(left)} {int(top)}h0" for left, top in places.tolist())


def _px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
