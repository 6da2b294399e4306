"""A table of floods as records; what cannot be used is told, all of it at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd

from data.errors import InputError
from data.floods.columns import flood_columns, word_columns
from data.floods.dating import UNKNOWN, DatePartError, approximate_year, exact_date, narrower, worded_date
from data.floods.record import FloodDate, FloodRecord
from data.floods.words import is_id, known
from data.importing.options import shown
from data.readers import ReadOptions, read
from data.records import Fault

LONGEST = 160
"""Characters of one cell that are kept as evidence."""


@dataclass(frozen=True)
class Floods:
    """What a table holds.

    Args:
        records: The rows that can be used; where there are none, a table is taken to be broken.
        faults: Everything that is wrong with the others.
        refused: How many rows those are.
        columns: The column of each role.
    """

    records: tuple[FloodRecord, ...]
    faults: tuple[Fault, ...]
    refused: int
    columns: dict[str, str]


def read_floods(path: Path, wanted: Mapping[str, str], today: date | None = None) -> Floods:
    """Read a table of floods.

    Args:
        path: CSV (UTF-8, UTF-16 or Latin-1), or any table that `import` reads.
        wanted: Column by role (see `data.floods.columns.ALIASES`), where the names are not the usual ones.
        today: Floods after it are refused; None for the real one.

    Raises:
        InputError: The file cannot be read, holds several layers, or lacks columns.
    """
    layers = read(path, ReadOptions(crs="OGC:CRS84"))
    if len(layers) != 1:
        raise InputError(f"{path} holds {len(layers)} layers", "save the one with the floods as a CSV")
    frame, file = layers[0].frame, shown(path)
    roles = flood_columns(frame, wanted, file)
    reading = _Reading(frame, file, roles, today or datetime.now(UTC).date())
    found = [reading.record(row) for row in range(len(frame))]
    records = tuple(record for record in found if record is not None)
    return Floods(records, tuple(reading.faults), len(found) - len(records), roles)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 2].rstrip() + " …"


def _says(text: str) -> bool:
    return known(text) and text.casefold() != "unnamed"


class _Reading:
    """Reads rows, and remembers what is wrong with them."""

    def __init__(self, frame: pd.DataFrame, file: str, roles: dict[str, str], today: date) -> None:
        self.faults: list[Fault] = []
        self._frame, self._file, self._roles, self._today = frame, file, roles, today
        self._words = word_columns(frame)
        self._seen: dict[tuple[str, ...], int] = {}

    def record(self, row: int) -> FloodRecord | None:
        """One row; None where something is wrong with it."""
        before = len(self.faults)
        when = self._when(row)
        lon, lat = self._degrees(row, "lon", 180), self._degrees(row, "lat", 90)
        lake_id = self._cell(row, "lake_id")
        if len(self.faults) == before and not (math.isfinite(lon) and math.isfinite(lat)) and not is_id(lake_id):
            self._fault(row, None, "nothing in it tells a lake", "give it a lake id, or lon and lat")
        name = self._cell(row, "record")
        self._once(row, (name,) if known(name) else (lake_id, str(lon), str(lat), when.words, *self._evidence(row)))
        if len(self.faults) > before:
            return None
        return FloodRecord(row + 1, name if known(name) else f"row {row + 1}", lake_id, lon, lat, when, self._evidence(row))

    def _cell(self, row: int, role: str) -> str:
        return self._text(row, self._roles[role]) if role in self._roles else ""

    def _text(self, row: int, column: str) -> str:
        value = self._frame[column].iat[row]
        return "" if pd.isna(value) else str(value).strip()

    def _evidence(self, row: int) -> tuple[str, ...]:
        return tuple(_short(text) for column in self._words if _says(text := self._text(row, column)))

    def _fault(self, row: int, column: str | None, found: str, remedy: str) -> None:
        self.faults.append(Fault(self._file, row + 1, column, found, remedy))

    def _once(self, row: int, named: tuple[str, ...]) -> None:
        first = self._seen.setdefault(named, row)
        if first != row:
            self._fault(row, self._roles.get("record"), f"it repeats row {first + 1}", "keep one of them, or give them ids of their own")

    def _degrees(self, row: int, role: str, most: int) -> float:
        text = self._cell(row, role)
        if not known(text):
            return math.nan
        try:
            value = float(text)
        except ValueError:
            value = math.inf
        if not abs(value) <= most:
            self._fault(
                row, self._roles[role], f"{text!r} is no number from -{most} to {most}", "write it in degrees, with a decimal point"
            )
            return math.nan
        return value

    def _when(self, row: int) -> FloodDate:
        when = self._said(row)
        if when.first is not None and when.first > self._today:
            column = next(self._roles[role] for role in ("date", "year", "approximate") if role in self._roles)
            self._fault(row, column, f"{when.words} has not come yet", "mend the date")
        return when

    def _said(self, row: int) -> FloodDate:
        """The date by the column of dates, else by year, month and day with the approximate year beside them."""

        if known(text := self._cell(row, "date")):
            return self._attempt(row, "date", lambda: worded_date(text), "write it as YYYY-MM-DD, YYYY-MM or YYYY, or leave it empty")
        parts = [self._cell(row, role) for role in ("year", "month", "day")]
        found = self._attempt(row, "year", lambda: exact_date(*parts), "write year, month and day as numbers, or NA where they are unknown")
        about = self._cell(row, "approximate")
        if not known(about):
            return found
        way = "write a year, 1955-66, 1960s, before 1966, or leave it empty"
        return narrower(found, self._attempt(row, "approximate", lambda: approximate_year(about), way))

    def _attempt(self, row: int, role: str, make: Callable[[], FloodDate], remedy: str) -> FloodDate:
        try:
            return make()
        except ValueError as error:
            part = error.part if role == "year" and isinstance(error, DatePartError) else role
            self._fault(row, self._roles.get(part), str(error), remedy)
            return UNKNOWN
