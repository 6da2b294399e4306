"""Floods in plots: a ring of one colour round a lake that burst, a line or a band where the series says when. Pure; plotly JSON."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from data.floods.history import flood_rows
from data.floods.record import KIND
from data.trends.series import decimal_years
from modules.measures import FLOODED, LIT
from modules.palette import colour

EARLY = 1.0
"""Years before its first observation from which on a flood has a place on the axis of a series; older ones are said beside it."""


def ring_meta() -> dict[str, Any]:
    """The lit rows of lakes with a recorded flood."""
    return {"mask": LIT | FLOODED, "bits": [LIT | FLOODED]}


def rings_words(bits: np.ndarray) -> str:
    """What the rings mean, and how many there are; empty where there is none."""
    count = int(np.count_nonzero(bits & (LIT | FLOODED) == LIT | FLOODED))
    return f"ring: flood ({count:,})" if count else ""


def other_events(events: pd.DataFrame) -> pd.DataFrame:
    """The events that are no floods."""
    return events.loc[(events["kind"] != KIND).to_numpy(dtype=bool)]


def _none(events: pd.DataFrame) -> bool:
    """Whether there is no flood: so it is of nearly every lake, and the tables that follow cost a click 10 ms."""
    return not (events["kind"].to_numpy() == KIND).any()


def _placed(floods: pd.DataFrame, first: float) -> pd.DataFrame:
    """The floods that have a place on the axis, with the decimal years `low`, `high` and `at`.

    A flood that may have been at any time of a span has no line, only the band from `low` to `high`.
    """
    never = np.zeros(len(floods), dtype=bool)
    low, high, at = (
        decimal_years(floods[name].to_numpy(dtype="datetime64[D]"), never)[0] for name in ("date_from", "date_to", "date")
    )  # fmt: skip
    days = floods[["date_from", "date_to", "date"]].isna().to_numpy()
    low, high, at = (np.where(days[:, n], np.nan, year) for n, year in enumerate((low, high, at)))
    end = np.fmax(high, at)
    placed = floods.assign(low=low, high=high, at=at)
    return placed.loc[(end >= first - EARLY) & (np.isfinite(at) | np.isfinite(low))]


def flood_shapes(events: pd.DataFrame, first: float) -> list[dict[str, Any]]:
    """A line at the day of each flood, and a band over the time in which it may have been where that is not one day.

    Args:
        events: Of one lake.
        first: Decimal year of its first observation.
    """
    if _none(events):
        return []
    shapes: list[dict[str, Any]] = []
    base = {"yref": "paper", "y0": 0, "y1": 1, "layer": "below"}
    for row in _placed(flood_rows(events), first).to_dict("records"):
        if np.isfinite(row["low"]) and np.isfinite(row["high"]) and row["high"] - row["low"] > 0.003:  # more than a day
            shapes.append({**base, "type": "rect", "x0": row["low"], "x1": row["high"], "fillcolor": colour("flood"), "opacity": 0.12,
                           "line": {"width": 0}})  # fmt: skip
        if np.isfinite(row["at"]):
            line = {"color": colour("flood"), "width": 1.5, "dash": "solid" if row["precision"] == "day" else "dash"}
            shapes.append({**base, "type": "line", "x0": row["at"], "x1": row["at"], "line": line})
    return shapes


def flood_notes(events: pd.DataFrame, first: float) -> list[dict[str, Any]]:
    """What each line is, no more precisely than its record; floods without a place on the axis stand in the corner."""
    if _none(events):
        return []
    floods = flood_rows(events)
    placed = _placed(floods, first)
    font = {"size": 10, "color": colour("flood")}
    note = {"yref": "paper", "y": 0, "yanchor": "bottom", "xanchor": "right", "showarrow": False, "textangle": -90, "font": font}
    notes: list[dict[str, Any]] = []
    for row in placed.to_dict("records"):
        notes.append({**note, "x": row["at"] if np.isfinite(row["at"]) else row["high"], "text": f"flood {row['words']}"})
    rest = floods.loc[~floods.index.isin(placed.index), "words"]
    if len(rest):
        said = ", ".join(dict.fromkeys(rest.tolist()))
        notes.append({"xref": "paper", "yref": "paper", "x": 0, "y": 1, "xanchor": "left", "yanchor": "top", "showarrow": False,
                      "text": f"flood{'s' * (len(rest) != 1)} off this axis: {said}", "font": font})  # fmt: skip
    return notes
