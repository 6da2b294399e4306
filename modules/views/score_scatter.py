"""The scores of two sources against each other, scene by scene; a point that is pressed shows its images."""

from __future__ import annotations

from typing import Any

import pandas as pd
from htmltools import Tag, tags
from shiny import Inputs, Outputs, Session, module, reactive, render, ui
from shinywidgets import render_widget

from data.store import Store
from modules.controls import TAKE_FIRST, key_of, text_of
from modules.figures import axis, layout, words
from modules.judging.inspection import Seen
from modules.judging.marks import span
from modules.judging.metrics import METRICS, Metric
from modules.judging.seen import SeenScores
from modules.judging.triples import all_words, triple
from modules.palette import colour
from modules.selection import Selection
from modules.widgets.plot import PlotWidget, plot_output

ONE_ONLY = "A scatter needs two sources with scores: choose two or more above"
CROWDED = 2000
"""Points from which on WebGL draws them faster than SVG."""


def scatter_figure(found: Seen, metric_name: str, pair: tuple[str, str] | None, picked: int | None = None) -> dict[str, Any]:
    """A point a scene that both sources have, as plotly JSON; on the diagonal they are as good as each other.

    Args:
        found: The scores.
        metric_name: A key of METRICS.
        pair: The sources along x and y; None: only a sentence that says what is needed.
        picked: scene_key of the point to ring.
    """
    if pair is None:
        return _nothing()
    metric, both = METRICS[metric_name], _both(found, metric_name, pair)
    low, high = (metric.scale * end for end in span(metric, both[["x", "y"]].to_numpy(dtype=float)))
    unit, room = f", {metric.unit}" if metric.unit else "", 0.02 * (high - low)
    ends = [low - room, high + room]
    diagonal = {
        "type": "line",
        "x0": low,
        "y0": low,
        "x1": high,
        "y1": high,
        "layer": "below",
        "line": {"color": colour("line"), "width": 1},
    }
    label = f"{metric.words} of {pair[1]} against {pair[0]}, {len(both):,} scenes. Arrow keys walk the scenes, Enter shows one's images."
    return {
        "data": _traces(both, metric, pair, picked),
        "layout": layout(
            xaxis=axis(f"{metric.words} of {pair[0]}{unit}", range=ends, constrain="domain"),
            yaxis=axis(f"{pair[1]}{unit}", range=ends, scaleanchor="x", constrain="domain"),
            margin={"l": 50, "r": 10, "t": 8, "b": 44}, dragmode=False, shapes=[diagonal], annotations=[_better(metric, pair, (low, high))],
            uirevision=f"{metric_name} {pair}", meta=words(label, metric.unit, points=list(pair)),
        ),
    }  # fmt: skip


def _nothing() -> dict[str, Any]:
    place = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False}
    note = {**place, "text": ONE_ONLY, "font": {"color": colour("quiet")}}
    return {"data": [], "layout": layout(xaxis={"visible": False}, yaxis={"visible": False}, annotations=[note], meta=words(ONE_ONLY, ""))}


def _both(found: Seen, metric_name: str, pair: tuple[str, str]) -> pd.DataFrame:
    """By scene_key: the metric of the two sources as x and y, as stored, and the scene's words; only where both have it."""
    first, second = (found.of(source) for source in pair)
    both = first.index.intersection(second.index)
    values = {name: rows.loc[both, metric_name].to_numpy(dtype=float) for name, rows in (("x", first), ("y", second))}
    return pd.DataFrame({**values, "words": all_words(first.loc[both])}, index=both).dropna()


def _traces(both: pd.DataFrame, metric: Metric, pair: tuple[str, str], picked: int | None) -> list[dict[str, Any]]:
    def marks(rows: pd.DataFrame, **marker: Any) -> dict[str, Any]:
        x, y = ([float(f"{metric.scale * value:.5g}") for value in rows[name].tolist()] for name in ("x", "y"))
        return {"type": "scattergl" if len(rows) > CROWDED else "scatter", "mode": "markers", "x": x, "y": y, "marker": marker}

    points = marks(both, size=5, color=colour("ink"), opacity=0.3)
    said = "".join(f"<br>{name} %{{{at}}}{metric.unit and ' ' + metric.unit}" for name, at in zip(pair, "xy", strict=True))
    points |= {"customdata": both.index.tolist(), "text": both["words"].tolist(), "hovertemplate": f"%{{text}}{said}<extra></extra>"}
    ring = marks(both.loc[both.index == picked], size=14, symbol="circle-open", color=colour("focus"), line={"width": 2.5})
    return [points, {**ring, "hoverinfo": "skip"}]


def _better(metric: Metric, pair: tuple[str, str], ends: tuple[float, float]) -> dict[str, Any]:
    """Who is better on the upper left side of the diagonal."""
    return {
        "x": ends[0], "y": ends[1], "xanchor": "left", "yanchor": "top", "showarrow": False,
        "text": f"▴ {pair[0] if metric.low_is_good else pair[1]} is better", "font": {"color": colour("quiet"), "size": 11},
    }  # fmt: skip


@module.ui
def score_scatter_ui() -> Tag:
    return tags.div(
        tags.div(ui.input_select("first", "x", []), ui.input_select("second", "y", []), class_="m-inspection-row"),
        tags.div(plot_output("plot"), class_="m-scatter-plot"),
        ui.output_ui("images"),
        class_="m-scatter",
    )


@module.server
def score_scatter_server(
    input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection, *, scores: SeenScores
) -> None:
    widget = PlotWidget()
    picked: reactive.Value[int | None] = reactive.Value(None)

    @render_widget
    def plot() -> PlotWidget:
        return widget

    @reactive.effect
    def _draw() -> None:
        figure = scatter_figure(scores.seen(), scores.metric(), scores.pair(), picked())
        widget.show(columns=[], bits=b"", figure=figure)

    widget.observe(lambda change: picked.set(key_of(change["new"][0]) if change["new"] else None), names="picked")

    @render.ui
    def images() -> Tag | None:
        chosen, key = scores.pair(), picked()
        if chosen is None:
            return None
        held = [rows.loc[key] for rows in map(scores.seen().of, chosen) if key in rows.index]
        if not held:
            return tags.p("Press a point to see its image, both predictions and the label.", class_="m-quiet")
        metric = METRICS[scores.metric()]
        shown = triple(store, held, scores.sight(), [f"{metric.words} {metric.text(float(row[metric.column]))}" for row in held])
        return tags.ul(shown, class_="m-worst m-worst-wide")

    _choose_pair(input, selection, scores)


def _choose_pair(input: Inputs, selection: Selection, scores: SeenScores) -> None:
    @reactive.effect
    def _offer() -> None:
        names, chosen = list(scores.seen().sources), scores.pair()
        for name, at in (("first", 0), ("second", 1)):
            ui.update_select(name, choices=names, selected=chosen[at] if chosen else None)

    for name, at in (("first", 0), ("second", 1)):
        _take_one(input, name, at, selection, scores)


def _take_one(input: Inputs, name: str, at: int, selection: Selection, scores: SeenScores) -> None:
    @reactive.effect(priority=TAKE_FIRST)
    @reactive.event(input[name])
    def _take() -> None:
        chosen, held = text_of(input[name]()), scores.pair()
        if held and chosen and chosen != held[at]:
            other = held[1 - at] if held[1 - at] != chosen else held[at]
            selection.change_inspection(pair=(chosen, other) if at == 0 else (other, chosen))
