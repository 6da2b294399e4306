"""What a table holds, and the three questions about it, each with a guess. JSON: it is made where untrusted files are opened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from data.errors import InputError
from data.importing.faults import text
from data.importing.frames import objects
from data.importing.geometry import has_outlines
from data.own_table import columns
from data.own_table.pixels import pixel_guess
from data.own_table.questions import date_question, id_question, wide_question
from data.own_table.reading import layers as read_layers
from data.own_table.wide import wide
from data.readers import Layer

PREVIEW_ROWS, PREVIEW_COLUMNS, CELL = 5, 10, 32
SPOKEN = {
    "lake_id": "id", "name": "name", "area": "area", "area_sd": "error of the area", "basin": "basin", "sub_basin": "sub-basin",
    "elevation_m": "elevation", "dam_type": "type", "date": "date", "year": "year", "lon": "longitude", "lat": "latitude",
    "scene_id": "scene id", "window_first": "first day", "window_last": "last day",
}  # fmt: skip
"""What a role is called on the page."""


def look(folder: Path, names: Sequence[str]) -> dict[str, Any]:
    """What the files hold, as JSON.

    Returns:
        rows; files ([{name, rows}]); outlines (whether it has any); head and body of a preview, with the role of each column;
        date and id: {guess, choices: [{key, label, says, doubt}]}; pixel: {guess, why} or None where it would change nothing.

    Raises:
        InputError: A file cannot be used.
    """
    found = read_layers(folder, names)
    roles = columns.roles(found)
    outlines = any(has_outlines(layer.shapes) for layer in found)
    unfolding = wide(found) if not outlines and "area" not in roles else None
    if not outlines and "area" not in roles and unfolding is None:
        roles["area"] = _area(found, roles)
    when, dates = date_question(found, roles) if unfolding is None else (wide_question(unfolding), 1)
    pixel = pixel_guess(found, roles.get("scene_id")) if outlines and "area_sd" not in roles else None
    return {
        "rows": sum(len(layer.frame) for layer in found),
        "files": [{"name": layer.file, "rows": len(layer.frame)} for layer in found],
        "outlines": outlines,
        **_preview(found[0], roles, {} if unfolding is None else unfolding.areas),
        "date": when,
        "id": id_question(found, roles, dates, outlines=outlines, without=[] if unfolding is None else unfolding.columns),
        "pixel": None if pixel is None else {"guess": pixel.metres, "why": pixel.why},
        "area": roles.get("area") or (None if unfolding is None else unfolding.name),
    }


def _area(layers: Sequence[Layer], roles: dict[str, str]) -> str:
    guess = columns.area_guess(layers, list(roles.values()))
    if guess is None:
        shown = ", ".join(columns.shared_columns(layers)[:20])
        raise InputError(f"neither outlines nor a column of areas (columns: {shown})", "name the column of areas area_km2 in the file")
    return guess


def _preview(layer: Layer, roles: dict[str, str], areas: Mapping[date | int, str]) -> dict[str, Any]:
    """The first rows, the columns that mean something first."""
    means = {name: SPOKEN.get(role, role) for role, name in roles.items()} | {name: f"area {day}" for day, name in areas.items()}
    names = [name for name in map(str, layer.frame.columns) if name in means]
    names += [name for name in map(str, layer.frame.columns) if name not in means]
    shown = names[:PREVIEW_COLUMNS]
    cells = [[text(cell)[:CELL] for cell in objects(layer.frame, name)[:PREVIEW_ROWS]] for name in shown]
    head = [{"name": name, "role": means.get(name, "")} for name in shown]
    return {"head": head, "body": [list(row) for row in zip(*cells, strict=True)], "more_columns": len(names) - len(shown)}
