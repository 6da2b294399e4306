"""The area series: the focus lake with its fit, band and mapping errors, in front of every brushed lake."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from shiny import Inputs, Outputs, Session, module, reactive, ui
from shinywidgets import output_widget, render_widget

from data.records import TrendTable
from data.store import Store
from data.trends.band import fit_line
from data.trends.series import barred, decimal_years
from modules.figures import CLASSES, axis, layout, words
from modules.measures import slope_unit
from modules.palette import colour
from modules.routes import BLOCK, lake_url, series_url, trend_url
from modules.selection import Selection
from modules.widgets.plot import PlotWidget

REASONS = {
    "season": "outside the season", "valid_share": "too little of the lake seen", "empty": "empty mask", "cloud": "cloud", "shadow": "shadow",
    "snow_or_ice": "snow or ice", "partial": "partly seen", "outlier": "outlier",
}  # fmt: skip


def series_figure(
    areas: pd.DataFrame,
    row: dict[str, Any] | None,
    table: TrendTable,
    code: int,
    events: pd.DataFrame,
    name: str,
    *,
    series: str,
    log_area: bool,
) -> dict[str, Any]:
    """The area series as plotly JSON.

    Args:
        areas: The focus lake's area rows by the source under test; empty without a focus.
        row: The focus lake's row of the trend table, None without a focus.
        table: The trends.
        code: The focus lake's class, for the colour of its line.
        events: The focus lake's events.
        name: What a person calls it.
        series: The URL of blocks of series, for the brushed lakes' lines.
        log_area: A log axis.
    """
    faint = {"type": "scattergl", "mode": "lines", "hoverinfo": "skip", "line": {"color": colour("brushed"), "width": 1}, "opacity": 0.25,
             "meta": {"series": series, "block": BLOCK}}  # fmt: skip
    traces: list[dict[str, Any]] = [faint]
    if row is not None:
        why = barred(areas, table.settings.season)
        year = decimal_years(areas["date"], areas["date_nominal"].to_numpy(dtype=bool), table.settings.season)[0]
        traces += [*_fit_traces(row, table, code), *_point_traces(areas, year, why)]
    return {
        "data": traces,
        "layout": layout(
            xaxis=axis("", type="linear", tickformat="d", nticks=12),
            yaxis=axis("lake area, km²", type="log" if log_area else "linear", rangemode="normal" if log_area else "tozero"),
            margin={"l": 52, "r": 12, "t": 10, "b": 28},
            dragmode="pan",
            shapes=_event_lines(events),
            annotations=_event_notes(events) if row is not None else [],
            uirevision=f"{name} {log_area}",
            meta=words(
                f"Area series of {name}" if row is not None else "Area series; no lake is in focus", slope_unit(table.settings.response)
            ),
        ),
        "config": {"modeBarButtons": [["pan2d", "zoom2d", "resetScale2d"]], "displayModeBar": "hover"},
    }


def _fit_traces(row: dict[str, Any], table: TrendTable, code: int) -> list[dict[str, Any]]:
    if not np.isfinite(row["slope"]):
        return []
    year = np.linspace(row["first_year"], row["last_year"], 41)
    line = fit_line(row, year, table.settings.response)
    ink = colour(CLASSES[code])
    x = np.round(year, 3).tolist()
    base = {"type": "scatter", "mode": "lines", "hoverinfo": "skip", "x": x}
    fit = {**base, "y": _digits(line.fitted), "line": {"color": ink, "width": 2}, "name": "fit"}
    if not np.isfinite(line.low).all():
        return [fit]
    edge = {**base, "line": {"width": 0}, "name": "95 % confidence band"}
    return [
        {**edge, "y": _digits(line.low)},
        {**edge, "y": _digits(line.high), "fill": "tonexty", "fillcolor": ink, "opacity": 0.15, "meta": {"band": True}},
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
    year = (known["date"].dt.year + (known["date"].dt.dayofyear - 1) / 365.25).round(2)
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
    return [{**note, "x": year, "text": kind} for year, kind in _dated(events)]


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
        table, focus = selection.fitted(), selection.focus()
        row = store.row_of(focus) if focus is not None else None
        areas, events = (read(-1 if focus is None else focus) for read in (store.areas, store.events))
        widget.show(
            columns=[lake_url(store), trend_url(store, table.settings)],
            bits=selection.bits().tobytes() if selection.brush() is not None else b"",
            figure=series_figure(
                areas[areas["source"] == table.settings.source],
                None if row is None else table.frame.iloc[row].to_dict(),
                table,
                int(selection.classes()[row]) if row is not None else 0,
                events,
                store.label(row) if row is not None else "",
                series=series_url(store, table.settings),
                log_area=selection.display().log_area,
            ),
        )
