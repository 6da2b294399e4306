"""Which items of a season are looked at, and in which order they are taken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from shapely.geometry.base import BaseGeometry

from data.stac.clearness import Clearness
from data.stac.scaling import baseline
from data.stac.search import Candidate


@dataclass(frozen=True)
class Judged:
    """A candidate and what can be seen of the lake on it.

    Args:
        candidate: The item.
        seen: Of the lake.
        around: Share of the lake's surroundings that the item's footprint holds, 0 to 1.
    """

    candidate: Candidate
    seen: Clearness
    around: float = 1.0


def covered(candidate: Candidate, place: BaseGeometry) -> float:
    """Share of a place (longitude and latitude) that the item's footprint holds, to a hundredth; 1 where it tells none."""
    if candidate.footprint is None or place.area == 0:
        return 1.0
    return round(candidate.footprint.intersection(place).area / place.area, 2)


def shows(candidate: Candidate, lake: BaseGeometry, missing: float) -> bool:
    """Whether the footprint holds a lake but for that share of it."""
    footprint = candidate.footprint
    if footprint is None or not footprint.intersects(lake):
        return footprint is None
    return lake.area == 0 or footprint.intersection(lake).area >= (1 - missing) * lake.area


def looked_at(found: Iterable[Candidate], middle: date, place: BaseGeometry) -> list[Candidate]:
    """The items nearest to the middle of the season first; of one day those that hold most of the place, then the newest baseline."""
    return sorted(found, key=lambda each: (abs(each.day - middle), each.day, -covered(each, place), -(baseline(each) or 0), each.id))


def ranked(judged: list[Judged], middle: date) -> list[Judged]:
    """The clearest first; of equally clear ones that nearest to the middle of the season, then as `looked_at`."""
    return sorted(
        judged,
        key=lambda each: (
            -each.seen.clear, abs(each.candidate.day - middle), each.candidate.day, -each.around, -(baseline(each.candidate) or 0),
            each.candidate.id,
        ),
    )  # fmt: skip
