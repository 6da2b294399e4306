"""Which column of a table of floods means what."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from data.column_names import plain_name
from data.errors import InputError
from data.importing.columns import ALIASES as INVENTORY
from data.importing.columns import listed

ALIASES: dict[str, tuple[str, ...]] = {
    "record": ("gfid", "recordid", "eventid", "floodid", "glofid"),
    "lake_id": INVENTORY["lake_id"],
    "date": ("date", "eventdate", "flooddate", "glofdate"),
    "year": ("yearexact", "year"),
    "approximate": ("yearapprox", "approximateyear"),
    "month": ("month",),
    "day": ("day",),
    "lon": ("lonlake", "longitude", "lon", "long", "x"),
    "lat": ("latlake", "latitude", "lat", "lati", "y"),
}
"""Each role and the names it goes by, best first; those of the High Mountain Asia database (HMAGLOFDB) among them."""

WORDS = ("lakename", "laketype", "driverglof", "mechanism", "refscientific", "reference", "source")
"""Columns whose words are kept as evidence."""


def flood_columns(frame: pd.DataFrame, wanted: Mapping[str, str], file: str) -> dict[str, str]:
    """The column of each role that the table has.

    Args:
        frame: The table.
        wanted: Columns that the user names, by role; they win.
        file: The file's name, for messages.

    Raises:
        InputError: A column that the user names is not there, there is no date, or nothing that tells a lake.
    """
    by_name = _by_name(frame)
    roles: dict[str, str] = {}
    for role, column in wanted.items():
        if column not in frame.columns:
            raise InputError(f"{file} has no column {column!r}", f"name one of {listed(frame)}")
        roles[role] = column
    for role, names in ALIASES.items():
        found = next((by_name[name] for name in names if name in by_name and by_name[name] not in roles.values()), None)
        if role not in roles and found is not None:
            roles[role] = found
    if not roles.keys() & {"date", "year", "approximate"}:
        raise InputError(f"{file} has no column of dates (it has {listed(frame)})", "name it: --date COLUMN, or --year COLUMN")
    if "lake_id" not in roles and not {"lon", "lat"} <= roles.keys():
        raise InputError(f"{file} has no column that tells a lake (it has {listed(frame)})", "name it: --id COLUMN, or --lon and --lat")
    return roles


def word_columns(frame: pd.DataFrame) -> list[str]:
    """The columns whose words are evidence, in the order of WORDS."""
    by_name = _by_name(frame)
    return [by_name[name] for name in WORDS if name in by_name]


def _by_name(frame: pd.DataFrame) -> dict[str, str]:
    """Plain name → the first column that goes by it."""
    return {plain_name(str(column)): str(column) for column in reversed(list(frame.columns))}
