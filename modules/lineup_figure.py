"""Twenty small volcanoes as SVG: the same axes and the same thinning for all, so that nothing but their shape tells them apart. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from htmltools import Tag

from data.trends.lineup import PANELS, Panel
from modules.measures import Limits, limits
from modules.palette import PALETTE

WIDE, HIGH, MARGIN = 200, 150, 5
"""Of one plot, in its own units."""
MOST = 1_500
"""Dots of a plot, at most: so many lakes fall on one another that more show no more."""
LETTERS = 170
"""Of a line below the plots of a saved line-up, at most."""
LEVELS = ((1, 0.4), (2, 0.65), (6, 1.0))
"""From so many lakes on, a dot is so opaque."""


@dataclass(frozen=True)
class Dots:
    """One volcano, thinned.

    Args:
        x, y: (D,) in the units of the plot.
        count: (D,) lakes on each dot.
    """

    x: np.ndarray
    y: np.ndarray
    count: np.ndarray


@dataclass(frozen=True)
class Arranged:
    """A line-up, ready to be drawn.

    Args:
        plots: PANELS of them.
        seat: Which of them is real.
        seed: From which the shuffling and the seat follow.
        limits: Of the axes, the same in all.
        size: Of a dot, in the units of the plot.
        unit: Of the slope.
    """

    plots: tuple[Dots, ...]
    seat: int
    seed: int
    limits: Limits
    size: float
    unit: str


def arranged(panels: Sequence[Panel], seat: int, seed: int, unit: str) -> Arranged:
    """Axes that hold every plot, and the finest grid on which no plot has more than MOST dots."""
    each = [limits(panel.slope, panel.evidence) for panel in panels]
    span = Limits(max(one.x for one in each), max(one.y for one in each))
    for step in (1, 2, 3, 4, 5, 6):
        plots = tuple(_thinned(panel, span, step) for panel in panels)
        if max(len(plot.x) for plot in plots) <= MOST:
            break
    return Arranged(plots, seat, seed, span, max(3.0, step), unit)


def _thinned(panel: Panel, span: Limits, step: int) -> Dots:
    """The lakes of a panel on a grid of so many units; beyond the limits on the edge."""
    tested = np.isfinite(panel.slope) & np.isfinite(panel.evidence)
    x, y = span.clipped(panel.slope[tested].astype(float), panel.evidence[tested].astype(float))
    across = np.rint((MARGIN + (x / span.x + 1) / 2 * (WIDE - 2 * MARGIN)) / step).astype(np.int64)
    down = np.rint((HIGH - MARGIN - y / span.y * (HIGH - 2 * MARGIN)) / step).astype(np.int64)
    cell, count = np.unique(across * (HIGH + 1) + down, return_counts=True)
    return Dots(cell // (HIGH + 1) * step, cell % (HIGH + 1) * step, count)


def plot_svg(found: Arranged, place: int, **attributes: str) -> Tag:
    """One plot, in the colour of the text around it."""
    dots = found.plots[place]
    middle = Tag("path", d=f"M{WIDE / 2:g} {MARGIN}V{HIGH - MARGIN}M0 {HIGH - MARGIN}H{WIDE}", stroke_width="0.7", stroke_opacity="0.5")
    marks = [
        Tag("path", d=_path(dots, low, high), stroke_width=f"{found.size:g}", stroke_linecap="round", stroke_opacity=f"{opacity:g}")
        for (low, opacity), high in zip(LEVELS, (*(low for low, _ in LEVELS[1:]), np.inf), strict=True)
    ]
    return Tag("svg", middle, *marks, viewBox=f"0 0 {WIDE} {HIGH}", fill="none", stroke="currentColor", aria_hidden="true", **attributes)


def _path(dots: Dots, low: int, high: float) -> str:
    held = (dots.count >= low) & (dots.count < high)
    return "".join(f"M{x} {y}h0" for x, y in zip(dots.x[held].tolist(), dots.y[held].tolist(), strict=True))


def caption(found: Arranged, place: int, *, told: bool) -> str:
    """What stands below a plot: its number, and what it is once that is told."""
    return f"{place + 1}" + (f": {'the data' if place == found.seat else 'dates shuffled'}" if told else "")


def axes_words(found: Arranged) -> str:
    """What the axes of every plot are."""
    return f"across: slope, ±{found.limits.x:.3g} {found.unit}; up: −log₁₀ p, 0 to {found.limits.y:.3g}; the same in all"


def whole_svg(found: Arranged, words: Sequence[str], *, told: bool) -> str:
    """All plots as one file that says by itself what it shows: 5 across, 4 down, on white.

    Args:
        found: The line-up.
        words: Lines below the plots: where the data come from.
        told: Whether it is said which plot is the data.
    """
    ink, wide = PALETTE["ink"][0], 5 * WIDE
    real = f"Plot {found.seat + 1} is the data." if told else "Which plot is the data is not told."
    made = f"In {PANELS - 1} of these {PANELS} plots the areas of each lake were shuffled over its dates (seed {found.seed}). {real}"
    cells: list[Tag] = []
    for place in range(PANELS):
        left, top = place % 5 * WIDE, place // 5 * (HIGH + 18)
        cells += [
            plot_svg(found, place, x=f"{left}", y=f"{top}", width=f"{WIDE}", height=f"{HIGH}"),
            _text(caption(found, place, told=told), left + WIDE / 2, top + HIGH + 11, 10, text_anchor="middle"),
        ]
    foot = 4 * (HIGH + 18)
    said = [made, f"{axes_words(found)[0].upper()}{axes_words(found)[1:]}.", *words]
    lines = [part for line in said for part in textwrap.wrap(line, LETTERS)]
    cells += [_text(line, 4, foot + 14 * (1 + at), 10) for at, line in enumerate(lines)]
    high = foot + 14 * len(lines) + 10
    ground = Tag("rect", width=f"{wide}", height=f"{high}", fill="#fff")
    space = {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {wide} {high}", "width": f"{wide}", "height": f"{high}"}
    return str(Tag("svg", space, ground, *cells, style=f"color: {ink}; font-family: sans-serif"))


def _text(words: str, x: float, y: float, size: int, **attributes: str) -> Tag:
    return Tag("text", words, x=f"{x:g}", y=f"{y:g}", font_size=f"{size}", fill="currentColor", **attributes)
