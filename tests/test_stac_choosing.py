"""The order in which items are looked at and taken."""

from __future__ import annotations

import itertools
from datetime import date

import pytest

from data.stac.choosing import Judged, covered, looked_at, ranked, shows
from data.stac.clearness import Clearness
from data.stac.windows import buffered
from tests.stac_cases import LAKE, candidate, ground

MIDDLE = date(2020, 10, 16)
PLACE = buffered(LAKE.outline, 0.01)


def test_the_share_of_the_surroundings_that_a_footprint_holds() -> None:
    place = ground(1000, 1000, 3000, 3000)
    assert covered(candidate(footprint=ground(0, 0, 5000, 5000)), place) == 1
    assert covered(candidate(footprint=ground(1500, 0, 5000, 5000)), place) == 0.75
    assert covered(candidate(footprint=ground(3500, 0, 5000, 5000)), place) == 0
    assert covered(candidate(footprint=None), place) == 1
    assert covered(candidate(), place.centroid) == 1


@pytest.mark.parametrize(("left", "shown"), [(2300, True), (2490, True), (2510, False), (3000, False)])
def test_a_footprint_shows_a_lake_but_for_a_fifth(left: float, shown: bool) -> None:
    assert shows(candidate(footprint=ground(left, 0, 5000, 5000)), LAKE.outline, 0.2) is shown


def test_where_nothing_is_told_the_lake_may_be_shown() -> None:
    assert shows(candidate(footprint=None), LAKE.outline, 0.2)
    assert shows(candidate(), LAKE.outline.centroid, 0.2)
    assert not shows(candidate(footprint=ground(0, 0, 10, 10)), LAKE.outline.centroid, 0.2)


def test_nearest_to_the_middle_first_then_the_wider_view_then_the_newer_processing() -> None:
    edge = ground(2350, 0, 5120, 5120)
    items = [
        candidate("late", date(2020, 10, 18)),
        candidate("early", date(2020, 10, 15)),
        candidate("same day later", date(2020, 10, 17)),
        candidate("b old", MIDDLE, **{"s2:processing_baseline": "02.14"}),
        candidate("c edge", MIDDLE, footprint=edge),
        candidate("a new", MIDDLE),
    ]
    for given in itertools.permutations(items, len(items)):
        assert [each.id for each in looked_at(given, MIDDLE, PLACE)] == ["a new", "b old", "c edge", "early", "same day later", "late"]


def test_the_clearest_is_taken_first() -> None:
    clear, hazy = Clearness(1, 0, 0, 0, 0), Clearness(0.97, 0.03, 0, 0, 0)
    judged = [
        Judged(candidate("near and hazy", MIDDLE), hazy),
        Judged(candidate("far", date(2020, 11, 1)), clear),
        Judged(candidate("narrow", date(2020, 10, 20)), clear, 0.6),
        Judged(candidate("wide", date(2020, 10, 20)), clear, 0.9),
    ]
    for given in itertools.permutations(judged):
        assert [each.candidate.id for each in ranked(list(given), MIDDLE)] == ["wide", "narrow", "far", "near and hazy"]
