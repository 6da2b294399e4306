"""Trend methods. Each file of this folder that exports `METHOD` is one; a broken one stops the program at import."""

from __future__ import annotations

from data.discovery import discovered
from data.errors import TrendError
from data.records import TrendSettings, TrendTable
from data.trends.automatic import AUTOMATIC
from data.trends.fit import STATUSES
from data.trends.method import Method
from data.trends.table import COLUMNS

__all__ = ["AUTO", "COLUMNS", "METHODS", "STATUSES", "Method", "methods_used", "resolve"]

AUTO = AUTOMATIC.name

METHODS: dict[str, Method] = discovered(__name__, __path__, "METHOD", Method, taken=[AUTO])
"""The methods by name."""


def resolve(settings: TrendSettings) -> Method:
    """The method that the settings name; `auto` chooses for them, and stays `auto` wherever the settings are named.

    Raises:
        TrendError: There is no method of that name.
    """
    name = settings.method
    if name != AUTO and name not in METHODS:
        raise TrendError(f"trend method {name!r} is unknown", f"use one of {', '.join([AUTO, *METHODS])}")
    return AUTOMATIC if name == AUTO else METHODS[name]


def methods_used(table: TrendTable) -> list[str]:
    """Titles of the methods that tested lakes of a table, the most used first."""
    frame = table.frame
    counts = frame.loc[frame["log_p"].notna(), "method"].value_counts()
    return [METHODS[str(name)].title if str(name) in METHODS else str(name) for name, count in counts.items() if count]
