"""A dataset of a visitor's own table, by the answers that were given."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from data.errors import InputError
from data.importing.dates import given_date
from data.importing.frames import objects
from data.importing.inventory import import_layers
from data.importing.options import ImportOptions
from data.meta import read_meta, write_meta
from data.own_table import columns
from data.own_table.answers import COLUMN, GIVEN, NAMES, PLACE, WIDE, Answers
from data.own_table.reading import layers as read_layers
from data.own_table.slashes import ORDERS, read
from data.own_table.wide import unfolded, wide
from data.readers import Layer

MOST_PIXEL = 10_000.0
TITLE = 80


def make(folder: Path, names: Sequence[str], answers: Answers, into: Path) -> dict[str, Any]:
    """Import the files into a new dataset.

    Returns:
        lakes, observations, refused: how many; report: the lines of the import's report.

    Raises:
        InputError: A file, an answer, or every row cannot be used.
    """
    _require_pixel(answers.pixel_m)
    found, named, dates = _by_answers(read_layers(folder, names), answers)
    options = ImportOptions(columns=named, date=dates, pixel_m=answers.pixel_m)
    done = import_layers(lambda: found, into, options)
    about = read_meta(into)
    write_meta(into, replace(about, title=_title(found, about.title)))
    facts = done.report.facts
    return {"lakes": facts["lakes"], "observations": facts["observations"], "refused": done.refused}


def _by_answers(layers: list[Layer], answers: Answers) -> tuple[list[Layer], dict[str, str], tuple[str, ...]]:
    """The layers as they are imported, the columns by role, and a date for each layer where no column holds it."""
    unfolding = wide(layers) if answers.date == WIDE else None
    if unfolding is not None:
        named, dates = {"area": unfolding.name}, tuple(str(day) for day in unfolding.areas)
        id_role = _id(layers, answers)
        layers = unfolded(layers[0], unfolding)
    else:
        named, dates = _dates(layers, answers)
        id_role, roles = _id(layers, answers), columns.roles(layers)
        area = None if "area" in roles else columns.area_guess(layers, list(roles.values()))
        named |= {} if area is None else {"area": area}
        layers = _in_order(layers, answers.date)
    return [_without_ids(layer) for layer in layers] if answers.id == PLACE else layers, named | id_role, dates


def _require_pixel(pixel_m: float | None) -> None:
    if pixel_m is not None and not (math.isfinite(pixel_m) and 0 < pixel_m <= MOST_PIXEL):
        raise InputError(f"a pixel of {pixel_m:g} m makes no sense", "give its side in metres, e.g. 30")


def _dates(layers: Sequence[Layer], answers: Answers) -> tuple[dict[str, str], tuple[str, ...]]:
    """What an import must be told: columns by role, and a date for each layer."""
    if answers.date.startswith((COLUMN, *ORDERS)):
        return {"date": _column(layers, answers.date)}, ()
    if answers.date == NAMES:
        named = columns.named_dates(layers)
        if any(day is None for day in named):
            raise InputError("not every file has a date in its name", "say otherwise where the date stands")
        return {}, tuple(str(day) for day in named)
    if answers.date != GIVEN:
        raise InputError("it was not said where the date stands", "answer the first question")
    if not answers.given.strip():
        raise InputError("the date of the rows was not typed", "type a year, or a day as 2020-10-15")
    try:
        given_date(answers.given.strip())
    except InputError:
        what = f"“{answers.given.strip()[:40]}” is neither a year nor a day"
        raise InputError(what, "write it as 2020 or 2020-10-15") from None
    return {}, (answers.given.strip(),)


def _in_order(layers: list[Layer], answer: str) -> list[Layer]:
    """The layers, dates with slashes written out; what is none is left for the import to refuse."""
    order, name = next((order for order in ORDERS if answer.startswith(order)), ""), answer.partition(":")[2]
    if not order:
        return layers
    cells = [[read(cell, order) or cell for cell in objects(layer.frame, name)] for layer in layers]
    return [replace(layer, frame=layer.frame.assign(**{name: days})) for layer, days in zip(layers, cells, strict=True)]


def _id(layers: Sequence[Layer], answers: Answers) -> dict[str, str]:
    if answers.id.startswith(COLUMN):
        return {"lake_id": _column(layers, answers.id)}
    if answers.id not in {PLACE, NAMES}:
        raise InputError("it was not said what tells one lake from another", "answer the second question")
    return {}


def _column(layers: Sequence[Layer], answer: str) -> str:
    name = answer.partition(":")[2]
    if name not in columns.shared_columns(layers):
        raise InputError(f"there is no column “{name[:40]}”", "choose one that there is")
    return name


def _without_ids(layer: Layer) -> Layer:
    """The layer with a column of ids under a name that is not taken for one."""
    held = columns.roles([layer]).get("lake_id")
    frame = layer.frame if held is None else layer.frame.rename(columns={held: f"{held}_as_given"})
    return replace(layer, frame=frame, facts={name: said for name, said in layer.facts.items() if name != "lake_id"})


def _title(layers: Sequence[Layer], otherwise: str) -> str:
    """What the dataset is called: the file where there is one, else what the names of all have in common."""
    stems = {layer.stem for layer in layers}
    return (layers[0].stem.replace("_", " ") if len(stems) == 1 else otherwise)[:TITLE] or "own table"
