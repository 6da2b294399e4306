"""Which column of an inventory means what, by the names that public inventories use.

The names are those of the ICIMOD inventories of the Hindu Kush Himalaya, of the Nepal 2020 inventory (NCDC), of the Glacial Lake
Observatory (ESSD 2025-751), of GLIMS, and their plain English forms. Case, blanks, underscores and a unit in brackets do not matter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

import numpy as np
import pandas as pd

from data.errors import InputError
from data.importing import frames
from data.importing.faults import numeric

_AREAS = [
    f"{name}{unit}" for unit in ("", "km2", "sqkm", "m2", "sqm", "ha", "hectares") for name in ("area", "glarea", "lakearea", "surfacearea")
]

ALIASES: dict[str, tuple[str, ...]] = {
    "lake_id": ("lakeid", "glid", "glimsid", "gloid", "glakeid"),
    "name": ("name", "lakename", "glname"),
    "area": (*_AREAS, "areayear", "shapearea", "geomarea"),
    "area_sd": ("areasd", "areasdkm2", "areauncertainty", "areaerror", "areaunc", "areaerr", "uncertainty"),
    "basin": ("basin", "majorbasin", "mbasin", "riverbasin"),
    "sub_basin": ("subbasin", "watershed"),
    "elevation_m": ("elevationm", "elevation", "altitude", "elev", "glelev", "lakeelev", "alt"),
    "dam_type": ("damtype", "type", "laketype", "gltype", "dam"),
    "date": ("date", "acqdate", "acquisitiondate", "imagedate", "obsdate", "datetime", "time"),
    "year": ("year", "areayear", "obsyear", "yr"),
    "lon": ("lon", "longitude", "long", "gllong", "lng", "x"),
    "lat": ("lat", "latitude", "lati", "gllati", "y"),
    "scene_id": ("imageid", "sceneid", "imgid", "productid", "scene"),
    "window_first": ("startdate", "datestart"),
    "window_last": ("enddate", "dateend"),
}
"""Each role and the names it goes by, best first. `AREA_YEAR` stands twice: what its values look like decides."""

UNITS = {"km2": 1.0, "m2": 1e-6, "ha": 1e-2}
"""Area units and how many km² each is."""

_UNIT_NAMES = {"km2": "km2", "sqkm": "km2", "km": "km2", "m2": "m2", "sqm": "m2", "m": "m2", "ha": "ha", "hectares": "ha"}


def recognised(frame: pd.DataFrame, wanted: Mapping[str, str], file: str) -> dict[str, str]:
    """The column of each role, for the roles that the frame has.

    A column has one role at most: with both `Basin` and `M_Basin` (the Hindu Kush Himalaya inventories have three levels), `Basin`
    is the basin and `M_Basin` is kept under its own name, like any column that is not recognised.

    Args:
        frame: The attributes.
        wanted: Columns that the user names, by role; they win.
        file: The file's name, for messages.

    Raises:
        InputError: A column that the user names is not there.
    """
    roles: dict[str, str] = {}
    for role, column in wanted.items():
        roles[role] = _named(frame, column, file)
    by_name = {plain(str(column)): str(column) for column in reversed(list(frame.columns))}
    for role, names in ALIASES.items():
        if role in roles:
            continue
        for name in names:
            column = by_name.get(name)
            if column is not None and column not in roles.values() and _fits(role, frames.column(frame, column)):
                roles[role] = column
                break
    return roles


def _named(frame: pd.DataFrame, column: str, file: str) -> str:
    exact = [str(c) for c in frame.columns if str(c) == column] or [str(c) for c in frame.columns if str(c).lower() == column.lower()]
    if not exact:
        raise InputError(f"{file} has no column {column!r}", "name one of " + ", ".join(map(str, frame.columns)))
    return exact[0]


def listed(frame: pd.DataFrame) -> str:
    """The first twenty columns, for messages."""
    names = ", ".join(map(str, frame.columns[:20]))
    return names + (" …" if len(frame.columns) > 20 else "") if names else "none"


def plain(name: str) -> str:
    """A name as it is looked up: `GL_Elev (m)` → `glelev`, `area_m²` → `aream2`: the unit in brackets goes, the one after `area` stays."""
    return re.sub(r"[^a-z0-9]", "", re.sub(r"[(\[].*", "", unicodedata.normalize("NFKC", name)).lower())


def _fits(role: str, values: pd.Series) -> bool:
    """Whether values can play a role that their column's name leaves open."""
    if role not in {"area", "year", "lon", "lat"}:
        return True
    numbers = numeric(values)
    numbers = numbers[np.isfinite(numbers)]
    if role in {"lon", "lat"}:
        limit = 180 if role == "lon" else 90
        return len(numbers) > 0 and float(np.median(np.abs(numbers))) <= limit
    years = len(numbers) > 0 and bool(np.mean((numbers == np.round(numbers)) & (numbers >= 1800) & (numbers <= 2100)) > 0.5)
    return years if role == "year" else not (years and "year" in str(values.name).lower())


def area_unit(column: str, reported: np.ndarray, geometric: np.ndarray | None) -> tuple[str, str]:
    """The unit of an area column, and how that is known.

    Args:
        column: Its name, which may hold the unit.
        reported: (N,) its values.
        geometric: (N,) the areas of the outlines in km², NaN where there is none; None for a table without outlines.

    Returns:
        A key of UNITS, and the reason in words. The outlines decide where there are any; then the name; then km², the
        custom of the published inventories, unless the median is above 1,000, which in km² no glacial lake has.
    """
    if geometric is not None:
        usable = np.isfinite(reported) & np.isfinite(geometric) & (reported > 0) & (geometric > 0)
        if usable.any():
            ratio = float(np.median(np.log10(reported[usable] / geometric[usable])))
            unit = min(UNITS, key=lambda name: abs(ratio + np.log10(UNITS[name])))
            return unit, "compared with the outlines"
    spelled = re.sub(r"sq[._ ]+", "sq", column.lower().replace("²", "2").replace("^", ""))
    found = re.search(r"(?:(?<![a-z])|(?<=area))(km2|sqkm|m2|sqm|ha|hectares)(?![a-z0-9])", spelled)
    if found:
        return _UNIT_NAMES[found.group(1)], f"by its name {column!r}"
    positive = reported[np.isfinite(reported) & (reported > 0)]
    if len(positive) and float(np.median(positive)) > 1000:
        return "m2", "assumed: the median is above 1,000"
    return "km2", "assumed"
