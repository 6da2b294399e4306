"""Which sensor saw an epoch, where no scene id tells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from data.errors import InputError


@dataclass(frozen=True)
class Since:
    """A sensor, and the first year whose outlines are from it; None: those of every year before another's first."""

    year: int | None
    sensor: str


def sensors_of(texts: Sequence[str]) -> tuple[Since, ...]:
    """Read `NAME` and `YEAR=NAME`.

    Raises:
        InputError: One is neither, or two of them begin at the same time.
    """
    found: list[Since] = []
    for text in texts:
        told = re.fullmatch(r"\s*(?:(\d{4})\s*=)?\s*([^=]*[^=\s])\s*", text)
        if told is None:
            raise InputError(f"--sensor {text!r} names no sensor", "write NAME, or YEAR=NAME for outlines from that year on")
        found.append(Since(int(told[1]) if told[1] else None, told[2]))
    if len({since.year for since in found}) < len(found):
        raise InputError("two of --sensor begin at the same time", "name one without a year, and each other with the year it begins in")
    return tuple(sorted(found, key=lambda since: since.year or 0))


def sensor_in(epoch: date | None, sensors: Sequence[Since]) -> str | None:
    """The sensor of an epoch: the last to begin by then; None where none is named or the epoch is unknown."""
    begun = [since.sensor for since in sensors if epoch is not None and (since.year or 0) <= epoch.year]
    return begun[-1] if begun else None
