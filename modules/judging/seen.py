"""`SeenScores`: the scores of a visit's dataset, and those of them that its Predictions page shows. The views of that page share it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from shiny import reactive, req

from data.at_once import images_at_once
from data.commit import current
from data.store import Store
from modules.controls import TAKE_FIRST
from modules.judging.frame import Judged, judged
from modules.judging.inspection import Inspection, Seen, seen
from modules.judging.triples import Sight
from modules.selection import Selection

PAGE = "predictions"


class SeenScores:
    """Read in the background once the page is turned to, and looked at again each time.

    `metric` and `pair` are those of the selection's inspection; `pair` is None where there are not two sources.

    Args:
        store: The dataset.
        selection: Which page, and what is looked at.
        given: Scores that have been read already.
    """

    def __init__(self, store: Store, selection: Selection, given: Judged | None = None) -> None:
        self._store, self._selection = store, selection
        self.judged: reactive.Value[Judged | None] = reactive.Value(given, name="judged")
        with reactive.isolate():
            opening = selection.inspection()
        # Each by itself: another metric or order must not have intervals worked out anew.
        self._wanted: reactive.Value[Inspection] = reactive.Value(_scores_of(opening), name="wanted")
        self.metric: reactive.Value[str] = reactive.Value(opening.metric, name="metric")
        self.wished_pair: reactive.Value[tuple[str, str]] = reactive.Value(opening.pair, name="wished_pair")
        self.pair = reactive.calc(lambda: self.seen().pair(self.wished_pair()))
        self._keep_apart()
        self.seen = reactive.calc(self._seen)
        self.sight = reactive.calc(self._sight)
        if given is None and has_scores(store):
            self._keep_read()

    def _seen(self) -> Seen:
        held = self.judged()
        req(held is not None)
        assert held is not None
        return seen(held, self._wanted())

    def _sight(self) -> Sight:
        return Sight(self._selection.look().bands, self.seen().scope)

    def _keep_apart(self) -> None:
        @reactive.effect(priority=TAKE_FIRST - 1)
        def _part() -> None:
            inspection = self._selection.inspection()
            self._wanted.set(_scores_of(inspection))
            self.metric.set(inspection.metric)
            self.wished_pair.set(inspection.pair)

    def _keep_read(self) -> None:
        @reactive.extended_task
        async def read() -> Judged:
            return await asyncio.to_thread(judged, self._store)

        @reactive.effect
        def _start() -> None:
            if self._selection.page() == PAGE:
                read.invoke()

        @reactive.effect
        def _finish() -> None:
            self.judged.set(read.result())


def _scores_of(inspection: Inspection) -> Inspection:
    """Only what decides which scores are looked at."""
    default = Inspection()
    return replace(inspection, metric=default.metric, sort=default.sort, worst_of=default.worst_of, pair=default.pair)


def has_scores(store: Store) -> bool:
    """Whether `evaluate` has run, over no more images than the app looks at as a whole."""
    return current(store.path, "scores.parquet").exists() and images_at_once(len(store.scenes))
