"""Tables with one column a date: `lake, area_1990, area_2000, area_2010`. Each such column becomes a layer of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from data.importing.columns import ALIASES, plain
from data.importing.dates import named_date, without_date
from data.importing.faults import numeric, text
from data.importing.frames import column, objects
from data.own_table.columns import LIKE_AN_AREA
from data.readers import Layer

LEAST = 2
LEAST_BARE = 3
"""Columns of areas that make a table wide; of those that are called by the year alone."""


@dataclass(frozen=True)
class Wide:
    """The columns of areas.

    Args:
        name: What they are called but for the date; may hold a unit.
        areas: Date → column, ascending.
        errors: Date → column of the standard deviation, where there is one.
    """

    name: str
    areas: dict[date | int, str]
    errors: dict[date | int, str]

    @property
    def columns(self) -> list[str]:
        return [*self.areas.values(), *self.errors.values()]


def wide(layers: Sequence[Layer]) -> Wide | None:
    """The columns of areas of a single table, None where it has one row a date, as most have."""
    if len(layers) != 1:
        return None
    groups = _groups(layers[0])
    for name, dated in sorted(groups.items(), key=lambda pair: -len(pair[1])):
        bare = not name
        if (bare or LIKE_AN_AREA.search(name)) and plain(name) not in ALIASES["area_sd"] and len(dated) >= (LEAST_BARE if bare else LEAST):
            errors = next((held for other, held in groups.items() if plain(other) in ALIASES["area_sd"]), {})
            return Wide(name or "area", dict(sorted(dated.items(), key=lambda pair: str(pair[0]))), errors)
    return None


def _groups(layer: Layer) -> dict[str, dict[date | int, str]]:
    """Columns of numbers that have a date in their name, by the rest of it."""
    groups: dict[str, dict[date | int, str]] = {}
    for name in map(str, layer.frame.columns):
        try:
            day = named_date(name)
        except ValueError:  # several
            continue
        if day is None:
            continue
        values = numeric(column(layer.frame, name))
        if np.isfinite(values).any():
            groups.setdefault(without_date(name), {})[day] = name
    return groups


def unfolded(layer: Layer, found: Wide) -> list[Layer]:
    """One layer a date, of the rows that have an area then; they keep their numbers."""
    rest = layer.frame.drop(columns=found.columns)
    layers: list[Layer] = []
    for day, name in found.areas.items():
        held = np.array([text(cell) != "" for cell in objects(layer.frame, name)], dtype=bool)
        more = {found.name: layer.frame[name]}
        if day in found.errors:
            more["area_sd"] = layer.frame[found.errors[day]]
        frame = rest.assign(**more).loc[held].reset_index(drop=True)
        layers.append(replace(layer, frame=frame, shapes=None if layer.shapes is None else layer.shapes[held], areas_km2=None,
                              numbers=np.flatnonzero(held) + 1))  # fmt: skip
    return layers
