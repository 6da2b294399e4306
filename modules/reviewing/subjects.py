"""What of a lake can be reviewed, and what was said of it, in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pandas as pd

from data.records import Scene
from data.reviews.book import Reviews
from data.reviews.latest import in_order, latest
from data.reviews.record import TAKEN_BACK, Place, Review, new_key
from data.scene_table import LABEL
from data.store import Store
from modules.observations import with_scenes

SHOWN = 100
"""Reviews listed at most, the newest first."""


@dataclass(frozen=True)
class Subject:
    """One mask or outline of a lake.

    Args:
        day: The day that the dataset uses for it.
        source: Whose.
        scene_key: Its image, None where there is none.
    """

    day: date
    source: str
    scene_key: int | None = None

    @property
    def token(self) -> str:
        """Names it in a menu."""
        return f"{self.day:%Y-%m-%d}~{self.source}"

    @property
    def words(self) -> str:
        return f"{self.day:%Y-%m-%d} · {self.source}"


@dataclass(frozen=True)
class Said:
    """What a person says.

    Args:
        verdict, note, who, signed_in: As `data.reviews.record.Review` has them.
    """

    verdict: str
    note: str
    who: str
    signed_in: bool


def made(store: Store, place: Place, subject: Subject | None, said: Said) -> Review:
    """The review that a press means, with a key of its own; without a subject it is of the lake."""
    day, source = (subject.day, subject.source) if subject else (None, "")
    return Review(
        new_key(), store.meta.name, store.digest, place, day, source, said.verdict, said.note, said.who, said.signed_in, datetime.now(UTC)
    )


def subjects(store: Store, lake_key: int, scenes: Sequence[Scene]) -> list[Subject]:
    """Every observation of a lake, and every mask of its images that measured no area, the newest first."""
    rows = with_scenes(store, store.areas(lake_key))
    days = rows["date"].dt.date.tolist()
    keys = [None if pd.isna(key) else int(key) for key in rows["scene_key"]]
    found = {(day, source): key for day, source, key in zip(days, rows["source"].tolist(), keys, strict=True)}
    measured = {(key, source) for (_, source), key in found.items()}
    for scene in scenes:
        for source in scene.masks:
            if source != LABEL and scene.date is not None and (scene.scene_key, source) not in measured:
                found.setdefault((scene.date, source), scene.scene_key)
    return [Subject(day, source, found[day, source]) for day, source in sorted(found, key=lambda each: (each[0], each[1]), reverse=True)]


def shown_subject(among: Sequence[Subject], scene: Scene | None, sources: Sequence[str]) -> Subject | None:
    """The one on screen: of the scene in focus, by the first of these sources that has one; without a scene, the newest by the first.

    Args:
        among: Of the lake, the newest first.
        scene: In focus.
        sources: The one under test first, then those whose masks are drawn.
    """
    here = [each for each in among if scene is None or each.scene_key == scene.scene_key]
    return next((each for source in sources for each in here if each.source == source), next(iter(here), None))


def who_words(review: Review) -> str:
    """`Ada`, or `Ada (unverified)` where somebody typed it."""
    return review.who if review.signed_in else f"{review.who} (unverified)"


def review_words(review: Review) -> str:
    """What was said, of what, by whom and when."""
    what = f"Mask of {review.date:%Y-%m-%d} by {review.source}" if review.date else "Lake"
    return f"{what}: {review.verdict} · {who_words(review)}, {review.at:%Y-%m-%d %H:%M} UTC"


def reviewed(now: Reviews, lake_key: int | None, source: str) -> dict[date, tuple[str, str]]:
    """What counts of a lake's observations by a source: day → verdict, and `reviewed bad, says Ada (unverified)`."""
    said = latest(now.of(lake_key)).items()
    return {
        day: (held.verdict, f"reviewed {held.verdict}, says {who_words(held)}")
        for (_, day, of), held in said
        if day is not None and of == source and held.verdict != TAKEN_BACK
    }


def history(reviews: Sequence[Review], counting: Sequence[Review]) -> list[tuple[Review, bool]]:
    """The reviews of a lake, the newest first, at most SHOWN; and whether each counts now."""
    keys = {review.key for review in counting}
    return [(review, review.key in keys) for review in reversed(in_order(reviews))][:SHOWN]


def verdict_words(review: Review | None) -> str:
    """What counts now, of one mask or lake."""
    if review is None or review.verdict == TAKEN_BACK:
        return "not reviewed"
    return f"{review.verdict}, says {who_words(review)}" + (f": {review.note}" if review.note else "")
