"""The volcano: effect against evidence for every lake at once."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from shiny import Inputs, Outputs, Session, module, reactive, ui
from shinywidgets import render_widget

from data.records import TrendTable
from data.store import Store
from modules.choices import Brush, Display, Picked
from modules.crowd.crowd import Crowd
from modules.crowd.places import MANY, Places, volcano_places
from modules.crowd.showing import Showing
from modules.detection import detectable_zone, zone_shapes, zone_words
from modules.figures import CLASSES, CROWD, axis, fit_words, layout, lit, thousands, unlit, words
from modules.flood_marks import ring_meta, rings_words
from modules.measures import LIT, Limits, measure, slope_unit
from modules.palette import colour
from modules.selection import Selection
from modules.serving.routes import lake_url, trend_url
from modules.views.linking import knowing_of, link_crowd, link_widget
from modules.widgets.plot import PlotWidget, plot_output

PICKED = 20
"""So many lakes are labelled at least where lakes were picked one by one."""

HEAD = 66
"""Pixels that the counts take at the top of the plot; no label goes there."""

SCALE = 22
"""Pixels below the axis for what the shades mean, where there are very many lakes."""

ROOM = 1.22
"""How far the y axis goes beyond the highest point, as a share: room for the counts."""


@dataclass(frozen=True)
class Other:
    """A second source in the volcano.

    Args:
        table: Its trends, fitted as the first one's.
        url: Of their columns.
    """

    table: TrendTable
    url: str


def volcano_figure(
    table: TrendTable, display: Display, bits: np.ndarray, labels: list[int], *, other: Other | None = None
) -> dict[str, Any]:
    """The volcano as plotly JSON whose traces name columns (see widgets/figure.js).

    Args:
        table: The trends.
        display: Axes, cut-offs, colour.
        bits: (L,) uint8 of `Selection.bits`, for the counts in the corners. Of more lakes than MANY no trace is drawn: see modules/crowd.
        labels: Rows to label, the most wanted first; the browser adds the focus and leaves out what has no room.
        other: The source to which lines lead. Axes, counts and labels stay those of `table`.
    """
    places = volcano_places(table, display.x, display.use)
    span = places.span
    assert span is not None
    clip = {"x": [-span.x, span.x], "y": [0, span.y]}
    unit = slope_unit(table.settings.response)
    zone = detectable_zone(table, display.x, bits & LIT > 0) if display.zone else None
    drawn = " · ".join(filter(None, [zone_words(zone) if zone else "", rings_words(bits)]))
    x_title = f"slope, {unit}" if display.x == "slope" else "t statistic of the slope"
    below = [f" · {fit_words(table)}", *([lines_words(other.table)] if other else []), *([drawn] if drawn else [])]
    fitted = "<br>".join(f'<span style="font-size:10px">{html.escape(said, quote=False)}</span>' for said in below)
    led = f", with lines to each lake's place by {other.table.settings.source}" if other else ""
    label = f"Volcano plot of lake trends{led}. Arrow keys walk the lakes in order of significance, Enter focuses one, Escape clears."
    most_n = int(table.frame["n"].max()) if len(bits) else 0
    return {
        "data": _traces(display, clip, most_n, crowd=len(bits) > CROWD) if len(bits) <= MANY else _no_traces(display, most_n),
        "layout": layout(
            xaxis=axis(f"{x_title}{fitted}", range=[-span.x * 1.04, span.x * 1.04]),
            yaxis=axis(f"−log₁₀ {display.use}", range=[-0.02 * span.y, span.y * ROOM]),
            margin={"l": 48, "r": 12, "t": 4, "b": 26 + 14 * len(below) + (SCALE if len(bits) > MANY else 0)},
            dragmode="lasso",
            shapes=[*(zone_shapes(zone, span) if zone else []), *_regions(display, span)],
            annotations=[*_corners(bits, places), _cut_label(display, span)],
            uirevision=f"{table.settings.response} {display.x} {display.use}",
            meta=words(label, unit, x=display.x, y=display.use, axes=[display.x, display.use], clip=clip, pick=True,
                       labels=labels, head=HEAD, reach=display.zone and display.x == "slope",
                       **({"other": {"url": other.url, "name": other.table.settings.source}} if other else {})),
        ),
    }  # fmt: skip


def lines_words(other: TrendTable) -> str:
    """Where the lines lead, and that the other source's q is its own."""
    return f"lines: the same lake by {other.settings.source}, own fit and q ({thousands(other.family)} tested)"


def _traces(display: Display, clip: dict[str, Any], most_n: int, *, crowd: bool) -> list[dict[str, Any]]:
    base = {"type": "scattergl", "mode": "markers", "hoverinfo": "none"}
    columns = {"x": display.x, "y": display.use, "clip": clip}
    dim = {**base, "marker": {"size": 4, "color": colour("context"), "opacity": 0.7}, "meta": {**columns, **unlit(1, 2, 3)}}
    ring = {"size": 12 - 2 * crowd, "color": colour("flood"), "opacity": 1, "symbol": "circle-open", "line": {"width": 2}}
    rings = {**base, "name": "flood", "marker": ring, "meta": {**columns, **ring_meta()}}
    if display.colour == "n":
        mark = {"size": 6 - 2 * crowd, "opacity": 0.9, **_scale(most_n)}
        meta = {**columns, "mask": LIT, "bits": [LIT], "colour": "n"}
        return [dim, rings, *({**base, "marker": mark, "meta": {**meta, "beyond": beyond}} for beyond in (False, True))]
    traces = [dim, rings]
    for code in (1, 2, 3):
        mark = {"size": (5 if code == 1 else 7) - 2 * crowd, "color": colour(CLASSES[code]), "opacity": 0.55 if code == 1 else 0.85}
        traces += [
            {**base, "name": CLASSES[code], "marker": mark, "meta": {**columns, **lit(code), "beyond": beyond}} for beyond in (False, True)
        ]
    return traces


def _scale(most_n: int) -> dict[str, Any]:
    """The colours of numbers of observations, and the bar that names them."""
    bar = {"title": {"text": "n", "side": "top"}, "thickness": 8, "len": 0.5, "outlinewidth": 0, "x": 1, "xpad": 4}
    scale = [[0, colour("few")], [1, colour("many")]]
    return {"cmin": 0, "cmax": max(most_n, 1), "colorscale": scale, "showscale": True, "colorbar": bar}


def _no_traces(display: Display, most_n: int) -> list[dict[str, Any]]:
    """What plotly needs for axes that can be brushed, and for the bar of colours."""
    mark = {"size": 1, "color": [0], **_scale(most_n)} if display.colour == "n" else {"size": 1}
    return [{"type": "scatter", "mode": "markers", "hoverinfo": "skip", "x": [None], "y": [None], "marker": mark}]


def _regions(display: Display, span: Limits) -> list[dict[str, Any]]:
    cut = min(-math.log10(display.alpha), span.y)
    edge = min(display.effect, span.x) if display.x == "slope" else 0.0
    top = span.y * ROOM
    line = {"type": "line", "line": {"color": colour("quiet"), "width": 1, "dash": "dot"}, "layer": "below"}
    shapes = [{**line, "xref": "paper", "x0": 0, "x1": 1, "y0": cut, "y1": cut}]
    for side, meaning in ((1, "growing"), (-1, "shrinking")):
        area = {"type": "rect", "x0": side * edge, "x1": side * span.x * 1.04, "y0": cut, "y1": top, "layer": "below"}
        shapes.append({**area, "fillcolor": colour(meaning), "opacity": 0.06, "line": {"width": 0}})
        if edge:
            shapes.append({**line, "x0": side * edge, "x1": side * edge, "y0": 0, "y1": top})
    return shapes


def _corners(bits: np.ndarray, places: Places) -> list[dict[str, Any]]:
    lit, finite = bits & LIT > 0, np.isfinite(places.x)
    counts = np.bincount(bits[lit] & 3, minlength=4)
    beyond = int(np.count_nonzero((places.beyond > 0) & lit))
    note = {"xref": "paper", "yref": "paper", "showarrow": False, "yanchor": "top", "y": 1}
    rows = [
        (0.01, "left", "shrinking", f"◂ shrinking<br><b>{thousands(int(counts[3]))}</b>"),
        (0.5, "center", "quiet", f"not significant<br><b>{thousands(int(counts[1]))}</b>"),
        (0.99, "right", "growing", f"growing ▸<br><b>{thousands(int(counts[2]))}</b>"),
    ]
    notes = [
        {**note, "x": at, "xanchor": side, "align": side, "text": text, "font": {"color": colour(ink), "size": 12}}
        for at, side, ink, text in rows
    ]
    nowhere = 0 if finite.all() else int(np.count_nonzero(~finite & np.isfinite(places.y) & lit))
    said = [f"{thousands(beyond)} beyond the axes, drawn on the edge ▴"] * bool(beyond)
    said += [f"{thousands(nowhere)} without a t (too autocorrelated), not drawn"] * bool(nowhere)
    if not places.known.any():
        text = "No lake could be tested: each needs three dates or more, and an area that changes"
        notes.append({**note, "x": 0.5, "y": 0.5, "xanchor": "center", "text": text, "font": {"color": colour("quiet"), "size": 12}})
    if said:
        notes.append({**note, "x": 0.5, "xanchor": "center", "yshift": -32, "text": "<br>".join(said), **_small()})
    return notes


def _cut_label(display: Display, span: Limits) -> dict[str, Any]:
    """What the dotted line says."""
    cut = min(-math.log10(display.alpha), span.y)
    return {
        "xref": "paper", "x": 1, "xanchor": "right", "y": cut, "yanchor": "bottom", "showarrow": False,
        "text": f"{display.use} = {display.alpha:g}", **_small(),
    }  # fmt: skip


def _small() -> dict[str, Any]:
    """The look of small words that lakes may lie behind."""
    return {"font": {"color": colour("quiet"), "size": 10}, "bgcolor": colour("panel", 0.75)}


def label_rows(order: np.ndarray, bits: np.ndarray, brush: Brush | None, count: int) -> list[int]:
    """Rows to label, the most significant first: of the brushed lakes, or without a brush of those that grew or shrank.

    Args:
        order: Rows of the lit, tested lakes, the most significant first.
        bits: (L,) uint8 of `Selection.bits`.
        brush: The brush, if there is one.
        count: How many at most; a list of picked lakes is labelled up to PICKED.
    """
    rows = order if brush is not None else order[bits[order] & 3 >= 2]
    most = max(count, PICKED) if count and isinstance(brush, Picked) else count
    return rows[:most].tolist()


@module.ui
def volcano_ui() -> ui.Tag:
    return plot_output("plot")


@module.server
def volcano_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    widget, showing = PlotWidget(), Showing(session)
    many = len(store.lake_keys) > MANY

    @render_widget
    def plot() -> PlotWidget:
        return widget

    @reactive.effect
    def _draw() -> None:
        table, display, bits = selection.fitted(), selection.display(), selection.bits()
        labels = label_rows(selection.order(), bits, selection.brush(), display.labels)
        compared = selection.compared()
        other = Other(compared, trend_url(store, compared.settings)) if compared is not None else None
        figure = volcano_figure(table, display, bits, labels, other=other)
        if many:
            crowd = volcano_crowd(table, display, bits, ranks=selection.ranks(), order=selection.order(), other=compared)
            widget.show(figure=figure, crowd=showing.show(crowd, knowing_of(store, selection, compared), labels))
        else:
            widget.show(columns=[lake_url(store), trend_url(store, table.settings)], bits=bits.tobytes(), figure=figure)

    if many:
        link_crowd(widget, showing, store, selection, selection.compared)
    else:
        link_widget(widget, store, selection)


def volcano_crowd(
    table: TrendTable, display: Display, bits: np.ndarray, *, ranks: np.ndarray, order: np.ndarray, other: TrendTable | None = None
) -> Crowd:
    """The lakes of the volcano where there are many.

    Args:
        table: The trends.
        display: Axes and colour.
        bits, ranks, order: Of `Selection`.
        other: The trends to which lines lead.
    """
    places = volcano_places(table, display.x, display.use)
    number = table.frame["n"].to_numpy(dtype=float) if display.colour == "n" else None
    assert places.span is not None
    there = places.span.clipped(measure(other, display.x), measure(other, display.use)) if other is not None else None
    return Crowd(places, bits, ranks, order, number, there)
