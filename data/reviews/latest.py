"""What counts: of all that was said, the latest word on each subject. Pure.

By the time it was said, then by its place in the log: a file of older reviews that is taken in late does not overrule what was said since.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from data.cache import fingerprint
from data.reviews.record import TAKEN_BACK, Review

Observation = tuple[int, date, str]
"""lake_key, day, source."""
DIGEST_CHARACTERS = 16


def subject(review: Review) -> tuple[int, date | None, str]:
    """What a review is of: lake_key, day, source; the last two None and empty for a lake."""
    return review.place.lake_key, review.date, review.source


def in_order(reviews: Iterable[Review]) -> list[Review]:
    """The oldest first."""
    return sorted(reviews, key=lambda review: (review.at, review.seq))


def latest(reviews: Iterable[Review]) -> dict[tuple[int, date | None, str], Review]:
    """Subject → the latest review of it; one that was taken back is there as such."""
    return {subject(review): review for review in in_order(reviews)}


def lake_verdicts(reviews: Iterable[Review]) -> dict[int, str]:
    """lake_key → what is said of the lake now."""
    return {key: held.verdict for (key, day, _), held in latest(reviews).items() if day is None and held.verdict != TAKEN_BACK}


def bad_observations(reviews: Iterable[Review]) -> frozenset[Observation]:
    """The observations whose latest review calls them bad."""
    said = latest(reviews).items()
    return frozenset((key, day, source) for (key, day, source), held in said if day is not None and held.verdict == "bad")


def digest_of(observations: Iterable[Observation]) -> str:
    """What names a set of observations in settings, caches and exports; empty for none."""
    rows = sorted((key, day.isoformat(), source) for key, day, source in observations)
    return fingerprint(*(f"{key} {day} {source}" for key, day, source in rows))[:DIGEST_CHARACTERS] if rows else ""
