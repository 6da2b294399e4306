"""What is asked of a hindcast, and its answer. Pure; slow for large inventories."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from data.hindcast.known import Known
from data.hindcast.offers import Offer, best, offers
from data.hindcast.run import Hindcast, Rules, hindcast
from data.hindcast.scores import SCORES, Values
from data.hindcast.watch_score import watch_score
from data.hindcast.words import lakes
from data.records import TrendSettings
from data.store import Store
from data.watchlist.opened import columns_of
from data.watchlist.wish import Wish

WATCH = "watch-list"
CHOICES = {name: score.title for name, score in SCORES.items()} | {WATCH: "The weights of this page"}


@dataclass(frozen=True)
class Wanted:
    """What a person asks for; `year` is None until there are years to choose from."""

    settings: TrendSettings
    score: str
    rules: Rules
    year: int | None
    wish: Wish


@dataclass(frozen=True)
class Found:
    """What came of it: the years there are, and the hindcast of one of them."""

    wanted: Wanted
    offers: list[Offer]
    done: Hindcast | None


def found(store: Store, wanted: Wanted, held: Found | None = None) -> Found:
    """Work it out. Slow for large inventories: call it in a thread.

    Args:
        store: The dataset.
        wanted: What is asked for.
        held: The last answer: its years are taken over where they are the same.
    """
    least = SCORES[wanted.score].least if wanted.score in SCORES else SCORES["evidence"].least
    same = held is not None and replace(held.wanted, year=None, wish=wanted.wish) == replace(wanted, year=None)
    years = held.offers if same and held is not None else offers(store, wanted.settings, least, wanted.rules)
    chosen = next((offer for offer in years if offer.year == wanted.year), None) or best(years)
    if chosen is None:
        return Found(wanted, years, None)
    until = np.datetime64(f"{chosen.year}-12-31", "D")
    done = hindcast(store, wanted.settings, until, _score(store, wanted), wanted.rules)
    return Found(replace(wanted, year=chosen.year), years, done)


def _score(store: Store, wanted: Wanted) -> Callable[[Known], Values]:
    if wanted.score in SCORES:
        return SCORES[wanted.score].score
    return watch_score(wanted.wish, columns_of(store, dict(wanted.wish.columns)))


def year_choices(years: list[Offer]) -> dict[str, str]:
    """`2020: 1,207 lakes, 5 burst later`, for the years in which a lake has dates enough; the newest first."""
    return {str(each.year): f"{each.year}: {lakes(each.lakes)}, {each.later:,} burst later" for each in reversed(years) if each.lakes}
