"""What a review is: who says what of which mask or lake, and when."""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from data.errors import InputError

OF_MASK = ("good", "bad", "unsure")
"""What can be said of the mask (or outline) of one lake, date and source."""
OF_LAKE = ("verified", "false alarm", "needs imagery")
"""What can be said of a lake."""
TAKEN_BACK = "taken back"
"""Said of either: there is no verdict any more. What was said before stays in the history."""
VERDICTS = (*OF_MASK, *OF_LAKE, TAKEN_BACK)

NOTE_CHARACTERS, NAME_CHARACTERS = 2_000, 80
TEXT_CHARACTERS = 200
"""Of names that the dataset gives: its own, a lake's id, a source."""
KEY = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Place:
    """Which lake is meant, in more ways than one, so that a review finds it again after the dataset was imported anew.

    Args:
        lake_key: In the dataset as it was reviewed.
        lake_id: The label it had; empty where it had none.
        lon, lat: Degrees; None where unknown.
    """

    lake_key: int
    lake_id: str = ""
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True)
class Review:
    """One line of the log. Never changed: a later line on the same subject counts in its place.

    Args:
        key: 32 hexadecimal digits that name the act of writing: the same one written twice is stored once.
        dataset: `DatasetMeta.name`.
        digest: Of the dataset as it was reviewed.
        place: The lake.
        date: The day of the mask; None: the lake itself is meant.
        source: Whose mask; empty where the lake is meant.
        verdict: One of OF_MASK or OF_LAKE, or TAKEN_BACK.
        note: Free text.
        who: A name.
        signed_in: Whether the host says so; otherwise somebody typed it, and it is unverified.
        at: When, UTC with a time zone.
        seq: Place in the log, ascending; 0 before it is written.
    """

    key: str
    dataset: str
    digest: str
    place: Place
    date: date | None
    source: str
    verdict: str
    note: str
    who: str
    signed_in: bool
    at: datetime
    seq: int = 0

    @property
    def says(self) -> tuple[object, ...]:
        """All that a person said: two lines of one key that differ here are not one review sent twice."""
        return (self.dataset, self.place.lake_key, self.date, self.source, self.verdict, self.note, self.who, self.signed_in)


def new_key() -> str:
    """A key that nobody else has."""
    return secrets.token_hex(16)


def checked(review: Review) -> Review:
    """The same review with clean texts.

    Raises:
        InputError: A field cannot be what it says; it names the field and what to do.
    """
    if not KEY.fullmatch(review.key):
        raise InputError(f"a review's key {review.key[:40]!r} is not 32 hexadecimal digits", "leave the key to Moraine")
    if review.at.tzinfo is None:
        raise InputError(f"a review's time {review.at} has no time zone", "write it with one, e.g. 2026-11-26T09:00:00+00:00")
    if review.at > datetime.now(UTC) + timedelta(days=1):
        raise InputError(f"a review's time {review.at} lies in the future", "set the clock of the machine that wrote it")
    known = OF_MASK if review.date is not None else OF_LAKE
    if review.verdict not in (*known, TAKEN_BACK):
        raise InputError(f"the verdict {review.verdict[:40]!r} is unknown", f"say one of {', '.join(known)}")
    if (review.date is None) != (not review.source):
        raise InputError("a review of a mask names its date and its source, one of a lake neither", "give both or none")
    if not abs(review.place.lake_key) < 2**31:
        raise InputError(f"lake_key {review.place.lake_key} is out of range", "name a lake of the dataset")
    who = line("who", review.who, NAME_CHARACTERS)
    if not who:
        raise InputError("a review needs a name", "say who you are")
    place = Place(review.place.lake_key, line("lake_id", review.place.lake_id), review.place.lon, review.place.lat)
    return Review(
        review.key, line("dataset", review.dataset), line("digest", review.digest), place, review.date, line("source", review.source),
        review.verdict, text("note", review.note, NOTE_CHARACTERS), who, review.signed_in, review.at, review.seq,
    )  # fmt: skip


def text(field: str, said: str, most: int) -> str:
    """Several lines without control characters and without what turns the direction of writing round.

    Raises:
        InputError: It holds a NUL, or is longer than `most` characters.
    """
    if "\0" in said:
        raise InputError(f"{field} holds a NUL character", "write text")
    kept = "".join(each for each in said.replace("\r\n", "\n").replace("\r", "\n") if each == "\n" or not _hidden(each)).strip()
    if len(kept) > most:
        raise InputError(f"{field} has {len(kept):,} characters", f"write at most {most:,}")
    return kept


def line(field: str, said: str, most: int = TEXT_CHARACTERS) -> str:
    """The same as one line, every run of white space one blank."""
    return " ".join(text(field, " ".join(said.split()), most).split())


def _hidden(character: str) -> bool:
    # Cc: controls; Cf: invisible formats, among them the overrides that make text read backwards; Cs: lone halves of a pair,
    # which no database takes. The two joiners are letters' own business in Indic and Persian writing.
    return unicodedata.category(character) in {"Cc", "Cf", "Cs"} and character not in "\u200c\u200d"
