"""What the figures share: the layout's bones, class colours, and the bytes of `Selection.bits` that each trace draws. Pure."""

from __future__ import annotations

from typing import Any

from data.records import TrendTable
from data.trends import methods_used
from data.trends.corrections import CORRECTIONS
from data.trends.fit import STATUSES
from modules.measures import LIT
from modules.palette import colour

SHORT = {"Least squares": "OLS", "Theil–Sen": "Theil–Sen"}
"""Titles of methods as an axis has room for them; others in lower case."""
CLASSES = ("untested", "steady", "growing", "shrinking")
"""Colour meanings of the class codes 0 to 3."""

CROWD = 3_000
"""Lakes from which on points are drawn smaller."""

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif"


def layout(**more: Any) -> dict[str, Any]:
    """A plotly layout with no needless ink, on the page's own ground."""
    return {
        "font": {"family": FONT, "size": 12, "color": colour("ink")},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "showlegend": False,
        "hovermode": "closest",
        # plotly.js otherwise freezes for seconds on each mouse move over many WebGL points.
        "hoverdistance": 20,
        "spikedistance": 20,
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": colour("quiet"), "activecolor": colour("ink")},
        "newselection": {"line": {"color": colour("ink"), "width": 1.5, "dash": "dot"}},
        **more,
    }


def axis(title: str, **more: Any) -> dict[str, Any]:
    """A quiet axis: a title with its unit, ticks outside, no grid."""
    return {
        **({"title": {"text": title, "font": {"color": colour("quiet")}, "standoff": 6}} if title else {}),
        "showgrid": False,
        "zeroline": False,
        "ticks": "outside",
        "ticklen": 4,
        "tickcolor": colour("line"),
        "linecolor": colour("line"),
        "tickfont": {"color": colour("quiet")},
        "automargin": True,
        **more,
    }


def lit(code: int) -> dict[str, Any]:
    """The rows of one class that are lit."""
    return {"mask": LIT | 3, "bits": [LIT | code]}


def unlit(*codes: int) -> dict[str, Any]:
    """The rows of some classes that are dimmed: hidden by a filter, or outside the brush."""
    return {"mask": LIT | 3, "bits": list(codes)}


def words(label: str, unit: str, **more: Any) -> dict[str, Any]:
    """What the browser needs to speak of a plot: its name, the unit of the slope, the status texts."""
    return {"label": label, "unit": unit, "statuses": list(STATUSES), **more}


def settings_words(table: TrendTable) -> str:
    """What was fitted, in one line: `log area by unet, probability > 0.35, OLS and known error, months 9-11, 781 lakes tested`.

    The threshold is named where it is not the dataset's own for the source.
    """
    season = f"months {table.settings.season.token}" if table.settings.season else "all months"
    by = f" by {table.settings.source}" if table.settings.source else ""
    return f"{_response(table)}{by}{_unusual(table)}, {_methods(table)}, {season}, {thousands(table.family)} lakes tested"


def fit_words(table: TrendTable) -> str:
    """The same in the width of a phone, beside a page that names the rest: `OLS and known error on log area, months 9-11`."""
    season = f", months {table.settings.season.token}" if table.settings.season else ""
    return f"{_methods(table)} on {_response(table)}{_unusual(table)}{season}"


def _response(table: TrendTable) -> str:
    return "log area" if table.settings.response == "log" else "area"


def _methods(table: TrendTable) -> str:
    return " and ".join(SHORT.get(title, title.lower()) for title in methods_used(table)) or table.method


def _unusual(table: TrendTable) -> str:
    """Settings that are named only where they are not the usual ones."""
    above = "" if table.settings.threshold is None else f", probability > {table.settings.threshold:g}"
    above += ", image dates" * (table.settings.dates == "image")
    correction = CORRECTIONS[table.settings.correction]
    return above + (f", q by {correction.title}" if correction.name != "bh" else "")


def thousands(count: int) -> str:
    return f"{count:,}"
