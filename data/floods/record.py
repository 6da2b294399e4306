"""A record of an outburst flood, as it was read and as it was matched to a lake."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pyarrow as pa

KIND = "flood"
"""Of the events that floods are."""

EXTRA: dict[str, pa.DataType] = {
    "origin": pa.string(), "record": pa.string(), "precision": pa.string(), "date_from": pa.date32(), "date_to": pa.date32(),
    "matched": pa.string(), "distance_km": pa.float64(),
}  # fmt: skip
"""The columns that floods add to `events`."""

PRECISIONS = ("day", "month", "year", "span", "about", "before", "unknown")
"""How well the date of a flood is known: to a day, a month, a year; between two days; about a year; before a year; not at all."""


@dataclass(frozen=True)
class FloodDate:
    """When a flood was, no more precisely than its record says.

    Args:
        date: The day that stands for it, the middle of what is possible; None where that is longer than a year, or open.
        precision: One of PRECISIONS.
        first, last: The days between which it was, both included; None where that end is open.
        words: As a person would say it: `July 2015`, `before 1966`.
    """

    date: date | None
    precision: str
    first: date | None
    last: date | None
    words: str


@dataclass(frozen=True)
class FloodRecord:
    """One flood.

    Args:
        row: Of the file, the first being 1 (header lines do not count).
        name: Its own id in the source; `row 12` where it has none.
        lake_id: The id of its lake as the record has it, which may be words such as `Ephemeral`; empty where there is none.
        lon, lat: Of its lake, degrees; NaN where unknown.
        when: Its date.
        words: What the record says of lake, cause and reference.
    """

    row: int
    name: str
    lake_id: str
    lon: float
    lat: float
    when: FloodDate
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Match:
    """A record, and the lake that it is taken to be of.

    Args:
        record: The record.
        lake_key: Of its lake; None where there is none within reach, or several lakes have its id and nothing tells which.
        how: `id`, `distance`, `none` or `ambiguous`.
        km: From the position of the record to the lake's outline (or point), 0 inside; NaN where one of them is unknown.
        others: Further lakes that it might be of, each with its distance in km, the nearest first.
    """

    record: FloodRecord
    lake_key: int | None
    how: str
    km: float
    others: tuple[tuple[int, float], ...] = ()
