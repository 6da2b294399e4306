"""`Wish`: how a person wants lakes ranked, and mixes to start from."""

from __future__ import annotations

import math
from dataclasses import dataclass

from data.errors import InputError
from data.watchlist.components import COMPONENTS
from data.watchlist.roles import ROLES

MOST_WEIGHT = 100.0
MOST_LAKES = 1_000


@dataclass(frozen=True)
class Wish:
    """Weights, how many lakes make the list, and which columns play which part.

    Args:
        weights: (component, weight), weights above 0, in the order of COMPONENTS.
        top: Lakes on the list.
        columns: (role, column of `lakes`) as the person mapped them; an empty column takes a recognised one away.

    Raises:
        InputError: A component or role is unknown, or a number is out of range.
    """

    weights: tuple[tuple[str, float], ...] = ()
    top: int = 25
    columns: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for name, weight in self.weights:
            if name not in COMPONENTS:
                raise InputError(f"component {name!r} is unknown", f"use {', '.join(COMPONENTS)}")
            if not (math.isfinite(weight) and 0 < weight <= MOST_WEIGHT):
                raise InputError(f"weight {weight:g} of {name} is out of range", f"give more than 0, up to {MOST_WEIGHT:g}")
        if not 1 <= self.top <= MOST_LAKES:
            raise InputError(f"a list of {self.top} lakes is out of range", f"give 1 to {MOST_LAKES}")
        strange = [role for role, _ in self.columns if role not in ROLES]
        if strange:
            raise InputError(f"role {strange[0]!r} is unknown", f"use one of {', '.join(ROLES)}")
        names, roles = [name for name, _ in self.weights], [role for role, _ in self.columns]
        if len(set(names)) < len(names) or len(set(roles)) < len(roles):
            raise InputError("a component or role is given twice", "give each once")


def weighed(weights: dict[str, float]) -> tuple[tuple[str, float], ...]:
    """Weights as `Wish` holds them: in the order of COMPONENTS, none of 0. Unknown names stay last and are refused by `Wish`."""
    known = [name for name in COMPONENTS if name in weights]
    return tuple((name, float(weights[name])) for name in [*known, *(weights.keys() - set(known))] if weights[name])


@dataclass(frozen=True)
class Preset:
    """A mix of components to start from.

    Args:
        title: For people.
        weights: As in `Wish`.
        help: What it is for, and what to beware of.
    """

    title: str
    weights: tuple[tuple[str, float], ...]
    help: str


PRESETS: dict[str, Preset] = {
    "growth": Preset(
        "Growth and evidence", weighed({"growth_low": 2, "evidence": 2, "growth_km2": 1}),
        "Lakes that grow, surely, and by much: what a first look at an inventory should see.",
    ),
    "size": Preset(
        "Growth and water", weighed({"growth_low": 1, "evidence": 1, "volume": 1}),
        "The same, with as much weight on how much water there may be.",
    ),
    "unseen": Preset(
        "Growing and unseen", weighed({"growth_low": 1, "evidence": 1, "unseen": 1}),
        "Lakes that grow and that nobody has seen clearly for long: where the next image should be ordered.",
    ),
    "published": Preset(
        "Published hazard weights", weighed({name: 100 * each.weight for name, each in COMPONENTS.items() if each.weight}),
        "The ten signs and weights of Hindawi 2014/903709, table 3, made for moraine-dammed lakes. Most inventories hold only some of "
        "the signs: the page says how much of the weight these data can tell.",
    ),
}  # fmt: skip

DEFAULT = "growth"


def opening() -> Wish:
    """The wish that a visit opens with."""
    return Wish(PRESETS[DEFAULT].weights)
