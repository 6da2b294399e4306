"""What the area series marks: recorded events and what flags found, each once, with who says so. Pure; plotly JSON."""

from __future__ import annotations

from dataclasses import dataclass, replace
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from data.flags import FLAGS
from data.flags.sensor import SensorTest
from data.trends.series import decimal_years
from modules.flagged import ordered_kinds
from modules.palette import colour

RECORDED, COMPUTED, BOTH = "recorded", "computed", "recorded and computed"
RINGED = ("outlier", "end")
TICKED = ("missing",)
NEAR = {"drainage": 1.5}
"""Years between an event of a kind and the date of a finding for both to be one: a drainage is found on the first date after it."""
NEARBY = 0.1
"""Years within which a mark and an observation are of one date: a nominal date has its decimal year by another rule."""
SWITCH = "switch"
"""Kind of a sensor switch that is recorded, or tested and steps no more than chance would."""
TITLES = {SWITCH: "sensor switch"}


@dataclass(frozen=True)
class Mark:
    """One thing to mark.

    Args:
        year: Decimal, where it is drawn.
        kind: Of an event or a flag.
        by: RECORDED, COMPUTED or BOTH.
        words: A sentence.
        on: Decimal year of the observation that it is about.
    """

    year: float
    kind: str
    by: str
    words: str
    on: float


def marks_of(events: pd.DataFrame, flags: pd.DataFrame, sensor: SensorTest | None = None) -> list[Mark]:
    """The dated events of a lake and its dated findings, in order of time; what both say stands once, at the recorded day.

    Args:
        events: date, kind, evidence.
        flags: date, kind, words of the lake.
        sensor: The test of its sensor switch, which is marked whether it found a step or not.
    """
    recorded = [Mark(year, kind, RECORDED, words, year) for year, kind, words in _dated(events, "evidence")]
    computed = [Mark(year, kind, COMPUTED, words, year) for year, kind, words in _dated(flags, "words")]
    if sensor is not None and not any(mark.kind == "sensor" for mark in computed):
        (year,) = _years(np.array([sensor.date]))
        computed.append(Mark(float(year), SWITCH, COMPUTED, f"no step beyond chance: {sensor.words}", float(year)))
    out: list[Mark] = []
    for mark in computed:
        reach = NEAR.get(mark.kind, 0.0)
        kind = "sensor" if mark.kind == SWITCH else mark.kind
        same = [each for each in recorded if each.kind == kind and _same(each.year, mark.year, reach)]
        recorded = [each for each in recorded if each not in same]
        out.append(Mark(same[0].year, mark.kind, BOTH, mark.words, mark.on) if same else mark)
    rest = [replace(each, kind=SWITCH) if each.kind == "sensor" else each for each in recorded]  # what is recorded is no step yet
    return sorted([*out, *rest], key=lambda mark: (mark.year, mark.kind))


def _same(event: float, finding: float, reach: float) -> bool:
    return int(event) == int(finding) or 0 <= finding - event <= reach


def _years(days: np.ndarray) -> np.ndarray:
    return np.round(decimal_years(days.astype("datetime64[D]"), np.zeros(len(days), dtype=bool))[0], 3)


def _dated(rows: pd.DataFrame, words: str) -> list[tuple[float, str, str]]:
    known = rows[rows["date"].notna()] if len(rows) else rows
    if not len(known):
        return []
    said = known[words].astype(object).where(known[words].notna(), "").astype(str)
    return list(zip(_years(known["date"].to_numpy()).tolist(), known["kind"].astype(str).tolist(), said.tolist(), strict=True))


def title(kind: str) -> str:
    """What a kind of event or flag is called, in lower case."""
    return FLAGS[kind].title.lower() if kind in FLAGS else TITLES.get(kind, kind)


def mark_shapes(marks: list[Mark]) -> list[dict[str, Any]]:
    """A dotted line where something happened, a short tick on the axis for a year without the lake."""
    lines = sorted({mark.year for mark in marks if mark.kind not in (*RINGED, *TICKED)})
    ticks = sorted({mark.year for mark in marks if mark.kind in TICKED})
    return [
        *(_upright(year, 1.0, {"color": colour("line"), "width": 1, "dash": "dot"}) for year in lines),
        *(_upright(year, 0.05, {"color": colour("ink"), "width": 2}) for year in ticks),
    ]


def _upright(year: float, height: float, line: dict[str, Any]) -> dict[str, Any]:
    return {"type": "line", "yref": "paper", "y0": 0, "y1": height, "x0": year, "x1": year, "line": line, "layer": "below"}


def mark_notes(marks: list[Mark]) -> list[dict[str, Any]]:
    """What happened there, beside its line; what nobody recorded says so."""
    note = {"yref": "paper", "y": 1, "yanchor": "top", "xanchor": "left", "showarrow": False, "textangle": -90,
            "font": {"size": 10, "color": colour("quiet")}}  # fmt: skip
    lined = [mark for mark in marks if mark.kind not in (*RINGED, *TICKED)]
    said: dict[float, dict[str, None]] = {}
    for mark in lined:
        said.setdefault(mark.year, {})[_label(mark)] = None
    return [{**note, "x": year, "text": escape(", ".join(texts))} for year, texts in sorted(said.items())]


def _label(mark: Mark) -> str:
    if mark.by == RECORDED:
        return TITLES.get(mark.kind, mark.kind)
    return f"{title(mark.kind)} ({COMPUTED})" if mark.by == COMPUTED and mark.kind != SWITCH else title(mark.kind)


def ring_traces(marks: list[Mark], year: np.ndarray, area: np.ndarray) -> list[dict[str, Any]]:
    """A ring round every area that does not fit its neighbours, whoever says so.

    Args:
        marks: Of the lake.
        year: (N,) decimal years of its observations, as they are drawn.
        area: (N,) km².
    """
    ringed = [mark for mark in marks if mark.kind in RINGED]
    places = [(mark, int(np.argmin(np.abs(year - mark.on)))) for mark in ringed] if len(year) else []
    found = [(mark, at) for mark, at in places if abs(year[at] - mark.on) < NEARBY and area[at] > 0]
    if not found:
        return []
    return [{
        "type": "scatter", "mode": "markers", "name": "outlier", "x": [round(float(year[at]), 4) for _, at in found],
        "y": [float(f"{area[at]:.6g}") for _, at in found], "hoverinfo": "skip",
        "marker": {"size": 17, "symbol": "circle-open", "color": colour("ink"), "line": {"width": 1.5}, "opacity": 1},
        "selected": {"marker": {"opacity": 1}}, "unselected": {"marker": {"opacity": 1}},
    }]  # fmt: skip


def step_traces(sensor: SensorTest | None, first: float, last: float) -> list[dict[str, Any]]:
    """The line with its step at the sensor switch, dashed: the level breaks, the slope stays.

    Args:
        sensor: The test; None draws nothing.
        first, last: Decimal years of the fit.
    """
    if sensor is None or not first < last:
        return []
    (switch,) = _years(np.array([sensor.date]))
    parts = [(first, switch - 1e-3, 0.0), (switch, last, 1.0)]
    x, y = list[float | None](), list[float | None]()
    for begin, end, late in parts:
        at = np.linspace(begin, end, 20)
        x += [*np.round(at, 3).tolist(), None]
        y += [*(float(f"{value:.6g}") for value in sensor.area(at, late)), None]
    line = {"color": colour("quiet"), "width": 1.5, "dash": "dash"}
    base = {"type": "scatter", "mode": "lines", "hoverinfo": "skip", "line": line, "name": "fit with a sensor step"}
    return [{**base, "x": x[:-1], "y": y[:-1]}]


def mark_words(marks: list[Mark], undated: pd.DataFrame) -> list[tuple[str, str]]:
    """Title and sentence of every mark and of every finding without a date, in the order in which kinds are named.

    Args:
        marks: Of the lake.
        undated: Its findings without a date.
    """
    place = {kind: at for at, kind in enumerate(ordered_kinds())}
    said = [(mark.kind, mark.year, f"{title(mark.kind)} ({mark.by})", mark.words) for mark in marks]
    said += [
        (str(kind), 0.0, f"{title(str(kind))} ({COMPUTED})", words) for kind, words in zip(undated["kind"], undated["words"], strict=True)
    ]
    said.sort(key=lambda each: (place.get(each[0], len(place)), each[1]))
    return [(name, words) for _, _, name, words in said]
