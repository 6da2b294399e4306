"""The area series: the focus lake with its fit, band and mapping errors, in front of every brushed lake."""

from __future__ import annotations

import functools
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from shiny import Inputs, Outputs, Session, module, reactive, render, ui
from shinywidgets import render_widget

from data.errors import InputError
from data.records import TrendSettings, TrendTable
from data.store import Store
from data.trends.series import years_of
from modules.bend import bend_words
from modules.controls import key_of
from modules.crowd.places import MANY
from modules.figures import axis, layout, words
from modules.flagged import of_lake
from modules.flood_marks import flood_notes, flood_shapes
from modules.links.packing import rounded_polygon
from modules.measures import slope_unit
from modules.observations import with_scenes
from modules.palette import colour
from modules.reviewing.subjects import reviewed
from modules.same import Same
from modules.selection import Selection
from modules.series_marks import mark_notes, mark_shapes
from modules.series_traces import Focus, faint_traces, focus_traces, line_of
from modules.serving.routes import among_url, lake_url, series_url, trend_url
from modules.session_points import with_points
from modules.session_series import SessionSeries
from modules.trial import code_alone, row_in
from modules.widgets.plot import PlotWidget, plot_output

AXES = ("year", "area")
"""What the browser calls the axes of a brush here."""

LAKES_HELD = 512
"""Lakes of which what the series draws is kept."""
FIGURES_HELD = 96
"""Figures of them that are kept, some 60 kB each; never change one in place."""

NO_FLAGS = pd.DataFrame({"lake_key": [], "kind": [], "date": np.empty(0, "datetime64[ms]"), "value": [], "words": []})

NOTHING = {
    "text": "No lake in focus: click one in the volcano,<br>the map or the table, or press › above",
    "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False, "font": {"size": 13, "color": colour("quiet")},
}  # fmt: skip


def series_figure(
    focus: Focus | None, settings: TrendSettings, series: str, *, brushed: bool, log_area: bool, among: str | None = None
) -> dict[str, Any]:
    """The area series as plotly JSON.

    Args:
        focus: The focus lake, if there is one.
        settings: The settings of the trend table on screen.
        series: The URL of blocks of series, for the brushed lakes' lines.
        brushed: Whether there is a brush, whose lakes the browser draws behind.
        log_area: A log axis. A linear one is scaled to the focus lake; larger brushed lakes leave it at the top.
        among: Not None where `series` is the URL of just the lakes to draw, of very many: then says which those are, or nothing.
    """
    nothing = focus is None and not brushed
    above = f" where probability > {settings.threshold:g}" if settings.threshold is not None else ""
    bend = bend_words(focus.trend, settings.response) if focus else ""
    label = f"Area series of {focus.name}{above}" + (f", {bend}" if bend else "") if focus else "Area series; no lake is in focus"
    return {
        "data": [*faint_traces(series, focus, among=among is not None), *(focus_traces(focus, settings) if focus else [])],
        "layout": layout(
            xaxis=axis("", type="linear", tickformat="d", tickangle=0, visible=not nothing, **_year_ticks(focus)),
            yaxis=axis(
                "lake area, km²", type="log" if log_area else "linear", visible=not nothing, **_reach(focus, settings.response, log_area)
            ),
            margin={"l": 52, "r": 12, "t": 10, "b": 28},
            dragmode="lasso",
            shapes=_shapes(focus, settings) if focus else [],
            annotations=[NOTHING] if nothing else [*(_notes(focus, settings) if focus else []), *_faint_note(among)],
            uirevision=f"{focus and focus.name} {log_area}",
            meta=words(f"{label}. Arrow keys walk its dates, Enter shows the image of one." if focus else label,
                       slope_unit(settings.response), axes=list(AXES), dates=True),
        ),
    }  # fmt: skip


def _shapes(focus: Focus, settings: TrendSettings) -> list[dict[str, Any]]:
    return [*mark_shapes(focus.marks), *flood_shapes(focus.events, _first_year(focus, settings))]


def _notes(focus: Focus, settings: TrendSettings) -> list[dict[str, Any]]:
    return [*mark_notes(focus.marks), *flood_notes(focus.events, _first_year(focus, settings))]


def _faint_note(said: str | None) -> list[dict[str, Any]]:
    """Which of the brushed lakes are drawn, where that is not all."""
    place = {"xref": "paper", "yref": "paper", "x": 1, "y": 1, "xanchor": "right", "yanchor": "top", "showarrow": False}
    return [{**place, "text": said, "font": {"size": 10, "color": colour("brushed")}, "bgcolor": colour("panel", 0.75)}] if said else []


def _first_year(focus: Focus, settings: TrendSettings) -> float:
    """Of its first observation; of all time where there is none."""
    return float(years_of(focus.areas, settings)[0].min()) if len(focus.areas) else -math.inf


def _year_ticks(focus: Focus | None) -> dict[str, Any]:
    """A tick a year where there are few; else as many as the width of the plot has room for."""
    dates = focus.areas["date"] if focus else pd.Series(dtype="datetime64[ns]")
    return {"dtick": 1} if len(dates) and (dates.max() - dates.min()).days < 4 * 366 else {}


def _reach(focus: Focus | None, response: str, log_area: bool) -> dict[str, Any]:
    """The range of the area axis: all of it on a log axis or without a focus, else from 0 to a little above the focus lake."""
    top = (focus.areas["area_km2"] + focus.areas["area_sd_km2"].fillna(0)).max() if focus else np.nan
    if focus is None or log_area or not np.isfinite(top):
        return {"rangemode": "normal" if log_area else "tozero"}
    line = line_of(focus, response)
    # The fit is always seen whole; a wide band may leave the plot, or it would flatten the points.
    seen = [] if line is None else [line[1].fitted.max(), min(np.nanmax([line[1].high.max(), 0]), 1.5 * top)]
    return {"range": [0, float(max(top, *seen, 0)) * 1.12]}


@module.ui
def area_series_ui() -> ui.Tag:
    """The plot, with a line over it that says what is brushed."""
    return ui.div(plot_output("plot"), ui.output_ui("note", class_="m-series-note", aria_live="polite"), class_="m-series-body")


@module.server
def area_series_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    widget = PlotWidget()

    @render_widget
    def plot() -> PlotWidget:
        return widget

    @reactive.effect
    def _draw() -> None:
        table, brushed = selection.fitted(), selection.brush() is not None
        shown, display = selection.trial.table() or table, selection.display()
        # The faint lines of brushed lakes follow once the slider rests.
        settings, alone = selection.trial.on(table), shown is not table
        if alone:
            focus = focus_of(store, shown, selection.focus(), np.array([code_alone(shown, display)]), before=table)
        else:
            focus = held_focus(store, table, selection.focus(), selection.classes(), selection.flags())
        said = reviewed(selection.reviews.now(), selection.focus(), shown.settings.source)
        if focus is not None and said:
            focus = replace(focus, reviewed=said)
        drawn = Same(with_session(focus, shown, selection.session)), shown.settings
        if len(store.lake_keys) > MANY:
            url, which = brushed_among(store, selection, settings)
            widget.show(figure=_figure(*drawn, url, brushed, display.log_area, among=which))
        else:
            columns, bits = [lake_url(store), trend_url(store, table.settings)], selection.bits().tobytes() if brushed else b""
            widget.show(columns=columns, bits=bits, figure=_figure(*drawn, series_url(store, settings), brushed, display.log_area))

    @reactive.effect
    def _mark() -> None:
        found = selection.observations()
        widget.marked = found[["year", "area_km2"]].to_numpy(dtype="<f4").tobytes()

    @render.ui
    def note() -> ui.Tag | None:
        found = selection.observations()
        return note_tag(len(found), found["lake_key"].nunique()) if selection.points() else None

    @reactive.effect
    @reactive.event(input.forget)
    def _forget() -> None:
        selection.points.set(None)

    _listen(widget, selection)


def brushed_among(store: Store, selection: Selection, settings: TrendSettings) -> tuple[str, str]:
    """Of the brushed among very many lakes: the URL of the series that are drawn, and which those are where not all. Each may be empty."""
    if selection.brush() is None:
        return "", ""
    focus, keys = selection.focus(), selection.series_keys()
    drawn = [key for key in keys if key != focus]
    count = int(np.count_nonzero(selection.brushed() & selection.shown()))
    said = f"the {len(drawn):,} most significant of {count:,} brushed lakes" if len(drawn) < count - 1 else ""
    return among_url(store, settings, drawn) if drawn else "", said


def note_tag(observations: int, lakes: int) -> ui.Tag:
    """What is brushed, the way to its images, and a button to let it go."""
    said = f"{observations:,} observation{'s' * (observations != 1)} of {lakes:,} lake{'s' * (lakes != 1)} brushed"
    return ui.span(
        said if observations else "No observation in that shape", " ",
        ui.a("see the images", href="#brushed-images") if observations else None, " ",
        ui.input_action_button("forget", "Clear", class_="m-quiet-button btn-sm", aria_label="Clear the brushed observations"),
    )  # fmt: skip


def _listen(widget: PlotWidget, selection: Selection) -> None:
    """Take what is pressed and brushed in the plot. What comes from the browser is checked before it is believed."""

    def pick(change: dict[str, Any]) -> None:
        lake_key = key_of(change["new"][0]) if change["new"] else None
        if lake_key is not None:
            selection.set_focus(lake_key)

    def brush(change: dict[str, Any]) -> None:
        try:
            log = change["new"].get("log") is True
            polygon = rounded_polygon((x, math.log10(y) if log else y) for x, y in change["new"].get("polygon", ()))
        except (InputError, TypeError, ValueError, OverflowError):
            return  # not something our own script sends
        selection.brush_points(polygon, log=log)

    widget.observe(pick, names="picked")
    widget.observe(brush, names="drawn")


def with_session(focus: Focus | None, table: TrendTable, session: SessionSeries) -> Focus | None:
    """The focus lake with what this session added to its series, and its trend fitted anew with that."""
    refit = session.refit() if focus is not None else None
    if focus is None or refit is None:
        return focus
    areas = with_points(focus.areas.assign(_scene=focus.scenes), session.here(), table.settings.source)
    scenes = [int(key) if pd.notna(key) else None for key in areas["_scene"].fillna(areas["scene_key"])]
    return replace(focus, areas=areas, trend=refit.row, code=refit.code, scenes=scenes)


@functools.lru_cache(maxsize=FIGURES_HELD)
def _figure(
    focus: Same[Focus | None], settings: TrendSettings, series: str, brushed: bool, log_area: bool, *, among: str | None = None
) -> dict[str, Any]:
    return series_figure(focus.held, settings, series, brushed=brushed, log_area=log_area, among=among)


def held_focus(store: Store, table: TrendTable, lake_key: int | None, classes: np.ndarray, flags: pd.DataFrame | None) -> Focus | None:
    """As `focus_of`, kept for all visits: the same few lakes are clicked by everybody, and each costs 3 ms."""
    row = store.row_of(lake_key) if lake_key is not None else None
    return None if row is None or lake_key is None else _held(store, lake_key, int(classes[row]), Same(table), Same(flags))


@functools.lru_cache(maxsize=LAKES_HELD)
def _held(store: Store, lake_key: int, code: int, table: Same[TrendTable], flags: Same[pd.DataFrame | None]) -> Focus | None:
    classes = np.full(len(table.held.frame), code, dtype=np.uint8)
    return focus_of(store, table.held, lake_key, classes, flags=flags.held)


def focus_of(
    store: Store,
    table: TrendTable,
    lake_key: int | None,
    classes: np.ndarray,
    *,
    before: TrendTable | None = None,
    flags: pd.DataFrame | None = None,
) -> Focus | None:
    """What the series needs of the focus lake, None where there is none.

    Args:
        store: The dataset.
        table: A trend table that has the lake: of all lakes, or of it alone.
        lake_key: The lake.
        classes: (L,) class codes of the table's lakes.
        flags: Of all lakes under the table's settings; None where they are not known.
        before: The table of all lakes, where `table` was fitted at another threshold.
    """
    row = store.row_of(lake_key) if lake_key is not None else None
    if row is None or lake_key is None:
        return None
    areas, at = store.areas(lake_key, table.settings), row_in(table, lake_key)
    mine = areas[areas["source"] == table.settings.source]
    scenes = [None if pd.isna(key) else int(key) for key in with_scenes(store, mine)["scene_key"]]
    trend, held = table.frame.iloc[at].to_dict(), before.frame.iloc[row].to_dict() if before else None
    found = of_lake(flags, lake_key) if flags is not None else NO_FLAGS
    sensor = store.sensor_test(lake_key, table.settings)
    return Focus(store.labels[row], mine, store.events(lake_key), trend, int(classes[at]), row, scenes, found, sensor, held)
