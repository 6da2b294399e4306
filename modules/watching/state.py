"""`Watching`: the ranking of this session, kept true to its trends and weights."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import numpy as np
from shiny import reactive, req

from data.records import TrendTable
from data.store import Store
from data.watchlist.component import Values
from data.watchlist.given import Given
from data.watchlist.opened import given_by
from data.watchlist.rank import Ranking, ranked, raw_components
from modules.finishing import made_by
from modules.selection import Selection

PAGE = "watchlist"


@dataclass(frozen=True)
class Worked:
    """The components of all lakes under some trends.

    Args:
        given: What they were worked out from.
        raw: Component → (L,) values.
        columns: What the person had mapped.
    """

    given: Given
    raw: dict[str, Values]
    columns: tuple[tuple[str, str], ...]


def worked(store: Store, table: TrendTable, columns: tuple[tuple[str, str], ...]) -> Worked:
    """Slow for large inventories: call it in a thread."""
    given = given_by(store, table, dict(columns))
    return Worked(given, raw_components(given), columns)


class Watching:
    """Nothing is worked out before the page is opened.

    Args:
        store: The dataset.
        selection: Trends, wish and focus.
    """

    def __init__(self, store: Store, selection: Selection) -> None:
        self.store, self.selection = store, selection
        self.held: reactive.Value[Worked | None] = reactive.Value(None, name="held")
        self.ranking = reactive.calc(self._ranking)
        self.listed = reactive.calc(self._listed)
        _keep_worked(self)

    def worked(self) -> Worked:
        """The components; before there are some, views that ask for them wait."""
        held = self.held()
        req(held is not None)
        assert held is not None
        return held

    def _ranking(self) -> Ranking:
        held = self.worked()
        return ranked(held.given.lake_keys, held.raw, self.selection.watching())

    def _listed(self) -> tuple[int, ...]:
        """Keys of the lakes on the list, the first first."""
        return tuple(self.store.lake_keys[self.ranking().listed].tolist())

    def step(self, by: int) -> None:
        """Focus the next (or previous) lake of the list; it stops at both ends."""
        with reactive.isolate():
            keys, focus = np.array(self.listed()), self.selection.focus()
        found = np.flatnonzero(keys == focus)
        at = int(np.clip(int(found[0]) + by, 0, len(keys) - 1)) if len(found) else 0
        if len(keys):
            self.selection.set_focus(int(keys[at]))


def _keep_worked(watching: Watching) -> None:
    selection = watching.selection

    @reactive.extended_task
    async def work(table: TrendTable, columns: tuple[tuple[str, str], ...]) -> Worked:
        return await asyncio.to_thread(worked, watching.store, table, columns)

    @reactive.calc
    def columns() -> tuple[tuple[str, str], ...]:
        return selection.watching().columns

    @reactive.effect
    def start() -> None:
        req(selection.page() == PAGE)
        table = selection.fitted()
        with reactive.isolate():
            done = watching.held()
        if done is None or done.given.table is not table or columns() != done.columns:
            work.cancel()
            work.invoke(table, columns())

    @reactive.effect
    def finish() -> None:
        done = made_by(work, selection.notices, "The lakes could not be ranked")
        with reactive.isolate():
            if done is not None and done.given.table is selection.table():
                watching.held.set(done)
