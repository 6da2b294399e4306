"""The volcano: effect against evidence for every lake at once."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from shiny import Inputs, Outputs, Session, module, reactive, ui
from shinywidgets import output_widget, render_widget

from data.records import TrendTable
from data.store import Store
from modules.choices import Display
from modules.figures import CLASSES, CROWD, axis, layout, lit, thousands, unlit, words
from modules.measures import LIT, Limits, limits, measure, rank, slope_unit
from modules.palette import colour
from modules.routes import lake_url, trend_url
from modules.selection import Selection
from modules.views.linking import link_widget
from modules.widgets.plot import PlotWidget

LETTER = (0.0135, 0.055)
"""Width and height of a letter of a label, as shares of the axes of a small panel: enough to keep labels apart."""


def volcano_figure(table: TrendTable, display: Display, bits: np.ndarray, labels: list[tuple[int, str]]) -> dict[str, Any]:
    """The volcano as plotly JSON whose traces name columns (see widgets/figure.js).

    Args:
        table: The trends.
        display: Axes, cut-offs, colour.
        bits: (L,) uint8 of `Selection.bits`, for the counts in the corners.
        labels: Rows to label, with their texts.
    """
    x, y = measure(table, display.x), measure(table, display.use)
    span = limits(x, y)
    clip = {"x": [-span.x, span.x], "y": [0, span.y]}
    unit = slope_unit(table.settings.response)
    x_title = f"slope, {unit}" if display.x == "slope" else "t statistic of the slope"
    return {
        "data": _traces(display, clip, crowd=len(x) > CROWD),
        "layout": layout(
            xaxis=axis(f"{x_title} · {_fit_words(table)}", range=[-span.x * 1.04, span.x * 1.04]),
            yaxis=axis(f"−log₁₀ {display.use}", range=[-0.02 * span.y, span.y * 1.16]),
            margin={"l": 48, "r": 12, "t": 8, "b": 44},
            dragmode="lasso",
            shapes=_regions(display, span),
            annotations=[*_corners(bits, x, y, span), *_labels(labels, x, y, span)],
            uirevision=f"{table.settings.response} {display.x} {display.use}",
            meta=words("Volcano plot of lake trends. Arrow keys walk the lakes in order of significance, Enter focuses one, Escape clears.",
                       unit, x=display.x, y=display.use, axes=[display.x, display.use], clip=clip, pick=True),
        ),
    }  # fmt: skip


def _fit_words(table: TrendTable) -> str:
    season = f"months {table.settings.season.token}" if table.settings.season else "all months"
    over = f"q over {thousands(table.family)} lakes"
    return f"{'log area' if table.settings.response == 'log' else 'area'}, {table.method.upper()}, {season}, {over}"


def _traces(display: Display, clip: dict[str, Any], *, crowd: bool) -> list[dict[str, Any]]:
    base = {"type": "scattergl", "mode": "markers", "hoverinfo": "none"}
    columns = {"x": display.x, "y": display.use, "clip": clip}
    dim = {**base, "marker": {"size": 4, "color": colour("context"), "opacity": 0.7}, "meta": {**columns, **unlit(1, 2, 3)}}
    if display.colour == "n":
        scale = [[0, colour("few")], [1, colour("many")]]
        bar = {"title": {"text": "n", "side": "top"}, "thickness": 8, "len": 0.5, "outlinewidth": 0, "x": 1, "xpad": 4}
        mark = {"size": 6 - 2 * crowd, "opacity": 0.9, "colorscale": scale, "showscale": True, "colorbar": bar}
        meta = {**columns, "mask": LIT, "bits": [LIT], "colour": "n"}
        return [dim, {**base, "marker": mark, "meta": meta}]
    traces = [dim]
    for code in (1, 2, 3):
        mark = {"size": (5 if code == 1 else 7) - 2 * crowd, "color": colour(CLASSES[code]), "opacity": 0.55 if code == 1 else 0.85}
        traces += [
            {**base, "name": CLASSES[code], "marker": mark, "meta": {**columns, **lit(code), "beyond": beyond}} for beyond in (False, True)
        ]
    return traces


def _regions(display: Display, span: Limits) -> list[dict[str, Any]]:
    cut = min(-math.log10(display.alpha), span.y)
    edge = min(display.effect, span.x) if display.x == "slope" else 0.0
    top = span.y * 1.16
    line = {"type": "line", "line": {"color": colour("quiet"), "width": 1, "dash": "dot"}, "layer": "below"}
    shapes = [{**line, "xref": "paper", "x0": 0, "x1": 1, "y0": cut, "y1": cut}]
    for side, meaning in ((1, "growing"), (-1, "shrinking")):
        area = {"type": "rect", "x0": side * edge, "x1": side * span.x * 1.04, "y0": cut, "y1": top, "layer": "below"}
        shapes.append({**area, "fillcolor": colour(meaning), "opacity": 0.06, "line": {"width": 0}})
        if edge:
            shapes.append({**line, "x0": side * edge, "x1": side * edge, "y0": 0, "y1": top})
    return shapes


def _corners(bits: np.ndarray, x: np.ndarray, y: np.ndarray, span: Limits) -> list[dict[str, Any]]:
    counts = np.bincount(bits[bits & LIT > 0] & 3, minlength=4)
    beyond = int((span.beyond(x, y) & (bits & LIT > 0)).sum())
    note = {"xref": "paper", "yref": "paper", "showarrow": False, "yanchor": "top", "y": 1}
    rows = [
        (0.01, "left", "shrinking", f"◂ shrinking {thousands(int(counts[3]))}"),
        (0.5, "center", "quiet", f"not significant {thousands(int(counts[1]))}"),
        (0.99, "right", "growing", f"growing {thousands(int(counts[2]))} ▸"),
    ]
    notes = [{**note, "x": at, "xanchor": side, "text": text, "font": {"color": colour(ink), "size": 13}} for at, side, ink, text in rows]
    nowhere = int((~np.isfinite(x) & np.isfinite(y) & (bits & LIT > 0)).sum())
    said = [f"{thousands(beyond)} beyond the axes, drawn on the edge ▴"] * bool(beyond)
    said += [f"{thousands(nowhere)} without a t (too autocorrelated), not drawn"] * bool(nowhere)
    if said:
        text = " · ".join(said)
        notes.append({**note, "x": 0.5, "xanchor": "center", "y": 0.94, "text": text, "font": {"color": colour("quiet"), "size": 11}})
    return notes


def _labels(labels: list[tuple[int, str]], x: np.ndarray, y: np.ndarray, span: Limits) -> list[dict[str, Any]]:
    """Labels above their points, the first ones first; one that would cover an earlier one is left out."""
    across, up = span.clipped(x, y)
    note = {"showarrow": False, "yanchor": "bottom", "yshift": 5, "font": {"size": 10, "color": colour("ink")}, "captureevents": False}
    notes: list[dict[str, Any]] = []
    taken: list[tuple[float, float, float]] = []
    for row, text in labels:
        if not (np.isfinite(across[row]) and np.isfinite(up[row])):
            continue
        wide, high = span.x * 2 * len(text) * LETTER[0], span.y * LETTER[1]
        left = min(max(float(across[row]) - wide / 2, -span.x), span.x - wide)
        bottom = float(up[row])
        if all(left > at + width or left + wide < at or abs(bottom - under) > high for at, width, under in taken):
            taken.append((left, wide, bottom))
            notes.append({**note, "x": left, "xanchor": "left", "y": bottom, "text": text})
    return notes


def top_labels(store: Store, table: TrendTable, bits: np.ndarray, count: int, focus: int | None) -> list[tuple[int, str]]:
    """Rows to label: the `count` most significant of the lit lakes that grew or shrank, and the focus."""
    changed = np.flatnonzero((bits & LIT > 0) & (bits & 3 >= 2))
    rows = changed[np.argsort(rank(table)[changed])][:count].tolist()
    row = store.row_of(focus) if focus is not None else None
    return [(r, store.label(r)) for r in dict.fromkeys([*([row] if row is not None else []), *rows])]


@module.ui
def volcano_ui() -> ui.Tag:
    return output_widget("plot", fill=True)


@module.server
def volcano_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    widget = PlotWidget()

    @render_widget
    def plot() -> PlotWidget:
        return widget

    @reactive.effect
    def _draw() -> None:
        table, display, bits = selection.fitted(), selection.display(), selection.bits()
        labels = top_labels(store, table, bits, display.labels, None)
        widget.show(
            columns=[lake_url(store), trend_url(store, table.settings)],
            bits=bits.tobytes(),
            figure=volcano_figure(table, display, bits, labels),
        )

    link_widget(widget, store, selection)
