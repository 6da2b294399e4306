"""Which inventory a file belongs to, by its name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from data.importing import dates
from data.readers import Layer

SHORTEST = 3
"""Letters that names must have in common for that to be a name."""

_SENSOR = re.compile(r"(?<![a-z0-9])(?:s[12]|l[45789]|sentinel[-_ ]?[12]|landsat[-_ ]?[4-9])(?![a-z0-9])", re.IGNORECASE)


def sources(layers: Sequence[Layer], given: str | None, fallback: str) -> list[str]:
    """The inventory that each layer belongs to: what the file says, or else what the names of the files have in common.

    `HKH_2000` and `HKH_2010` are both of `HKH`, whichever is imported first. Two sensors that saw the same year are two
    inventories, though their files be imported at once: the Glacial Lake Observatory maps every lake each year from Sentinel-1
    and from Sentinel-2 (ESSD 2025-751).

    Args:
        layers: As read.
        given: The name that the user gives; it wins.
        fallback: The name where the files' have nothing in common.
    """
    if given:
        return [given] * len(layers)
    stems = [layer.stem for layer in layers if "source" not in layer.facts]
    apart = _sensors_side_by_side(stems)
    named: dict[str, list[str]] = {}
    for stem in stems:
        named.setdefault(_sensor(stem) if apart else "", []).append(dates.without_date(stem))
    common = {sensor: _common(group) for sensor, group in named.items()}
    return [layer.facts.get("source") or common[_sensor(layer.stem) if apart else ""] or fallback for layer in layers]


def _sensors_side_by_side(stems: Sequence[str]) -> bool:
    """Whether two names differ in nothing but the sensor, so that one lake has two outlines of one date."""
    rest = [_SENSOR.sub("", stem) for stem in set(stems)]
    return len(set(rest)) < len(rest)


def _sensor(stem: str) -> str:
    found = _SENSOR.search(stem)
    return found.group().lower() if found else ""


def _common(stems: Sequence[str]) -> str:
    """What names without their dates begin with; empty where that is too little."""
    if len(set(stems)) == 1:
        return stems[0]
    letters = takewhile(lambda same: len(set(same)) == 1, zip(*stems, strict=False))
    start = "".join(letter[0] for letter in letters).strip("-_. ")
    return start if len(start) >= SHORTEST else ""
