"""How far each layer of the run moves through training, as lines; a frozen first block is flat at 1."""

from __future__ import annotations

from html import escape
from typing import Any

from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui
from shinywidgets import render_widget

from data.lens.drift import AGAINST, Drift
from data.lens.similarity import MEASURES
from data.store import Store
from modules.controls import link_control, text_of
from modules.figures import axis, layout, words
from modules.lensing.comparing import Comparing
from modules.lensing.looking import LensSelection
from modules.palette import colour
from modules.selection import Selection
from modules.widgets.plot import PlotWidget, plot_output

APART = 0.055
"""Share of the height that names of lines stand apart."""
NAMED = 17
"""Lines up to which all names have room."""


def drift_figure(found: Drift, layer: str) -> dict[str, Any]:
    """A line a layer, as plotly JSON.

    Args:
        found: The layers through the epochs.
        layer: The one in question, drawn in ink.
    """
    epochs, title = list(found.lens.manifest.epochs), MEASURES[found.measure].title
    lines = {
        name: [None if each is None or each.reason else float(f"{each.value:.5g}") for each in held] for name, held in found.layers.items()
    }
    known = [value for line in lines.values() for value in line if value is not None]
    low = min([0.95, *known])
    low -= 0.04 * (1 - low)
    spread = (epochs[-1] - epochs[0]) or 1
    label = f"{title} of each layer to its own {AGAINST[found.against].removeprefix('the ')}, {len(lines)} layers, {len(epochs)} epochs"
    return {
        "data": [_line(name, epochs, line, found, name == layer) for name, line in lines.items()],
        "layout": layout(
            xaxis=axis("epoch", range=[epochs[0] - 0.02 * spread, epochs[-1] + 0.02 * spread], tickvals=epochs[:: -(-len(epochs) // 12)]),
            yaxis=axis(f"{title} to {AGAINST[found.against]}", range=[low, 1 + 0.04 * (1 - low)]),
            margin={"l": 50, "r": 100 + 80 * bool(found.still), "t": 8, "b": 40}, dragmode=False,
            annotations=_names(lines, found, layer, low),
            uirevision=f"{found.lens.digest} {found.measure} {found.against}", meta=words(label, ""),
        ),
    }  # fmt: skip


def _line(name: str, epochs: list[int], line: list[float | None], found: Drift, chosen: bool) -> dict[str, Any]:
    mark = {"color": colour("ink" if chosen else "quiet", None if chosen else 0.6), "width": 2.5 if chosen else 1.2}
    dash = {"dash": "dash"} if name in found.still else {}
    said = f"{escape(name)}{', which never learns' if name in found.still else ''}<br>epoch %{{x}}: %{{y:.4f}}<extra></extra>"
    return {"type": "scatter", "mode": "lines+markers", "x": epochs, "y": line, "line": {**mark, **dash}, "marker": {"size": 4, **mark},
            "hovertemplate": said}  # fmt: skip


def _names(lines: dict[str, list[float | None]], found: Drift, layer: str, low: float) -> list[dict[str, Any]]:
    """Names at the right, the line that falls least on top; of too many, that of the layer in question and those that never learn."""
    where = {name: min((value for value in line if value is not None), default=low) for name, line in lines.items()}
    order = [name for name in sorted(where, key=lambda name: -where[name]) if len(where) <= NAMED or name == layer or name in found.still]
    step = APART * (1 - low) * 1.08
    notes: list[dict[str, Any]] = []
    for at, name in enumerate(order):
        strong = name == layer
        text = f"<b>{escape(name)}</b>" if strong else escape(name)
        notes.append({
            "xref": "paper", "x": 1, "xshift": 6, "y": 1 - at * step, "xanchor": "left", "showarrow": False,
            "text": f"{text} {where[name]:.2f}{' · never learns' * (name in found.still)}",
            "font": {"size": 11, "color": colour("ink" if strong else "quiet")},
        })  # fmt: skip
    return notes


def drift_words(found: Drift) -> str:
    """What the lines are of and what a flat one means."""
    whole = f"on the {found.scenes:,} scenes that were followed. Beside each name: its least."
    first = f"Each layer against itself at {AGAINST[found.against]}, {whole}"
    if not found.still:
        return first
    names = " and ".join(found.still)
    return f"{first} {names} never {'learns' if len(found.still) == 1 else 'learn'}: flat at 1 if all before it stands still as well."


@module.ui
def lens_drift_ui() -> Tag:
    return tags.div(
        tags.div(ui.input_select("against", "Each epoch against", AGAINST), class_="m-inspection-row"),
        ui.output_ui("said"),
        tags.div(plot_output("plot", height="100%"), class_="m-lens-drift-plot"),
    )


@module.server
def lens_drift_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, looking: LensSelection, comparing: Comparing
) -> None:
    widget = PlotWidget()

    @render_widget
    def plot() -> PlotWidget:
        return widget

    @render.ui
    def said() -> TagList:
        trouble, found = comparing.drift.trouble(), comparing.drift.found()
        if trouble:
            return TagList(tags.p(trouble, class_="m-notice", role="alert"))
        words = "Following every layer through training …" if found is None else drift_words(found)
        return TagList(tags.p(words, class_="m-quiet m-inspection-about"))

    @reactive.effect
    def _draw() -> None:
        found = comparing.drift.found()
        if found is not None:
            widget.show(columns=[], bits=b"", figure=drift_figure(found, comparing.cell()[0]))

    link_control(
        input, "against", held=comparing.against, read=_against, take=comparing.against.set,
        move=lambda value: ui.update_select("against", selected=value), default="last",
    )  # fmt: skip


def _against(sent: object) -> str:
    if text_of(sent) not in AGAINST:
        raise ValueError(sent)
    return text_of(sent)
