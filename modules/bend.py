"""A lake's line that bends once, where the trend table has one and the bend is more than chance: drawn, and said. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from modules.measures import slope_unit
from modules.numerals import figure_text, probability_text
from modules.palette import colour

BY_CHANCE = 0.05
"""A bend with a larger p is not shown."""


def bends(row: Mapping[str, Any]) -> bool:
    """Whether this row of a trend table has a bend to show."""
    return bool(row.get("p_break", np.nan) < BY_CHANCE)


def bend_words(row: Mapping[str, Any], response: str) -> str:
    """`bends in 2012 (2010 to 2014; p 0.003): −0.2 %/yr before, +6.1 %/yr after`; empty where there is none."""
    if not bends(row):
        return ""
    slopes = (row[name] for name in ("slope_before", "slope_after"))
    before, after = (figure_text(100.0 * np.expm1(slope) if response == "log" else slope, signed=True) for slope in slopes)
    unit = slope_unit(response)
    year, low, high = (int(row[name]) for name in ("break_year", "break_low", "break_high"))
    p = probability_text(float(np.log(row["p_break"])))
    return f"bends in {year} ({low} to {high}; p {p}): {before} {unit} before, {after} {unit} after"


def bend_traces(row: Mapping[str, Any], response: str) -> list[dict[str, Any]]:
    """The bent line, dotted, its words on hovering; nothing where there is none."""
    if not bends(row):
        return []
    year = np.unique(np.append(np.linspace(row["first_year"], row["last_year"], 41), row["break_year"]))
    away = year - row["break_year"]
    fitted = row["break_response"] + np.where(away < 0, row["slope_before"], row["slope_after"]) * away
    area = np.exp(fitted) if response == "log" else fitted
    return [{
        "type": "scatter", "mode": "lines", "x": np.round(year, 3).tolist(), "y": [float(f"{value:.6g}") for value in area],
        "line": {"color": colour("ink"), "width": 1.5, "dash": "dot"}, "name": "line that bends",
        "hovertemplate": bend_words(row, response) + "<extra></extra>",
    }]  # fmt: skip
