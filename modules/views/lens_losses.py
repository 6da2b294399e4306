"""The loss of every followed scene through training, as faint lines: those that are hard late stand out, a line pressed is in focus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import numpy as np
import pandas as pd
from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui
from shinywidgets import render_widget

from data.lens.hard import FORGOTTEN, STAYED
from data.store import Store
from modules.controls import key_of, text_of
from modules.figures import axis, layout, words
from modules.lensing.courses import by_epoch
from modules.lensing.hardness import hardness
from modules.lensing.line_brush import drawn_polygon, lines_in
from modules.lensing.line_colours import COLOURINGS, Group
from modules.lensing.looking import LensSelection
from modules.lensing.tiles import scene_words
from modules.palette import colour
from modules.selection import Selection
from modules.widgets.plot import PlotWidget, plot_output

AXES = ("epoch", "loss")
"""What the browser calls the axes of a brush here."""
FAINT, STRONG = 0.45, 1.0
LEAST = 1e-4
"""The lowest loss that a log axis shows; what is lower lies there."""
MOST = 200
"""Lines that are drawn, the hardest scenes first."""


def losses_figure(
    losses: pd.DataFrame, groups: Sequence[Group], kinds: pd.Series, names: pd.Series, *, log: bool = False
) -> dict[str, Any]:
    """A line a scene as plotly JSON: a trace for each colour and kind, gaps between its lines.

    Args:
        losses: A row a scene, by its key, a column an epoch.
        groups: Which colours which.
        kinds: STAYED, FORGOTTEN or empty, by scene_key.
        names: What each is called, by scene_key.
        log: A log axis.
    """
    traces: list[dict[str, Any]] = []
    for kind in ("", FORGOTTEN, STAYED):
        for group in groups:
            keys = [key for key in group.scene_keys if key in losses.index and kinds.get(key, "") == kind]
            if keys:
                traces.append({**_lines(losses.loc[keys].clip(lower=LEAST) if log else losses.loc[keys], names), **_look(group, kind)})
    first, last = (float(losses.columns[at]) if len(losses.columns) else 1.0 for at in (0, -1))
    label = (
        f"Loss of {len(losses):,} scenes through {losses.shape[1]} epochs."
        " Arrow keys up and down walk the scenes, left and right the epochs; Enter puts a scene in focus."
    )
    return {
        "data": traces,
        "layout": layout(
            xaxis=axis("epoch", range=[first - 0.5, last + 0.5], tickformat="d"),
            yaxis=axis("loss of the scene", type="log" if log else "linear", **({} if log else {"rangemode": "tozero"})),
            margin={"l": 50, "r": 8, "t": 8, "b": 36},
            dragmode="select",
            uirevision=f"{log}",
            meta=words(label, "", lines="loss", epochs=True, axes=list(AXES)),
        ),
    }


def _lines(losses: pd.DataFrame, names: pd.Series) -> dict[str, Any]:
    """All vertices of some lines, one behind the other, each line followed by a gap."""
    count, epochs = losses.shape
    values = np.column_stack([losses.to_numpy(dtype=float), np.full(count, np.nan)])
    x = [*losses.columns.tolist(), None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x * count,
        "y": [None if np.isnan(value) else float(f"{value:.4g}") for value in values.ravel()],
        "customdata": [each for key in losses.index.tolist() for each in ([key] * epochs + [None])],
        "text": [each for key in losses.index.tolist() for each in ([escape(names[key], quote=False)] * epochs + [None])],
        "hovertemplate": "%{text}<br>epoch %{x}, loss %{y}<extra></extra>",
        "connectgaps": False,
    }


def _look(group: Group, kind: str) -> dict[str, Any]:
    line = {"color": colour(group.meaning, group.opacity), "width": 2.2 if kind else 1, "dash": "dash" if kind == FORGOTTEN else "solid"}
    return {"line": line, "opacity": STRONG if kind else FAINT}


def key_tags(groups: Sequence[Group], kinds: pd.Series) -> Tag:
    """What colours and lines say, with how many there are of each."""
    chips = [
        tags.span(
            tags.span(style=f"background:var(--m-{group.meaning});opacity:{group.opacity:.2f}", class_="m-swatch", aria_hidden="true"),
            f"{group.words} ({len(group.scene_keys)})",
        )
        for group in groups
    ]
    marks = [
        tags.span(tags.span(class_=f"m-line-sample {class_}", aria_hidden="true"), f"{kind} ({int((kinds == kind).sum())})")
        for kind, class_ in ((STAYED, "m-line-stayed"), (FORGOTTEN, "m-line-became"))
    ]
    return tags.p(*chips, *marks, class_="m-error-key m-quiet")


@module.ui
def lens_losses_ui() -> Tag:
    colours = {name: title for name, (title, _) in COLOURINGS.items()}
    return tags.div(
        tags.div(
            ui.input_select("colour", "Colour", colours),
            ui.input_checkbox("log", "log axis", False),
            class_="m-lens-row",
        ),
        ui.output_ui("key"),
        tags.div(plot_output("plot"), class_="m-lens-plot m-losses-plot"),
        class_="m-losses",
    )


@module.server
def lens_losses_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, looking: LensSelection
) -> None:
    widget = PlotWidget()

    @render_widget
    def plot() -> PlotWidget:
        return widget

    @reactive.calc
    def fault() -> str:
        return looking.lens().fault("training.parquet", "probe.npz")

    @reactive.calc
    def losses() -> pd.DataFrame:
        found = by_epoch(looking.lens(), "loss")
        return found.loc[hardness(looking.lens())["scene_key"].head(MOST)]

    @reactive.calc
    def kinds() -> pd.Series:
        return hardness(looking.lens()).set_index("scene_key")["kind"]

    @reactive.calc
    def groups() -> list[Group]:
        name = text_of(input.colour())
        return COLOURINGS[name if name in COLOURINGS else "reason"][1](looking.lens().scenes.loc[losses().index])

    @reactive.effect
    def _draw() -> None:
        if looking.on("training") and not fault():
            lens = looking.lens()
            names = pd.Series({key: scene_words(lens, key) for key in losses().index})
            figure = losses_figure(losses(), groups(), kinds(), names, log=input.log() is True)
            widget.show(columns=[], bits=b"", figure=figure)

    @render.ui
    def key() -> Tag | TagList:
        if fault():
            return tags.p(fault(), class_="m-notice", role="alert")
        return key_tags(groups(), kinds())

    _take(widget, looking, lambda: None if fault() else losses())


def _take(widget: PlotWidget, looking: LensSelection, losses: Callable[[], pd.DataFrame | None]) -> None:
    """A line that is pressed is in focus, lines that are brushed are selected."""

    def pressed(change: dict[str, Any]) -> None:
        if change["new"]:
            looking.set_scene(key_of(change["new"][0]))

    def brushed(change: dict[str, Any]) -> None:
        drawn = drawn_polygon(change["new"], AXES)
        with reactive.isolate():
            if drawn is not None and (held := losses()) is not None:
                looking.set_selected(lines_in(held, drawn[0], log=drawn[1]))

    widget.observe(pressed, names="picked")
    widget.observe(brushed, names="drawn")
