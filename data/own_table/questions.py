"""The first two questions about a table, each with a guess, and with what every answer would mean for its rows. As JSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from data.errors import InputError
from data.own_table import columns
from data.own_table.answers import COLUMN, GIVEN, NAMES, PLACE, WIDE
from data.own_table.columns import Dates, Labels
from data.own_table.slashes import ORDERS
from data.own_table.wide import Wide
from data.readers import Layer
from data.words import several

NO_DATES = ("lon", "lat", "area", "area_sd", "elevation_m")
NO_IDS = ("area", "area_sd", "date", "year", "lon", "lat", "elevation_m", "scene_id", "basin", "sub_basin", "dam_type")
"""Roles whose columns hold no dates; whose columns tell no lake from another."""
FEW = 3
"""With so many rows of one value at one date it is no lake's."""
LONGEST = 32
Question = dict[str, Any]


def date_question(layers: Sequence[Layer], roles: dict[str, str]) -> tuple[Question, int]:
    """Where the date stands: in a column, in the files' names, or to be typed. And how many dates there are by the guess."""
    offered = _date_columns(layers, roles)
    choices = [_date_choice(key, dates, len(offered)) for key, dates in offered.items()]
    named = columns.named_dates(layers)
    if all(day is not None for day in named):
        label = "The name of the file" if len(layers) == 1 else "The names of the files"
        choices.append(_choice(NAMES, label, _days_words(sorted({str(day) for day in named}))))
    choices.append(_choice(GIVEN, "One date for all rows", "type it below"))
    keys = [choice["key"] for choice in choices]
    usual = [key for role in ("date", "year") for key in keys if role in roles and key.partition(":")[2] == roles[role]]
    guess = next(key for key in [*usual, *(key for key in keys if key == NAMES), *keys])
    days = len(offered[guess].days) if guess in offered else len(set(named)) if guess == NAMES else 1
    return {"guess": guess, "choices": choices}, max(days, 1)


def wide_question(found: Wide) -> Question:
    """Where each column of areas is of one date there is nothing to choose."""
    days = [str(day) for day in found.areas]
    return {"guess": WIDE, "choices": [_choice(WIDE, "The names of the columns", _days_words(days))]}


def _date_columns(layers: Sequence[Layer], roles: dict[str, str]) -> dict[str, Dates]:
    """The answers that name a column, and what it says by each."""
    total = sum(len(layer.frame) for layer in layers)
    skip = {roles.get(role) for role in NO_DATES}
    read = [columns.dates_of(layers, name) for name in columns.shared_columns(layers) if name not in skip]
    offered = {COLUMN + dates.name: dates for dates in read if dates.unread < total / 2 and _plausible(dates, roles, total)}
    return offered | {key: dates for found in read if found.slashed for key, dates in _slashed(layers, found.name).items()}


def _plausible(dates: Dates, roles: dict[str, str], total: int) -> bool:
    """Whether bare years are meant as years: elevations look like them, too, but do not come back in row after row."""
    if not all(isinstance(day, int) for day in dates.days):
        return True
    named = dates.name in {roles.get("date"), roles.get("year")} or "year" in dates.name.lower()
    return named or 1 < len(dates.days) <= total / 2


def _slashed(layers: Sequence[Layer], name: str) -> dict[str, Dates]:
    """The orders in which the parts of a column's dates can be read; one alone where the other leaves more unread."""
    both = {order + name: columns.dates_of(layers, name, order) for order in ORDERS}
    least = min(dates.unread for dates in both.values())
    return {key: dates for key, dates in both.items() if dates.unread == least}


def _date_choice(key: str, dates: Dates, offered: int) -> dict[str, Any]:
    order = next((words for order, words in ORDERS.items() if key.startswith(order)), "")
    label = f"Column {dates.name}" + (f", read as {order}" if order else "")
    words = _days_words([str(day) for day in dates.days])
    if dates.unread and dates.example:
        row, cell = dates.example
        words += f"; {several(dates.unread, 'row')} cannot be read, e.g. row {row:,}: {f'“{cell}”' if cell else 'empty'}"
    return _choice(key, label, words, doubt=dates.unread > 0 or (bool(order) and offered > 1))


def _days_words(days: Sequence[str]) -> str:
    return ", ".join(days) if len(days) < 4 else f"{len(days):,} dates, {days[0]} to {days[-1]}"


def id_question(layers: Sequence[Layer], roles: dict[str, str], dates: int, *, outlines: bool, without: Sequence[str] = ()) -> Question:
    """What tells one lake from another: a column (none of those `without`), where it lies, or the file itself.

    Raises:
        InputError: Nothing does.
    """
    if all("lake_id" in layer.facts for layer in layers):
        lakes = ", ".join(dict.fromkeys(layer.facts["lake_id"] for layer in layers))[:LONGEST]
        return {"guess": NAMES, "choices": [_choice(NAMES, "The name of the file", lakes)]}
    total = sum(len(layer.frame) for layer in layers)
    skip = {*without, *(roles.get(role) for role in NO_IDS)}
    read = [found for name in columns.shared_columns(layers) if name not in skip and (found := columns.labels_of(layers, name))]
    choices = [_id_choice(found, total, dates) for found in read]
    paired = zip(choices, read, strict=True)
    likely = [choice["key"] for choice, found in paired if not choice["doubt"] and columns.like_an_id(found.name)]
    if outlines or {"lon", "lat"} <= roles.keys() or any(layer.shapes is not None for layer in layers):
        choices.append(_choice(PLACE, "Its place", "outlines that overlap are one lake" if outlines else "rows at one place are one lake"))
    if not choices:
        raise InputError("no column tells which lake a row is about", "add an id, or longitude and latitude, as lake_id, lon and lat")
    keys = [choice["key"] for choice in choices]
    usual = [COLUMN + roles["lake_id"]] if "lake_id" in roles else []
    order = [*usual, *([PLACE] if outlines else []), *likely, PLACE, *keys]
    return {"guess": next(key for key in order if key in keys), "choices": choices}


def _id_choice(found: Labels, total: int, dates: int) -> dict[str, Any]:
    """A column as an id, and whether its values look like lakes: each about once a date."""
    label = f"Column {found.name}"
    if dates > 1 and found.different == total:
        return _choice(COLUMN + found.name, label, "numbers the rows: each lake would have one date", doubt=True)
    if found.different * dates * FEW < total:
        return _choice(COLUMN + found.name, label, f"only {several(found.different, 'value')} in {several(total, 'row')}", doubt=True)
    words = several(found.different, "lake") + (f", {several(found.empty, 'row')} without" if found.empty else "")
    return _choice(COLUMN + found.name, label, words)


def _choice(key: str, label: str, says: str, *, doubt: bool = False) -> dict[str, Any]:
    return {"key": key, "label": label, "says": says, "doubt": doubt}
