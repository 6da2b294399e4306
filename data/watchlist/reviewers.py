"""Who called an observation bad, and with which note: what a saved list says of a review that it rests on."""

from __future__ import annotations

from collections.abc import Iterable

from data.reviews.latest import Observation, latest
from data.reviews.record import Review
from data.watchlist.saved import Reviewers


def reviewers_of(reviews: Iterable[Review]) -> Reviewers:
    """(lake_key, day, source) → name and note of the latest review, of every observation that it calls bad.

    A name that nobody vouches for is marked as such.
    """
    found: dict[Observation, tuple[str, str]] = {}
    for (key, day, source), review in latest(reviews).items():
        if day is not None and review.verdict == "bad":
            found[key, day, source] = (review.who if review.signed_in else f"{review.who} (unverified)", review.note)
    return found
