"""`Book`: the reviews of one dataset in memory, kept true to the log without anybody waiting for a database."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property

from data.reviews.latest import Observation, bad_observations, lake_verdicts
from data.reviews.log import ReviewLog
from data.reviews.placing import Lakes, placed
from data.reviews.record import Review, checked


class Reviews:
    """The reviews of a dataset at one moment. Never changed.

    Args:
        reviews: With the keys of the dataset, in the order of the log.
        lost: Those whose lake the dataset does not have.
        version: Names the moment: it grows with every review.
    """

    def __init__(self, reviews: tuple[Review, ...] = (), lost: tuple[Review, ...] = (), version: int = 0) -> None:
        self.reviews, self.lost, self.version = reviews, lost, version

    @cached_property
    def lakes(self) -> dict[int, str]:
        """lake_key → what is said of the lake now."""
        return lake_verdicts(self.reviews)

    @cached_property
    def bad(self) -> frozenset[Observation]:
        """The observations that are called bad now."""
        return bad_observations(self.reviews)

    @cached_property
    def _by_lake(self) -> dict[int, list[Review]]:
        held: dict[int, list[Review]] = {}
        for review in self.reviews:
            held.setdefault(review.place.lake_key, []).append(review)
        return held

    def of(self, lake_key: int | None) -> list[Review]:
        """All that was ever said of a lake and its masks, in the order of the log."""
        return self._by_lake.get(lake_key, []) if lake_key is not None else []


class Book:
    """Shared by all sessions that look at a dataset. Reading `now` never waits; `refresh` and `append` do, for the database.

    Args:
        log: The log; None: what is written stays in this book.
        dataset: `DatasetMeta.name`.
        lakes: The dataset's.
    """

    def __init__(self, log: ReviewLog | None, dataset: str, lakes: Lakes) -> None:
        self.dataset, self.lakes = dataset, lakes
        self.now = Reviews()
        self._log = log
        self._lock = threading.Lock()

    def refresh(self) -> Reviews:
        """Take in what was written since, by whomever.

        Raises:
            ReviewError: The store cannot be read; what is known stays.
        """
        if self._log is not None:
            self._take(self._log.since(self.dataset, self.now.version))
        return self.now

    def append(self, review: Review) -> Reviews:
        """Write a review; it is on the disk when this returns.

        Raises:
            InputError: See `ReviewLog.append`.
            ReviewError: The store cannot be written.
        """
        return self.extend([review])

    def extend(self, reviews: Iterable[Review]) -> Reviews:
        """Write all of these or none.

        Raises:
            InputError, ReviewError: See `append`.
        """
        if self._log is None:
            self._keep(list(reviews))
            return self.now
        self._log.extend(reviews)
        return self.refresh()

    def _keep(self, reviews: list[Review]) -> None:
        known = {held.key for held in (*self.now.reviews, *self.now.lost)}
        fresh = [checked(review) for review in reviews if review.key not in known]
        self._take([replace(review, seq=self.now.version + place) for place, review in enumerate(fresh, 1)])

    def _take(self, fresh: list[Review]) -> None:
        with self._lock:
            fresh = [review for review in fresh if review.seq > self.now.version]  # else another thread was quicker
            if fresh:
                more = placed(fresh, self.lakes)
                self.now = Reviews((*self.now.reviews, *more.reviews), (*self.now.lost, *more.lost), fresh[-1].seq)
