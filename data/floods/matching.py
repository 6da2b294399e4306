"""Which lake a flood came from: the one with its id, else the nearest within reach."""

from __future__ import annotations

import math
from collections.abc import Iterable

from data.floods.places import LakePlaces
from data.floods.record import FloodRecord, Match
from data.floods.words import is_id
from data.known_lakes import KnownLakes
from data.store import Store

WITHIN_KM = 1.5
"""How far from a record's position a lake may lie, unless another distance is asked for."""
RIVAL = 2.0
"""Another lake within reach and less than so many times as far makes a match by distance ambiguous."""


def matched(records: Iterable[FloodRecord], store: Store, within_km: float = WITHIN_KM) -> list[Match]:
    """The lake of each record.

    By id where a lake of the dataset has it (several lakes: the one nearest to the record's position), else the nearest lake within reach.

    Args:
        records: The records.
        store: The dataset.
        within_km: How far a lake that is matched by distance may lie from the record's position.
    """
    lakes, places = KnownLakes(store), LakePlaces(store)
    return [_match(record, lakes, places, within_km) for record in records]


def _match(record: FloodRecord, lakes: KnownLakes, places: LakePlaces, within_km: float) -> Match:
    named = lakes.called(record.lake_id) if is_id(record.lake_id) else []
    if named:
        return _by_id(record, named, places)
    if not (math.isfinite(record.lon) and math.isfinite(record.lat)):
        return Match(record, None, "none", math.nan)
    near = places.near(record.lon, record.lat, within_km)
    if not near:
        return Match(record, None, "none", math.nan)
    return Match(record, near[0][0], "distance", near[0][1], tuple(near[1:]))


def _by_id(record: FloodRecord, named: list[int], places: LakePlaces) -> Match:
    away = [(key, places.distance_km(key, record.lon, record.lat)) for key in named]
    if len(named) == 1:
        return Match(record, named[0], "id", away[0][1])
    placed = sorted((pair for pair in away if math.isfinite(pair[1])), key=lambda pair: (pair[1], pair[0]))
    if not placed:
        return Match(record, None, "ambiguous", math.nan, tuple(away))
    return Match(record, placed[0][0], "id", placed[0][1], tuple(placed[1:]))


def rivals(match: Match) -> tuple[tuple[int, float], ...]:
    """Other lakes that a match by distance could as well be of: less than RIVAL times as far; none where the position is in the lake."""
    if match.how != "distance" or (match.km == 0.0 and not (match.others and match.others[0][1] == 0.0)):
        return ()
    return tuple(pair for pair in match.others if pair[1] <= RIVAL * match.km)
