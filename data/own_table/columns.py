"""What the columns of a table could be: which hold dates, which could tell lakes apart, which areas."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from data.importing.columns import recognised
from data.importing.dates import day_or_year, named_date
from data.importing.faults import numeric, text
from data.importing.frames import column, objects
from data.own_table import slashes
from data.readers import Layer

MOST_COLUMNS = 60
"""Columns that are looked at; of more the first."""
LIKE_AN_ID = re.compile(r"(?:^|[^a-z])(?:id|code|key|name|lake|glims|label|nr|no)(?:$|[^a-z])|id$|lake", re.IGNORECASE)
LIKE_AN_AREA = re.compile(r"area|surface|superfic|aire|fl[aä]che|km2|km²|sq[_. ]?km|m²|hectare", re.IGNORECASE)


@dataclass(frozen=True)
class Dates:
    """What a column says if its cells are dates.

    Args:
        name: The column.
        days: The dates that can be read, each once, ascending; a bare year is an int.
        unread: Cells that hold no date, the empty ones among them.
        example: The first of these, as (row, what it holds); None where there is none.
        slashed: Whether most cells are dates with slashes.
    """

    name: str
    days: list[date | int]
    unread: int
    example: tuple[int, str] | None
    slashed: bool


@dataclass(frozen=True)
class Labels:
    """What a column says if its cells are ids of lakes: how many different ones, and how many rows have none."""

    name: str
    different: int
    empty: int


def roles(layers: Sequence[Layer]) -> dict[str, str]:
    """Role (`data.importing.columns.ALIASES`) → column, of the roles that every layer has in a column of one name."""
    found = [recognised(layer.frame, {}, layer.file) for layer in layers]
    return {role: name for role, name in found[0].items() if all(each.get(role) == name for each in found)}


def shared_columns(layers: Sequence[Layer]) -> list[str]:
    """The columns that every layer has, in the order of the first."""
    others = [set(map(str, layer.frame.columns)) for layer in layers[1:]]
    return [name for name in map(str, layers[0].frame.columns) if all(name in names for names in others)][:MOST_COLUMNS]


def dates_of(layers: Sequence[Layer], name: str, order: str = "") -> Dates:
    """A column read as dates; as dates with slashes where an order of their parts is given (`data.own_table.slashes.ORDERS`)."""
    known: dict[object, date | int | None] = {}
    unread, with_slashes, total, example = 0, 0, 0, None
    for row, cell in ((row, cell) for layer in layers for row, cell in enumerate(objects(layer.frame, name), 1)):
        if cell not in known:
            known[cell] = None if cell is None else slashes.read(cell, order) if order else day_or_year(cell)
        total += 1
        if known[cell] is None:
            unread += 1
            example = example or (row, text(cell)[:40])
            with_slashes += slashes.slashed(cell)
    days = sorted({day for day in known.values() if day is not None}, key=str)
    return Dates(name, days, unread, example, with_slashes > total / 2)


def named_dates(layers: Sequence[Layer]) -> list[date | int | None]:
    """The date in the name of each layer; None where it has none, or several."""

    def named(stem: str) -> date | int | None:
        try:
            return named_date(stem)
        except ValueError:
            return None

    return [named(layer.stem) for layer in layers]


def labels_of(layers: Sequence[Layer], name: str) -> Labels | None:
    """A column read as ids of lakes; None where its cells are measured numbers, or all the same."""
    texts = [text(cell) for layer in layers for cell in objects(layer.frame, name)]
    different = {cell for cell in texts if cell}
    measured = sum(bool(re.fullmatch(r"-?\d+[.,]\d+(?:e-?\d+)?", cell)) for cell in different)
    if len(different) < (1 if like_an_id(name) else 2) or measured > 0.5 * len(different):
        return None
    return Labels(name, len(different), texts.count(""))


def like_an_id(name: str) -> bool:
    """Whether a column goes by a name that ids of lakes have."""
    return bool(LIKE_AN_ID.search(name))


def area_guess(layers: Sequence[Layer], taken: Sequence[str]) -> str | None:
    """A column of areas that goes by no usual name: numbers above 0 under a name that says area, in some language, or a unit of it."""
    for name in shared_columns(layers):
        if name in taken or not LIKE_AN_AREA.search(name):
            continue
        values = numeric(column(layers[0].frame, name))
        if np.mean(np.isfinite(values) & (values > 0)) > 0.5:
            return name
    return None
