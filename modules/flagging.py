"""Keeps the flags on screen true to the trend table on screen: from a cache at once, else found in the background."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pandas as pd
from shiny import reactive

from data.records import TrendSettings
from modules.choices import Region
from modules.finishing import made_by

if TYPE_CHECKING:
    from modules.selection import Selection


def keep_flagged(selection: Selection) -> None:
    """Look for flags whenever the table on screen is another; until they are there, `selection.flags` is None."""
    store = selection.store

    @reactive.extended_task
    async def find(settings: TrendSettings, then: TrendSettings) -> tuple[TrendSettings, pd.DataFrame]:
        await asyncio.to_thread(store.flags, then)
        return settings, await asyncio.to_thread(store.flags, settings)

    @reactive.effect
    def start() -> None:
        table, brush = selection.table(), selection.brush()
        if table is None:
            return
        # A region names its lakes by the flags of the moment it was drawn: they are found here too, so that no calc ever looks.
        then = brush.settings if isinstance(brush, Region) and brush.filters.by_flags else table.settings
        held = store.flags_held(table.settings) if store.flags_held(then) is not None else None
        find.cancel()
        selection.flags.set(held)
        if held is None:
            find.invoke(table.settings, then)

    @reactive.effect
    def finish() -> None:
        found = made_by(find, selection.notices, "Flags could not be worked out")
        with reactive.isolate():
            table = selection.table()
            if found is not None and table is not None and table.settings == found[0]:
                selection.flags.set(found[1])
