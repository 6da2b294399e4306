"""Who called an observation bad: the latest word on each counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from data.reviews.latest import bad_observations
from data.reviews.record import Place, Review, new_key
from data.watchlist.reviewers import reviewers_of

DAY = date(2020, 10, 15)


def review(verdict: str, who: str, *, after: int, signed_in: bool = False, day: date | None = DAY) -> Review:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=after)
    source = "inventory" if day else ""
    return Review(new_key(), "small", "x", Place(3), day, source, verdict, f"note {after}", who, signed_in, at, after)


def test_the_latest_word_counts_and_unverified_names_are_marked() -> None:
    said = [
        review("bad", "Ann", after=1),
        review("bad", "Bo", after=3, signed_in=True),
        review("false alarm", "Cy", after=4, day=None),
        review("bad", "Di", after=5, day=date(2021, 1, 1)),
        review("good", "Di", after=6, day=date(2021, 1, 1)),
    ]
    assert reviewers_of(said) == {(3, DAY, "inventory"): ("Bo", "note 3")}
    assert reviewers_of(said[:1]) == {(3, DAY, "inventory"): ("Ann (unverified)", "note 1")}
    assert reviewers_of(said).keys() == bad_observations(said)
