"""Which column of an inventory holds what a hazard component needs: recognised by name, or named by the person."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from data.column_names import plain_name


@dataclass(frozen=True)
class Role:
    """A quantity that some inventories bring along.

    Args:
        title: For people.
        unit: In which its values are taken to be.
        names: Column names by which it is recognised: lower case, letters and digits only.
    """

    title: str
    unit: str
    names: frozenset[str]


ROLES: dict[str, Role] = {
    "glacier_distance": Role("Distance to the glacier", "m", frozenset({
        "glacierdistancem", "glacierdistm", "distanceglacierm", "distglacierm", "distancetoglacierm", "glacierdistance", "distglacier",
        "distancetoglacier", "glacdist",
    })),
    "glacier_slope": Role("Slope of the mother glacier", "°", frozenset({
        "glacierslopedeg", "glacierslope", "slopeglacier", "motherglacierslope", "glacierslopedegrees",
    })),
    "downstream_slope": Role("Slope downstream of the dam", "°", frozenset({
        "downstreamslopedeg", "downstreamslope", "slopedownstream", "damslopedeg", "damslope", "outletslope",
    })),
    "dam_width": Role("Width of the dam's top", "m", frozenset({
        "damwidthm", "damtopwidthm", "damwidth", "damtopwidth", "morainewidth", "morainewidthm", "crestwidth", "crestwidthm",
    })),
    "glacier_area": Role("Area of the mother glacier", "km²", frozenset({
        "glacierareakm2", "glacierarea", "motherglacierarea", "motherglacierareakm2",
    })),
    "lake_glacier_slope": Role("Slope between lake and glacier", "°", frozenset({
        "lakeglacierslopedeg", "lakeglacierslope", "slopelakeglacier", "slopebetweenlakeandglacier",
    })),
}  # fmt: skip
"""Role → what it is. Elevation and type of dam are columns of the schema and need no role."""


def candidates(lakes: pd.DataFrame, extra: list[str]) -> list[str]:
    """The columns that a person may map: those the input brought along that hold numbers."""
    return [name for name in extra if pd.api.types.is_numeric_dtype(lakes[name]) and not pd.api.types.is_bool_dtype(lakes[name])]


def recognised(names: list[str]) -> dict[str, str]:
    """Role → the first of these columns whose name says that it plays it."""
    found: dict[str, str] = {}
    for role, spec in ROLES.items():
        mine = [name for name in names if plain_name(name) in spec.names]
        if mine:
            found[role] = mine[0]
    return found
