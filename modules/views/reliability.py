"""Reliability: how often there is water where a source says how likely it is."""

from __future__ import annotations

import numpy as np
import pandas as pd
from htmltools import Tag, svg, tags
from shiny import Inputs, Outputs, Session, module, render, ui

from data.store import Store
from modules.judging.comparison import calibration_error, pooled_reliability
from modules.judging.inspection import Seen
from modules.judging.seen import SeenScores
from modules.numerals import fixed_text
from modules.selection import Selection

SIDE = 100
NOTHING = "None of these sources says how sure it is: masks that are water or not have no reliability."
READ = (
    "Pixels in 15 bins of probability: across, the probability that was said; up, the share that is water in the label. On the diagonal "
    "the two agree; below it the source is too sure of water. The larger a dot, the more pixels (by their logarithm)."
)


def reliability_tags(found: Seen) -> Tag:
    """A small diagram a source that has probabilities.

    Args:
        found: The scores, with their bins.
    """
    pooled = pooled_reliability(found) if len(found.bins) else {}
    if not pooled:
        return tags.p(NOTHING, class_="m-empty")
    figures = [
        _figure(source, bins, found.bins.loc[found.bins["source"] == source, "scene_key"].nunique()) for source, bins in pooled.items()
    ]
    return tags.div(tags.div(*figures, class_="m-reliability"), tags.p(READ, class_="m-quiet"))


def _figure(source: str, bins: pd.DataFrame, scenes: int) -> Tag:
    words = f"{source}: ECE {fixed_text(calibration_error(bins), 3)}, {scenes:,} scenes, {int(bins['pixels'].sum()):,} pixels"
    said, held = (SIDE * bins[name].to_numpy(dtype=float) for name in ("said", "found"))
    sizes = 1 + 0.45 * np.log10(bins["pixels"].to_numpy(dtype=float))
    line = " ".join(f"{x:.2f},{SIDE - y:.2f}" for x, y in zip(said, held, strict=True))
    dots = [
        svg.circle(cx=f"{x:.2f}", cy=f"{SIDE - y:.2f}", r=f"{r:.2f}", class_="m-mark-dot")
        for x, y, r in zip(said, held, sizes, strict=True)
    ]
    drawing = svg.svg(
        svg.line(x1="0", y1=str(SIDE), x2=str(SIDE), y2="0", class_="m-mark-zero"), svg.polyline(points=line, class_="m-mark-curve"), *dots,
        viewBox=f"-4 -4 {SIDE + 8} {SIDE + 8}", role="img", aria_label=f"Reliability of {words}. {_spoken(bins)}",
    )  # fmt: skip
    axis = tags.span(tags.span("0"), tags.span("said"), tags.span("1"), class_="m-reliability-axis m-quiet", aria_hidden="true")
    return tags.figure(drawing, axis, tags.figcaption(words))


def _spoken(bins: pd.DataFrame) -> str:
    pairs = [f"{said:.2f} said, {found:.2f} found" for said, found in zip(bins["said"], bins["found"], strict=True)]
    return "; ".join(pairs)


@module.ui
def reliability_ui() -> Tag:
    return ui.output_ui("figures")


@module.server
def reliability_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, scores: SeenScores) -> None:
    @render.ui
    def figures() -> Tag:
        return reliability_tags(scores.seen())
