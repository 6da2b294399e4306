"""What the area series draws: the focus lake's points, fit and events, in front of every brushed lake. Pure; plotly JSON."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from data.flags.sensor import SensorTest
from data.records import TrendSettings
from data.trends.band import FitLine, fit_line
from data.trends.series import barred, years_of
from modules.bend import bend_traces
from modules.figures import CLASSES
from modules.flood_marks import other_events
from modules.observations import REASONS
from modules.palette import colour
from modules.series_marks import Mark, marks_of, ring_traces, step_traces
from modules.serving.routes import BLOCK


@dataclass(frozen=True)
class Focus:
    """The focus lake, as the series draws it.

    Args:
        name: What a person calls it.
        areas: Its area rows by the source under test.
        events: Its events.
        trend: Its row of the trend table.
        code: Its class, for the colour of its line.
        row: Its row in `Store.lakes`.
        scenes: The image behind each area row, None where there is none.
        flags: What flags found in its series, as `modules.flagged.of_lake` gives it.
        sensor: The test of its sensor switch; None where there is none to test.
        reviewed: What reviews say now of its observations by the source under test: day → verdict, and the same in words.
        before: Its row of the table of all lakes, where that was fitted at another threshold than the areas and the trend shown.
    """

    name: str
    areas: pd.DataFrame
    events: pd.DataFrame
    trend: dict[str, Any]
    code: int
    row: int
    scenes: list[int | None]
    flags: pd.DataFrame
    sensor: SensorTest | None = None
    before: dict[str, Any] | None = None
    reviewed: dict[date, tuple[str, str]] = field(default_factory=dict[date, tuple[str, str]])

    @cached_property
    def marks(self) -> list[Mark]:
        """What to mark: its events and what flags found, each once; floods are drawn by `modules.flood_marks`."""
        return marks_of(other_events(self.events), self.flags, self.sensor)


def faint_traces(series: str, focus: Focus | None, *, among: bool = False) -> list[dict[str, Any]]:
    """The brushed lakes, which the browser fills in: a line through what their trends use, and every observation as a point."""
    if not series:
        return []
    meta = {"series": series} | ({"among": True} if among else {"block": BLOCK})
    line = {"mode": "lines", "hoverinfo": "skip", "line": {"color": colour("brushed"), "width": 1}, "opacity": 0.25}
    mark = {"size": 5, "color": colour("brushed"), "opacity": 0.45, "line": {"width": 0}}
    points = {
        "mode": "markers", "marker": mark, **_undimmed(0.45),
        "hovertemplate": "%{text}<br>%{y:.3g} km² in %{x:.1f}; click: focus this lake<extra></extra>",
    }  # fmt: skip
    return [{**line, "meta": meta}, {**points, "meta": {**meta, "points": True, "focus": focus.row if focus else -1}}]


def _step_traces(focus: Focus) -> list[dict[str, Any]]:
    """The level's break at the sensor switch, where flags found one."""
    raised = (focus.flags["kind"] == "sensor").any()
    return step_traces(focus.sensor, focus.trend["first_year"], focus.trend["last_year"]) if raised else []


def _undimmed(opacity: float) -> dict[str, Any]:
    """The rings draw the brush, not plotly's own dimming."""
    same = {"marker": {"opacity": opacity}}
    return {"selected": same, "unselected": same}


def focus_traces(focus: Focus, settings: TrendSettings) -> list[dict[str, Any]]:
    """Band, fit, and every observation with its mapping error; those that the fit does not use as crosses."""
    areas = focus.areas
    year, _ = years_of(areas, settings)
    return [
        *_before_traces(focus, settings.response),
        *_fit_traces(focus, settings.response),
        *bend_traces(focus.trend, settings.response),
        *_step_traces(focus),
        *ring_traces(focus.marks, year, areas["area_km2"].to_numpy(dtype=float)),
        *_point_traces(focus, year, barred(areas, settings.season)),
        *_review_traces(focus, year),
    ]


def line_of(focus: Focus, response: str) -> tuple[np.ndarray, FitLine] | None:
    """Decimal years from the first observation to the last, and the fit there; None for a lake without a slope."""
    return _line(focus.trend, response)


def _line(row: dict[str, Any], response: str) -> tuple[np.ndarray, FitLine] | None:
    if not np.isfinite(row["slope"]):
        return None
    year = np.linspace(row["first_year"], row["last_year"], 41)
    return year, fit_line(row, year, response)


def _before_traces(focus: Focus, response: str) -> list[dict[str, Any]]:
    """The fit that the table of all lakes has, dashed behind the one at the threshold tried."""
    found = _line(focus.before, response) if focus.before else None
    if found is None:
        return []
    line = {"color": colour("quiet"), "width": 1.5, "dash": "dash"}
    x, y = np.round(found[0], 3).tolist(), _digits(found[1].fitted)
    return [{"type": "scatter", "mode": "lines", "hoverinfo": "skip", "x": x, "y": y, "line": line, "name": "fit of all lakes' threshold"}]


def _fit_traces(focus: Focus, response: str) -> list[dict[str, Any]]:
    found = line_of(focus, response)
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


def _point_traces(focus: Focus, year: np.ndarray, why: np.ndarray) -> list[dict[str, Any]]:
    areas, scenes = focus.areas, focus.scenes
    used = why == ""
    added = areas["session"].to_numpy(dtype=object) != "" if "session" in areas else np.zeros(len(areas), dtype=bool)
    area = areas["area_km2"].to_numpy(dtype=float)
    sd = areas["area_sd_km2"].to_numpy(dtype=float)
    said = [focus.reviewed.get(day, ("", ""))[1] for day in areas["date"].dt.date]
    text = [_point_text(*each) for each in zip(_records(areas), why, scenes, said, strict=True)]
    traces = []
    for mask, mark in (
        (used & ~added, {"size": 8, "color": colour("ink")}),
        (~used & ~added & np.isfinite(area), {"size": 8, "color": colour("quiet"), "symbol": "x-thin-open", "line": {"width": 1.5}}),
        (added & np.isfinite(area), {"size": 12, "color": colour("brushed"), "symbol": "diamond-open", "line": {"width": 2.5}}),
    ):
        if not mask.any():
            continue
        bars = {"type": "data", "array": _digits(np.nan_to_num(sd[mask])), "color": colour("quiet"), "thickness": 1, "width": 3}
        trace = {"type": "scatter", "mode": "markers", "x": np.round(year[mask], 4).tolist(), "y": _digits(area[mask]), "marker": mark,
                 "text": [text[i] for i in np.flatnonzero(mask)], "hovertemplate": "%{text}<extra></extra>", **_undimmed(1),
                 "meta": {"scenes": [scenes[i] for i in np.flatnonzero(mask)]}}  # fmt: skip
        traces.append({**trace, "error_y": bars} if np.isfinite(sd[mask]).any() else trace)
    return traces


def _review_traces(focus: Focus, year: np.ndarray) -> list[dict[str, Any]]:
    """A crossed circle round what a review calls bad, an empty one round what it is unsure of; good needs none."""
    area = focus.areas["area_km2"].to_numpy(dtype=float)
    verdicts = np.array([focus.reviewed.get(day, ("", ""))[0] for day in focus.areas["date"].dt.date], dtype=object)
    traces = []
    for verdict, symbol in (("bad", "circle-x-open"), ("unsure", "circle-open")):
        mask = (verdicts == verdict) & np.isfinite(area)
        mark = {"size": 15, "color": colour("ink"), "symbol": symbol, "line": {"width": 1.5}}
        if mask.any():
            traces.append(
                {"type": "scatter", "mode": "markers", "hoverinfo": "skip", "name": f"reviewed {verdict}", "marker": mark,
                 "x": np.round(year[mask], 4).tolist(), "y": _digits(area[mask]), **_undimmed(1)}
            )  # fmt: skip
    return traces


def _records(areas: pd.DataFrame) -> list[dict[str, Any]]:
    """What is said of each observation, column by column: `to_dict` takes ten times as long."""
    days = {name: areas[name].tolist() for name in ("date", "date_image")}
    floats = {name: areas[name].to_numpy(dtype=float).tolist() for name in ("area_km2", "area_sd_km2", "valid_share")}
    more = {"session": areas["session"].tolist()} if "session" in areas else {}
    columns = {**days, **floats, **more, "date_nominal": areas["date_nominal"].to_numpy(dtype=bool).tolist()}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _point_text(record: dict[str, Any], reason: str, scene: int | None, said: str) -> str:
    day = f"{record['date']:%Y} (date nominal)" if record["date_nominal"] else f"{record['date']:%Y-%m-%d}"
    image = record["date_image"]
    lines = [day + (f", image of {image:%Y-%m-%d}" if pd.notna(image) else ""), f"{record['area_km2']:.4g} km²"]
    if not math.isnan(record["area_sd_km2"]):
        lines[-1] += f" ± {record['area_sd_km2']:.2g} (mapping error, 1 sd)"
    if not math.isnan(record["valid_share"]):
        lines.append(f"{100 * record['valid_share']:.0f} % of it seen")
    lines += [f"this session: {record['session']}; not in the dataset"] if record.get("session") else []
    lines += [html.escape(said)] if said else []
    lines += [f"not used: {REASONS.get(reason, reason)}"] if reason else []
    return "<br>".join([*lines, "no image of this date" if scene is None else "click: its image"])
