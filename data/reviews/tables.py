"""The one table of the log, the same in SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import DDL, BigInteger, Boolean, Column, Date, Float, Index, Integer, MetaData, String, Table, event

from data.reviews.record import Place, Review

METADATA = MetaData()
REVIEWS = Table(
    "moraine_reviews",
    METADATA,
    Column("seq", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
    Column("key", String(32), nullable=False, unique=True),
    Column("dataset", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("lake_key", Integer, nullable=False),
    Column("lake_id", String, nullable=False),
    Column("lon", Float),
    Column("lat", Float),
    Column("date", Date),
    Column("source", String, nullable=False),
    Column("verdict", String, nullable=False),
    Column("note", String, nullable=False),
    Column("who", String, nullable=False),
    Column("signed_in", Boolean, nullable=False),
    Column("at", String, nullable=False),
    Index("moraine_reviews_of", "dataset", "seq"),
    sqlite_autoincrement=True,
)
"""`at` is ISO 8601 in UTC, which both databases keep to the microsecond and give back as it was."""

for what in ("UPDATE", "DELETE"):
    _refusal = (
        f"CREATE TRIGGER IF NOT EXISTS moraine_reviews_no_{what.lower()} BEFORE {what} ON moraine_reviews "
        "BEGIN SELECT RAISE(ABORT, 'the log of reviews is only ever added to'); END"
    )
    event.listen(REVIEWS, "after_create", DDL(_refusal).execute_if(dialect="sqlite"))


def row_of(review: Review) -> dict[str, Any]:
    """A review as a row, without its place in the log."""
    place = review.place
    return {
        "key": review.key, "dataset": review.dataset, "digest": review.digest, "lake_key": place.lake_key, "lake_id": place.lake_id,
        "lon": place.lon, "lat": place.lat, "date": review.date, "source": review.source, "verdict": review.verdict,
        "note": review.note, "who": review.who, "signed_in": review.signed_in, "at": review.at.astimezone(UTC).isoformat(),
    }  # fmt: skip


def review_of(row: dict[str, Any]) -> Review:
    """Invert `row_of`."""
    day: date | None = row["date"]
    return Review(
        row["key"], row["dataset"], row["digest"], Place(row["lake_key"], row["lake_id"], row["lon"], row["lat"]), day, row["source"],
        row["verdict"], row["note"], row["who"], bool(row["signed_in"]), datetime.fromisoformat(row["at"]), int(row["seq"]),
    )  # fmt: skip
