"""Dates as spreadsheets write them: 5/9/2020, which is read in two ways. The visitor says which; an import refuses them."""

from __future__ import annotations

import re
from datetime import date

from data.importing.dates import FIRST_YEAR, LAST_YEAR
from data.importing.faults import text

ORDERS = {"dmy:": "day/month/year", "mdy:": "month/day/year"}
"""How an answer begins that names a column in that order."""
SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: .*)?")


def slashed(cell: object) -> bool:
    """Whether a cell is a date with slashes."""
    return bool(SLASHED.fullmatch(text(cell)))


def read(cell: object, order: str) -> date | None:
    """The day that a cell holds, its parts in that order; None where it holds none.

    Args:
        cell: Of a table.
        order: A key of ORDERS.
    """
    found = SLASHED.fullmatch(text(cell))
    if found is None:
        return None
    first, second, year = (int(part) for part in found.groups())
    day, month = (first, second) if order == "dmy:" else (second, first)
    try:
        return date(year, month, day) if FIRST_YEAR <= year <= LAST_YEAR else None
    except ValueError:
        return None
