"""`SessionReviews`: what this session knows of reviews and writes; and the observations that its fits leave out."""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from shiny import reactive
from shiny.session import get_current_session

from data.errors import InputError, MoraineError
from data.reviews.book import Reviews
from data.reviews.latest import digest_of, latest
from data.reviews.record import TAKEN_BACK, Review
from data.store import Store
from modules.choices import BAD_MASKS, NOT_REVIEWED, Filters
from modules.reviewing.desk import OFF, Desk

if TYPE_CHECKING:
    from modules.selection import Selection

LOOK = 1.0
"""Seconds between two looks at the book, which is in memory."""
NONE, SAVING = "none", "Saving …"


class SessionReviews:
    """Reactive values of one visit.

    Args:
        store: The dataset.
        desk: What the visit may do.
        linked: What the link says is left out: the digest of a set, NONE for the empty one; empty: nothing is to be left out.
    """

    def __init__(self, store: Store, desk: Desk, linked: str = "") -> None:
        self.desk, self._store = desk, store
        self.now: reactive.Value[Reviews] = reactive.Value(desk.now(), name="reviews_now")
        self.trouble: reactive.Value[str] = reactive.Value("", name="trouble")
        self.said: reactive.Value[str] = reactive.Value("", name="said")
        # How many were written: with each the note begins anew.
        self.saved: reactive.Value[int] = reactive.Value(0, name="saved")
        self.saved_note = ""
        self.unsaved: reactive.Value[tuple[Review, ...]] = reactive.Value((), name="unsaved")
        self.leave_out: reactive.Value[bool] = reactive.Value(bool(linked) and desk.mode != OFF, name="leave_out")
        self.verdicts = reactive.calc(self._verdicts)
        self.bad_counts = reactive.calc(self._bad_counts)
        self._keep_true()
        self._write = self._writer()

    def link(self) -> str:
        """What a link is to say of what is left out."""
        return (digest_of(self.now().bad) or NONE) if self.leave_out() else ""

    def write(self, review: Review) -> None:
        """Write a review in the background; `said` tells what came of it, and what failed stays in `unsaved`."""
        with reactive.isolate():
            self.unsaved.set((*(held for held in self.unsaved() if held.key != review.key), review))
        self.said.set(SAVING)
        self._write(review)

    def try_again(self) -> None:
        """Write once more what is not saved, under the same keys."""
        with reactive.isolate():
            waiting = self.unsaved()
        for review in waiting:
            self.write(review)

    def among(self, mask: np.ndarray, filters: Filters | None) -> np.ndarray:
        """(L,) booleans: those of these lakes that pass the filter by reviews."""
        return mask & self.passing(filters.reviews) if filters and filters.reviews else mask

    def passing(self, lakes: tuple[str, ...]) -> np.ndarray:
        """(L,) booleans: the lakes of which one of these is said; BAD_MASKS and NOT_REVIEWED may be among them."""
        now, rows = self.now().lakes, self._store.row_of
        said = {row: verdict for key, verdict in now.items() if (row := rows(key)) is not None and verdict}
        held = np.full(len(self._store.lake_keys), NOT_REVIEWED in lakes)
        for row, verdict in said.items():
            held[row] = verdict in lakes
        return held | (self.bad_counts() > 0) if BAD_MASKS in lakes else held

    def _verdicts(self) -> np.ndarray:
        """(L,) texts: what is said of each lake now, empty for nothing; in the row order of the lakes."""
        verdicts = np.full(len(self._store.lake_keys), "", dtype=object)
        for key, verdict in self.now().lakes.items():
            row = self._store.row_of(key)
            if row is not None:
                verdicts[row] = verdict
        return verdicts

    def _bad_counts(self) -> np.ndarray:
        """(L,) ints: how many masks of each lake are called bad."""
        counts = np.zeros(len(self._store.lake_keys), dtype=np.int64)
        for key, _, _ in self.now().bad:
            row = self._store.row_of(key)
            if row is not None:
                counts[row] += 1
        return counts

    def _keep_true(self) -> None:
        """Take what others write. Not with `reactive.poll`: each look would be a flush, and each flush a frame to every visit."""
        session = get_current_session()
        if self.desk.kept is None or session is None:
            return

        async def watch() -> None:
            while True:
                await asyncio.sleep(LOOK)
                version, trouble = self.desk.glance()
                with reactive.isolate():
                    same = (version, trouble) == (self.now().version, self.trouble())
                if not same:
                    async with reactive.lock():
                        self.now.set(self.desk.now())
                        self.trouble.set(trouble)
                        await reactive.flush()

        self.desk.glance()
        watching = asyncio.create_task(watch())
        session.on_ended(lambda: watching.cancel() and None)

    def _writer(self) -> reactive.ExtendedTask:
        done: deque[tuple[Review, Reviews | MoraineError]] = deque()
        count = itertools.count()

        @reactive.extended_task
        async def write(review: Review) -> int:
            # Several may be on their way, and a task has one result: each says for itself what came of it.
            try:
                done.append((review, await asyncio.to_thread(self.desk.write, review)))
            except MoraineError as error:
                done.append((review, error))
            return next(count)

        @reactive.effect
        def _finish() -> None:
            write.result()
            with reactive.isolate():
                while done:
                    self._settle(*done.popleft())

        return write

    def _settle(self, review: Review, came: Reviews | MoraineError) -> None:
        if isinstance(came, Reviews | InputError):
            self.unsaved.set(tuple(held for held in self.unsaved() if held.key != review.key))
        if isinstance(came, Reviews):
            self.saved_note = review.note
            self.saved.set(self.saved() + 1)
            self.now.set(max(came, self.now(), key=lambda each: each.version))
            what = f"the mask of {review.date:%Y-%m-%d} by {review.source}" if review.date else "the lake"
            self.said.set(f"Saved: {what} {'is no longer reviewed' if review.verdict == TAKEN_BACK else f'is {review.verdict!r}'}.")
        else:
            self.said.set(f"Not saved: {came.what}. {came.remedy[:1].upper()}{came.remedy[1:]}.")


def counting(reviews: Reviews, lake_key: int | None) -> dict[tuple[object, str], Review]:
    """(day, source) → the review of a mask of this lake that counts now; (None, empty) → that of the lake."""
    said = latest(reviews.of(lake_key)).items()
    return {(day, source): held for (_, day, source), held in said if held.verdict != TAKEN_BACK}


def keep_left_out(selection: Selection) -> None:
    """Keep `settings.without` true to the reviews: whenever one arrives that changes the set, the trends are fitted anew."""

    @reactive.effect(priority=5)
    def _follow() -> None:
        reviews = selection.reviews
        wanted = selection.store.left_out.name(reviews.now().bad) if reviews.leave_out() else ""
        settings = selection.settings()
        if settings.without != wanted:
            selection.settings.set(replace(settings, without=wanted))
