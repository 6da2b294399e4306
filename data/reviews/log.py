"""`ReviewLog`: the append-only log in a database, shared by any number of writers in any number of processes.

A review that `append` returned is on the disk. One that was sent twice under one key is stored once. PostgreSQL hands out sequence
numbers before it commits, so that a reader could pass one over; writers therefore go one after another, under an advisory lock.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from data.errors import InputError, MoraineError
from data.reviews.connecting import WRITING, engine_of, shown_url, trouble_of
from data.reviews.record import Review, checked
from data.reviews.tables import METADATA, REVIEWS, review_of, row_of

LOCK = 0x6D6F7261
"""The advisory lock of writers."""
TRIES = 4
MOST = 200_000
"""Reviews of one dataset: more cannot be people's, and would not fit into memory everywhere."""
logger = logging.getLogger(__name__)
Given = TypeVar("Given")


class ReviewError(MoraineError):
    """The store of reviews cannot be read or written. A review that it was raised for may be written again, under the same key."""


class ReviewLog:
    """One database of reviews, of any number of datasets. Safe to share between threads.

    Args:
        url: See `data.reviews.connecting.engine_of`.

    Raises:
        InputError: The URL is none.
    """

    def __init__(self, url: str) -> None:
        self._engine = engine_of(url)
        self._shown, self._named = shown_url(url), shown_url(url, whole=False)
        self._ready = False
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    def append(self, review: Review) -> Review:
        """Write a review, and return it as it stands in the log.

        Raises:
            InputError: A field cannot be what it says, its key is another review's, or the log is full.
            ReviewError: The store cannot be written.
        """
        return self.extend([review])[0]

    def extend(self, reviews: Iterable[Review]) -> list[Review]:
        """Write all of these or none, in their order; those that the log has already are left as they are."""
        clean = [checked(review) for review in reviews]
        return self._safely("written", lambda: self._write(clean)) if clean else []

    def since(self, dataset: str, seq: int = 0) -> list[Review]:
        """The reviews of a dataset behind a place in the log, in order.

        Raises:
            ReviewError: The store cannot be read.
        """
        wanted = sa.select(REVIEWS).where(REVIEWS.c.dataset == dataset, REVIEWS.c.seq > seq).order_by(REVIEWS.c.seq).limit(MOST)

        def read() -> list[Review]:
            with self._engine.connect() as connection:
                return [review_of(dict(row)) for row in connection.execute(wanted).mappings()]

        return self._safely("read", read)

    def _write(self, reviews: list[Review]) -> list[Review]:
        with self._engine.connect().execution_options(**{WRITING: True}) as connection, connection.begin():
            self._one_by_one(connection)
            for dataset in {review.dataset for review in reviews}:
                self._refuse_full(connection, dataset)
            dialect = postgresql if self._engine.dialect.name == "postgresql" else sqlite
            connection.execute(
                dialect.insert(REVIEWS).on_conflict_do_nothing(index_elements=["key"]), [row_of(review) for review in reviews]
            )
            held = _by_key(connection, [review.key for review in reviews])
            stored = [held[review.key] for review in reviews]
            for review, there in zip(reviews, stored, strict=True):
                if review.says != there.says:
                    raise InputError(f"the key {review.key} is that of another review", "give this one a key of its own")
        return stored

    def _one_by_one(self, connection: sa.Connection) -> None:
        if self._engine.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})

    def _refuse_full(self, connection: sa.Connection, dataset: str) -> None:
        newest = sa.select(sa.func.count()).select_from(REVIEWS).where(REVIEWS.c.dataset == dataset)
        if connection.execute(newest).scalar_one() >= MOST:
            raise InputError(f"the log holds {MOST:,} reviews of {dataset!r}", "keep it as a file, and begin a new one")

    def _make_table(self) -> None:
        with self._lock:
            if self._ready:
                return
            with self._engine.connect().execution_options(**{WRITING: True}) as connection, connection.begin():
                if not sa.inspect(connection).has_table(REVIEWS.name):
                    self._one_by_one(connection)
                    METADATA.create_all(connection)
            self._ready = True

    def _safely(self, what: str, work: Callable[[], Given]) -> Given:
        """Try again where another is in the way or the connection broke; say no more of an error than its kind: texts may hold secrets."""
        for attempt in range(TRIES):
            try:
                self._make_table()
                return work()
            except DBAPIError as error:
                if attempt == TRIES - 1 or not (isinstance(error, OperationalError) or error.connection_invalidated):
                    raise self._unusable(what, error) from None
                time.sleep(0.1 * 2**attempt)
            except SQLAlchemyError as error:
                raise self._unusable(what, error) from None
        raise AssertionError

    def _unusable(self, what: str, error: Exception) -> ReviewError:
        kind, remedy = trouble_of(error)
        logger.warning("the reviews cannot be %s: %s, %s", what, self._shown, kind)
        return ReviewError(f"the reviews cannot be {what} ({self._named}: {kind})", remedy)


def _by_key(connection: sa.Connection, keys: list[str]) -> dict[str, Review]:
    held: dict[str, Review] = {}
    for first in range(0, len(keys), 500):  # SQLite takes some thousand parameters at once
        wanted = sa.select(REVIEWS).where(REVIEWS.c.key.in_(keys[first : first + 500]))
        held |= {row["key"]: review_of(dict(row)) for row in connection.execute(wanted).mappings()}
    return held
