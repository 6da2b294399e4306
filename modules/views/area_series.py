"""The area series: the focus lake with its fit, band and mapping errors, in front of every brushed lake."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from shiny import Inputs, Outputs, Session, module, reactive, ui
from shinywidgets import output_widget, render_widget

from data.records import TrendSettings, TrendTable
from data.store import Store
from data.trends.band import FitLine, fit_line
from data.trends.series import barred, decimal_years
from modules.figures import CLASSES, axis, layout, words
from modules.measures import slope_unit
from modules.palette import colour
from modules.routes import BLOCK, lake_url, series_url, trend_url
from modules.selection import Selection
from modules.widgets.plot import PlotWidget

REASONS = {
    "season": "outside the season", "valid_share": "too little of the lake seen", "empty": "empty mask", "cloud": "cloud",
    "shadow": "shadow", "snow_or_ice": "snow or ice", "partial": "partly seen", "outlier": "outlier",
}  # fmt: skip
NOTHING = {
    "text": "No lake in focus: click one in the volcano, the map or the table, or press › above",
    "xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False, "font": {"size": 13, "color": colour("quiet")},
}  # fmt: skip


@dataclass(frozen=True)
class Focus:
    """The focus lake, as the series draws it.

    Args:
        name: What a person calls it.
        areas: Its area rows by the source under test.
        events: Its events.
        trend: Its row of the trend table.
        code: Its class, for the colour of its line.
    """

    name: str
    areas: pd.DataFrame
    events: pd.DataFrame
    trend: dict[str, Any]
    code: int


def series_figure(focus: Focus | None, settings: TrendSettings, series: str, *, brushed: bool, log_area: bool) -> dict[str, Any]:
    """The area series as plotly JSON.

    Args:
        focus: The focus lake, if there is one.
        settings: The settings of the trend table on screen.
        series: The URL of blocks of series, for the brushed lakes' lines.
        brushed: Whether there is a brush, whose lakes the browser draws behind.
        log_area: A log axis. A linear one is scaled to the focus lake; larger brushed lakes leave it at the top.
    """
    faint = {
        "type": "scattergl", "mode": "lines", "hoverinfo": "skip", "line": {"color": colour("brushed"), "width": 1}, "opacity": 0.25,
        "meta": {"series": series, "block": BLOCK},
    }  # fmt: skip
    nothing = focus is None and not brushed
    label = f"Area series of {focus.name}" if focus else "Area series; no lake is in focus"
    return {
        "data": [faint, *(_focus_traces(focus, settings) if focus else [])],
        "layout": layout(
            xaxis=axis("", type="linear", tickformat="d", tickangle=0, visible=not nothing, **_year_ticks(focus)),
            yaxis=axis(
                "lake area, km²", type="log" if log_area else "linear", visible=not nothing, **_reach(focus, settings.response, log_area)
            ),
            margin={"l": 52, "r": 12, "t": 10, "b": 28},
            dragmode="zoom",
            shapes=_event_lines(focus.events) if focus else [],
            annotations=[NOTHING] if nothing else _event_notes(focus.events) if focus else [],
            uirevision=f"{focus and focus.name} {log_area}",
            meta=words(label, slope_unit(settings.response)),
        ),
    }


def _focus_traces(focus: Focus, settings: TrendSettings) -> list[dict[str, Any]]:
    areas = focus.areas
    days = areas["date"].to_numpy(dtype="datetime64[D]")
    year, _ = decimal_years(days, areas["date_nominal"].to_numpy(dtype=bool), settings.season)
    return [*_fit_traces(focus, settings.response), *_point_traces(areas, year, barred(areas, settings.season))]


def _year_ticks(focus: Focus | None) -> dict[str, Any]:
    """A tick a year where there are few; else as many as the width of the plot has room for."""
    dates = focus.areas["date"] if focus else pd.Series(dtype="datetime64[ns]")
    return {"dtick": 1} if len(dates) and (dates.max() - dates.min()).days < 4 * 366 else {}


def _reach(focus: Focus | None, response: str, log_area: bool) -> dict[str, Any]:
    """The range of the area axis: all of it on a log axis or without a focus, else from 0 to a little above the focus lake."""
    top = (focus.areas["area_km2"] + focus.areas["area_sd_km2"].fillna(0)).max() if focus else np.nan
    if focus is None or log_area or not np.isfinite(top):
        return {"rangemode": "normal" if log_area else "tozero"}
    line = _line(focus, response)
    # The fit is always seen whole; a wide band may leave the plot, or it would flatten the points.
    seen = [] if line is None else [line[1].fitted.max(), min(np.nanmax([line[1].high.max(), 0]), 1.5 * top)]
    return {"range": [0, float(max(top, *seen, 0)) * 1.12]}


def _line(focus: Focus, response: str) -> tuple[np.ndarray, FitLine] | None:
    """Decimal years from the first observation to the last, and the fit there; None for a lake without a slope."""
    row = focus.trend
    if not np.isfinite(row["slope"]):
        return None
    year = np.linspace(row["first_year"], row["last_year"], 41)
    return year, fit_line(row, year, response)


def _fit_traces(focus: Focus, response: str) -> list[dict[str, Any]]:
    found = _line(focus, response)
    if found is None:
        return []
    year, line = found
    x = np.round(year, 3).tolist()
    base = {"type": "scatter", "mode": "lines", "hoverinfo": "skip", "x": x}
    fit = {**base, "y": _digits(line.fitted), "line": {"color": colour(CLASSES[focus.code]), "width": 2}, "name": "fit"}
    if not np.isfinite(line.low).all():
        return [fit]
    edge = {**base, "line": {"width": 0}, "name": "95 % confidence band"}
    return [
        {**edge, "y": _digits(line.low)},
        {**edge, "y": _digits(line.high), "fill": "tonexty", "fillcolor": colour(CLASSES[focus.code], 0.15)},
        fit,
    ]


def _digits(values: np.ndarray) -> list[float]:
    return [float(f"{value:.6g}") for value in values]


def _point_traces(areas: pd.DataFrame, year: np.ndarray, why: np.ndarray) -> list[dict[str, Any]]:
    used = why == ""
    area = areas["area_km2"].to_numpy(dtype=float)
    sd = areas["area_sd_km2"].to_numpy(dtype=float)
    text = [_point_text(record, reason) for record, reason in zip(areas.to_dict("records"), why, strict=True)]
    traces = []
    for mask, mark in (
        (used, {"size": 8, "color": colour("ink")}),
        (~used & np.isfinite(area), {"size": 8, "color": colour("quiet"), "symbol": "x-thin-open", "line": {"width": 1.5}}),
    ):
        if not mask.any():
            continue
        bars = {"type": "data", "array": _digits(np.nan_to_num(sd[mask])), "color": colour("quiet"), "thickness": 1, "width": 3}
        trace = {"type": "scatter", "mode": "markers", "x": np.round(year[mask], 4).tolist(), "y": _digits(area[mask]), "marker": mark,
                 "text": [text[i] for i in np.flatnonzero(mask)], "hovertemplate": "%{text}<extra></extra>"}  # fmt: skip
        traces.append({**trace, "error_y": bars} if np.isfinite(sd[mask]).any() else trace)
    return traces


def _point_text(record: dict[str, Any], reason: str) -> str:
    date = f"{record['date']:%Y} (date nominal)" if record["date_nominal"] else f"{record['date']:%Y-%m-%d}"
    image = record["date_image"]
    lines = [date + (f", image of {image:%Y-%m-%d}" if pd.notna(image) else ""), f"{record['area_km2']:.4g} km²"]
    if pd.notna(record["area_sd_km2"]):
        lines[-1] += f" ± {record['area_sd_km2']:.2g} (mapping error, 1 sd)"
    if pd.notna(record["valid_share"]):
        lines.append(f"{100 * record['valid_share']:.0f} % of it seen")
    return "<br>".join([*lines, *([f"not used: {REASONS.get(reason, reason)}"] if reason else [])])


def _dated(events: pd.DataFrame) -> list[tuple[float, str]]:
    """Decimal years and kinds of the events that have a date, one entry a year and kind."""
    known = events[events["date"].notna()]
    year = (known["date"].dt.year + (known["date"].dt.day_of_year - 1) / 365.25).round(2)
    return sorted(set(zip(year.tolist(), known["kind"].tolist(), strict=True)))


def _event_lines(events: pd.DataFrame) -> list[dict[str, Any]]:
    line = {
        "type": "line",
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": colour("line"), "width": 1, "dash": "dot"},
        "layer": "below",
    }
    return [{**line, "x0": year, "x1": year} for year in sorted({year for year, _ in _dated(events)})]


def _event_notes(events: pd.DataFrame) -> list[dict[str, Any]]:
    note = {"yref": "paper", "y": 1, "yanchor": "top", "xanchor": "left", "showarrow": False, "textangle": -90,
            "font": {"size": 10, "color": colour("quiet")}}  # fmt: skip
    dated = _dated(events)
    return [{**note, "x": at, "text": ", ".join(kind for year, kind in dated if year == at)} for at in sorted({year for year, _ in dated})]


@module.ui
def area_series_ui() -> ui.Tag:
    return output_widget("plot", fill=True)


@module.server
def area_series_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    widget = PlotWidget()

    @render_widget
    def plot() -> PlotWidget:
        return widget

    @reactive.effect
    def _draw() -> None:
        table, brushed = selection.fitted(), selection.brush() is not None
        widget.show(
            columns=[lake_url(store), trend_url(store, table.settings)],
            bits=selection.bits().tobytes() if brushed else b"",
            figure=series_figure(
                focus_of(store, table, selection.focus(), selection.classes()),
                table.settings,
                series_url(store, table.settings),
                brushed=brushed,
                log_area=selection.display().log_area,
            ),
        )


def focus_of(store: Store, table: TrendTable, lake_key: int | None, classes: np.ndarray) -> Focus | None:
    """What the series needs of the focus lake, None where there is none."""
    row = store.row_of(lake_key) if lake_key is not None else None
    if row is None or lake_key is None:
        return None
    areas = store.areas(lake_key)
    mine = areas[areas["source"] == table.settings.source]
    return Focus(store.labels[row], mine, store.events(lake_key), table.frame.iloc[row].to_dict(), int(classes[row]))
