"""The gradient that reaches each layer through the epochs, and how far its weights moved: a layer that never learns is named and framed."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
from htmltools import Tag, TagList, tags
from numpy.typing import NDArray
from shiny import Inputs, Outputs, Session, module, reactive, render, ui
from shinywidgets import render_widget

from data.errors import LensError
from data.lens.learning import Fate, Learning, verdict
from data.lens.reading import told
from data.store import Store
from modules.controls import key_of, text_of
from modules.figures import axis, layout, words
from modules.lensing.learned import KINDS, layer_of, learned
from modules.lensing.looking import LensSelection
from modules.palette import colour
from modules.selection import Selection
from modules.widgets.plot import PlotWidget, plot_output

TAB = "layers"
MEASURES = {"gradient": "mean absolute gradient", "moved": "relative movement of the weights"}
"""Field of `Learning` → what the plot shows."""
RAMP = [[0, colour("few")], [1, colour("many")]]


def gradients_figure(run: Learning, found: Sequence[Fate], measure: str, title: str) -> dict[str, Any]:
    """Layer × epoch as plotly JSON, colours on a log scale; what is exactly 0 is left empty, and what does not learn is framed.

    Args:
        run: What reached the layers.
        found: Which of them do not learn as the others do.
        measure: A key of MEASURES.
        title: Of the run.
    """
    values: NDArray[np.float64] = getattr(run, measure)
    log = np.log10(np.where(np.isfinite(values) & (values > 0), values, np.nan))
    epochs, rows = run.epochs.tolist(), len(run.layers)
    first, last = (epochs[0], epochs[-1]) if epochs else (0, 1)
    label = (
        f"{MEASURES[measure].capitalize()} of {rows} layers of {title} through {len(epochs)} epochs, on a log scale."
        " Arrow keys walk the cells, Enter goes to that epoch and layer."
    )
    return {
        "data": [_cells(epochs, log, measure), _points(run, epochs)],
        "layout": layout(
            xaxis=axis("epoch", range=[first - 0.5, last + 0.5], tickformat="d", dtick=max(1, -(-len(epochs) // 12))),
            yaxis=axis("", range=[rows - 0.5, -0.5], tickvals=list(range(rows)), ticktext=[_short(name) for name in run.layers], ticks=""),
            margin={"l": 84, "r": 8, "t": 8, "b": 36},
            dragmode=False,
            shapes=[_frame(run, fate, (first, last)) for fate in found],
            annotations=[_note(run, fate, first) for fate in found],
            uirevision=title,
            meta=words(label, "", points=["epoch", "row"], epochs=True),
        ),
    }


def _cells(epochs: list[int], log: NDArray[np.float64], measure: str) -> dict[str, Any]:
    known = log[np.isfinite(log)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (-1.0, 0.0)
    ends = [at for at in range(int(np.floor(low)), int(np.ceil(high)) + 1) if low - 0.05 <= at <= high + 0.05]
    return {
        "type": "heatmap", "x": epochs, "y": list(range(len(log))), "hoverinfo": "skip", "xgap": 1, "ygap": 1,
        "z": [[None if np.isnan(value) else float(f"{value:.4g}") for value in row] for row in log.tolist()],
        "zmin": low, "zmax": max(high, low + 1e-6), "colorscale": RAMP,
        "colorbar": {"thickness": 8, "outlinewidth": 0, "tickvals": ends, "ticktext": [_power(at) for at in ends], "len": 1,
                     "tickfont": {"color": colour("quiet")}, "title": {"text": MEASURES[measure], "side": "right",
                                                                      "font": {"color": colour("quiet")}}},
    }  # fmt: skip


def _power(exponent: int) -> str:
    return f"10{str(exponent).translate(str.maketrans('-0123456789', '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'))}" if exponent else "1"


def _points(run: Learning, epochs: list[int]) -> dict[str, Any]:
    """A point that cannot be seen in every cell: what is hovered, walked by arrow keys and pressed."""
    cells = [(row, at) for at in range(len(epochs)) for row in range(len(run.layers))]
    names = [escape(name, quote=False) for name in run.layers]  # plotly reads tags
    return {
        "type": "scatter", "mode": "markers", "marker": {"opacity": 0, "size": 12},
        "x": [epochs[at] for _, at in cells], "y": [row for row, _ in cells],
        "customdata": [row * len(epochs) + at for row, at in cells],
        "text": [f"{names[row]}: gradient {_figure(run.gradient[row, at])}, moved {_share(run.moved[row, at])}" for row, at in cells],
        "hovertemplate": "%{text}<br>epoch %{x}<extra></extra>",
    }  # fmt: skip


def _figure(value: float) -> str:
    return "unknown" if np.isnan(value) else "0" if value == 0 else f"{value:.2g}"


def _share(value: float) -> str:
    return "unknown" if np.isnan(value) else f"{100 * value:.2g} %"


def _short(name: str) -> str:
    return name.removesuffix(".weight").replace("<", "‹")


def _places(run: Learning, fate: Fate) -> list[int]:
    return [run.layers.index(name) for name in fate.layers]


def _frame(run: Learning, fate: Fate, ends: tuple[int, int]) -> dict[str, Any]:
    places = _places(run, fate)
    return {
        "type": "rect", "x0": ends[0] - 0.5, "x1": ends[1] + 0.5, "y0": min(places) - 0.5, "y1": max(places) + 0.5,
        "line": {"color": colour("focus"), "width": 2}, "fillcolor": "rgba(0,0,0,0)",
    }  # fmt: skip


def _note(run: Learning, fate: Fate, first: int) -> dict[str, Any]:
    places = _places(run, fate)
    return {
        "x": first - 0.4, "y": (min(places) + max(places)) / 2, "xanchor": "left", "showarrow": False, "text": KINDS[fate.kind],
        "font": {"color": colour("ink"), "size": 11}, "bgcolor": colour("panel"), "borderpad": 2,
    }  # fmt: skip


def learning_tags(run: Learning, found: Sequence[Fate]) -> TagList:
    """The verdict on the run, and a sentence for each block or layer that does not learn as the others do."""
    return TagList(
        tags.p(tags.strong(f"{verdict(run, found)}."), class_="m-learning-verdict", role="status"),
        tags.ul([tags.li(f"{fate.words}.") for fate in found], class_="m-learning-fates") if found else None,
    )


@module.ui
def lens_gradients_ui() -> Tag:
    return tags.div(
        ui.output_ui("said"),
        ui.input_radio_buttons("measure", tags.span("Show", class_="visually-hidden"), MEASURES, inline=True),
        tags.div(plot_output("plot"), class_="m-lens-plot m-gradients-plot"),
        tags.p(
            "A cell is a layer's weights in an epoch; an empty one is exactly 0. Weights learn where a gradient reaches them and they move,"
            " each judged against the median layer of the same epoch. Press a cell to go to its epoch and layer.",
            class_="m-quiet m-lens-small",
        ),
        class_="m-gradients",
    )


@module.server
def lens_gradients_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, looking: LensSelection
) -> None:
    widget = PlotWidget()

    @render_widget
    def plot() -> PlotWidget:
        return widget

    @reactive.calc
    def found() -> tuple[Learning, tuple[Fate, ...]] | str:
        """What is known, or why nothing is."""
        try:
            return learned(looking.lens())
        except LensError as error:
            return told(error, looking.lens())

    @reactive.effect
    def _draw() -> None:
        if looking.on(TAB) and not isinstance(held := found(), str):
            measure = text_of(input.measure())
            title = looking.lens().manifest.title
            widget.show(columns=[], bits=b"", figure=gradients_figure(*held, measure if measure in MEASURES else "gradient", title))

    @render.ui
    def said() -> Tag | TagList | None:
        if not looking.on(TAB):
            return None
        held = found()
        return tags.p(held, class_="m-notice", role="alert") if isinstance(held, str) else learning_tags(*held)

    def go(change: dict[str, Any]) -> None:
        with reactive.isolate():
            held = found()
        if change["new"] and not isinstance(held, str):
            visit_cell(looking, held[0], change["new"][0])

    widget.observe(go, names="picked")


def visit_cell(looking: LensSelection, run: Learning, sent: object) -> None:
    """Go to the epoch and the layer of a cell, named by its `customdata`; it comes from a browser, and is looked up, not believed."""
    key = key_of(sent)
    if key is None or not 0 <= key < run.gradient.size:
        return
    row, at = divmod(key, len(run.epochs))
    with reactive.isolate():
        layer = layer_of(looking.lens().manifest, run.layers[row], run.blocks[row])
    looking.set_epoch(int(run.epochs[at]))
    if layer:
        looking.change(layer=layer.name)
