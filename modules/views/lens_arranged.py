"""The scenes as two layers arrange them, side by side and turned onto each other; a scene asked about in one is marked in the other."""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui
from shinywidgets import render_widget

from data.store import Store
from modules.controls import key_of
from modules.figures import axis, layout, words
from modules.lensing.comparing import LISTED, Comparing, Placed
from modules.lensing.heat import side_title
from modules.lensing.looking import LensSelection
from modules.palette import colour
from modules.selection import Selection
from modules.widgets.plot import PlotWidget, plot_output

CROWDED = 2000
"""Points from which on WebGL draws them faster than SVG."""
LINKED = "lens-placed"
"""Plots that name this mark the same scene."""


def arranged_figure(placed: Placed, second: bool, selected: tuple[int, ...] = ()) -> dict[str, Any]:
    """One of the two pictures, a point a scene.

    Args:
        placed: The scenes of two layers.
        second: Whether it is the picture of the second layer.
        selected: Keys of scenes that a brush chose.
    """
    points, name = _boxed(placed)[second], side_words(placed, second)
    named = f"{name}, {len(points):,} scenes in the plane. Arrow keys walk them, Enter focuses one."
    shown = axis("", range=[-1.06, 1.06], showticklabels=False, ticks="", constrain="domain")
    return {
        "data": [_marks(placed, points, frozenset(selected))],
        "layout": layout(
            xaxis=shown, yaxis={**shown, "scaleanchor": "x"}, margin={"l": 6, "r": 6, "t": 4, "b": 6}, dragmode=False,
            uirevision=f"{placed.compared.sides.key} {placed.cell}", meta=words(named, "", points=[], linked=LINKED),
        ),
    }  # fmt: skip


def _boxed(placed: Placed) -> list[np.ndarray]:
    """Both pictures moved and scaled alike into the square from -1 to 1: axes of equal scale keep what plotly had them show first."""
    both = np.concatenate([placed.arranged.first, placed.arranged.second])
    middle, reach = (both.max(axis=0) + both.min(axis=0)) / 2, float(np.ptp(both, axis=0).max(initial=1e-9)) / 2
    return [(each - middle) / reach for each in (placed.arranged.first, placed.arranged.second)]


def _marks(placed: Placed, points: np.ndarray, selected: frozenset[int]) -> dict[str, Any]:
    keys, differ = placed.scene_key.tolist(), placed.differ
    listed = set(differ.order()[:LISTED].tolist())
    brushed = [key in selected for key in keys]
    marker = {
        "size": [8 if at in listed else 5 for at in range(len(keys))],
        "symbol": ["diamond" if at in listed else "circle" for at in range(len(keys))],
        "color": [colour("brushed" if mark else "ink") for mark in brushed],
        "opacity": [0.9 if at in listed or mark else 0.3 for at, mark in enumerate(brushed)],
    }
    said = zip(placed.words, differ.kept.tolist(), strict=True)
    text = [escape(f"{words} · {kept} of {differ.around} neighbours kept", quote=False) for words, kept in said]
    place = {name: [float(f"{value:.4g}") for value in column] for name, column in zip("xy", points.T.tolist(), strict=True)}
    kind = "scattergl" if len(keys) > CROWDED else "scatter"
    told = {"customdata": keys, "text": text, "hovertemplate": "%{text}<extra></extra>"}
    return {"type": kind, "mode": "markers", **place, "marker": marker, **told}


def side_words(placed: Placed, second: bool) -> str:
    """`up.2 of U-Net, seed 1`."""
    sides = placed.compared.sides
    return f"{placed.cell[second]} of {side_title(sides.second if second else sides.first)}"


def fit_words(placed: Placed) -> str:
    """How much of the layers the two pictures show, and how much of the one the other tells."""
    shown = " and ".join(f"{100 * share:.0f} %" for share in placed.arranged.explained)
    return (
        f"Each layer along its two principal components ({shown} of their variance), the second turned onto the first: the one picture "
        f"then tells {100 * placed.arranged.fit:.0f} % of the other. Diamonds: the {min(LISTED, len(placed.scene_key))} scenes whose "
        f"neighbours differ most.{_some(placed)}"
    )


def _some(placed: Placed) -> str:
    count = len(placed.compared.paired.scene_key)
    return f" Of the {count:,} scenes, evenly many are drawn: {len(placed.scene_key):,}." if count > len(placed.scene_key) else ""


@module.ui
def lens_arranged_ui() -> Tag:
    pictures = [
        tags.div(
            tags.h3(ui.output_text(f"{name}_title", inline=True)),
            tags.div(plot_output(name, height="100%"), class_="m-lens-placed-plot"),
        )
        for name in ("first", "second")
    ]
    return tags.div(ui.output_ui("said"), tags.div(*pictures, class_="m-lens-placed"))


@module.server
def lens_arranged_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, looking: LensSelection, comparing: Comparing
) -> None:
    widgets = {"first": PlotWidget(), "second": PlotWidget()}

    @render_widget
    def first() -> PlotWidget:
        return widgets["first"]

    @render_widget
    def second() -> PlotWidget:
        return widgets["second"]

    @render.text
    def first_title() -> str:
        return side_words(comparing.shown(), False)

    @render.text
    def second_title() -> str:
        return side_words(comparing.shown(), True)

    @render.ui
    def said() -> TagList:
        if comparing.placed.trouble():
            return TagList(tags.p(comparing.placed.trouble(), class_="m-notice", role="alert"))
        return TagList(tags.p(fit_words(comparing.shown()), class_="m-quiet m-inspection-about"))

    @reactive.effect
    def _draw() -> None:
        placed, chosen = comparing.shown(), looking.selected()
        for name, widget in widgets.items():
            widget.show(columns=[], bits=b"", figure=arranged_figure(placed, name == "second", chosen))

    @reactive.effect
    def _ring() -> None:
        key = looking.scene()
        for widget in widgets.values():
            widget.focus = key

    for widget in widgets.values():
        widget.observe(lambda change: change["new"] and looking.set_scene(key_of(change["new"][0])), names="picked")
