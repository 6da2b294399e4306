"""Keeps flags and triage true to the trend table on screen: from a cache at once, else worked out in the background.

Of more lakes than `data.at_once.MOST` they are never worked out here: what a cache holds is shown, and filters by the rest let all pass."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
from shiny import reactive

from data.at_once import at_once
from data.records import TrendSettings
from data.store import Store
from modules.choices import Filters, Region
from modules.finishing import made_by

if TYPE_CHECKING:
    from modules.selection import Selection


@dataclass(frozen=True)
class Beside:
    """What is said of all lakes beside their trends.

    Args:
        made: The table of it under some settings, worked out unless a cache holds it.
        held: The same if a cache holds it, else None.
        named_by: Whether filters choose lakes by it.
        failed: What did not come about where it cannot be worked out.
    """

    made: Callable[[Store, TrendSettings], pd.DataFrame]
    held: Callable[[Store, TrendSettings], pd.DataFrame | None]
    named_by: Callable[[Filters], bool]
    failed: str


FLAGS = Beside(
    made=lambda store, settings: store.flags(settings),
    held=lambda store, settings: store.flags_held(settings),
    named_by=lambda filters: filters.by_flags,
    failed="Flags could not be worked out",
)
TRIAGE = Beside(
    made=lambda store, settings: store.triage(settings),
    held=lambda store, settings: store.triage.held(settings),
    named_by=lambda filters: bool(filters.triage),
    failed="Lakes could not be triaged",
)


def keep_flagged(selection: Selection) -> None:
    """Look for flags whenever the table on screen is another; until they are there, `selection.flags` is None."""
    _keep(selection, selection.flags, FLAGS)


def keep_triaged(selection: Selection) -> None:
    """Work triage out whenever another table comes to the screen; None until it is done. Nothing waits for it."""
    _keep(selection, selection.triage, TRIAGE)


def _keep(selection: Selection, shown: reactive.Value[pd.DataFrame | None], kind: Beside) -> None:
    store = selection.store

    @reactive.extended_task
    async def work(settings: TrendSettings, then: TrendSettings) -> tuple[TrendSettings, pd.DataFrame]:
        await asyncio.to_thread(kind.made, store, then)
        return settings, await asyncio.to_thread(kind.made, store, settings)

    @reactive.effect
    def start() -> None:
        table = selection.table()
        if table is None:
            return
        with reactive.isolate():
            brush = selection.brush()
        # A region names its lakes by what was said when it was drawn: that is worked out here too, so that no calc ever does.
        then = brush.settings if isinstance(brush, Region) and kind.named_by(brush.filters) else table.settings
        held = kind.held(store, table.settings) if kind.held(store, then) is not None else None
        work.cancel()
        shown.set(held)
        if held is None and at_once(len(store.lake_keys)):
            work.invoke(table.settings, then)

    @reactive.effect
    def finish() -> None:
        found = made_by(work, selection.notices, kind.failed)
        with reactive.isolate():
            table = selection.table()
            if found is not None and table is not None and table.settings == found[0]:
                shown.set(found[1])
