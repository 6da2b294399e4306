"""What is asked of the hindcast, as part of a link, and back. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from data.errors import InputError
from modules.choices import Hindcasting
from modules.hindcasting.asked import CHOICES

YEARS = (1800, 2200)


def hindcast_pairs(asked: Hindcasting) -> Iterator[tuple[str, str]]:
    """Only what differs from how the page opens."""
    if asked.score != Hindcasting().score:
        yield "hind", asked.score
    if asked.year is not None:
        yield "until", str(asked.year)
    for name in ("gap", "by_id"):
        if getattr(asked, name):
            yield name, "1"


def hindcast_from(one: Mapping[str, str]) -> Hindcasting:
    """Invert `hindcast_pairs`; a year that the dataset does not offer is replaced when the page works it out.

    Raises:
        InputError, ValueError: The score is unknown, or the year is none.
    """
    score, year = one.get("hind", Hindcasting().score), int(one["until"]) if "until" in one else None
    if score not in CHOICES:
        raise InputError(f"score {score!r} is unknown", f"use one of {', '.join(CHOICES)}")
    if year is not None and not YEARS[0] <= year <= YEARS[1]:
        raise InputError(f"{year} is no year to pick", f"give one from {YEARS[0]} to {YEARS[1]}")
    return Hindcasting(score, year, one.get("gap") == "1", one.get("by_id") == "1")
