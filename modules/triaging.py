"""Keeps the triage true to the table on screen: from a cache at once, else worked out in the background."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from shiny import reactive

from data.records import TrendSettings
from modules.choices import Region
from modules.finishing import made_by

if TYPE_CHECKING:
    from modules.selection import Selection


def keep_triaged(selection: Selection) -> None:
    """Work triage out whenever another table comes to the screen; None until it is done. Nothing waits for it."""
    store = selection.store

    @reactive.extended_task
    async def work(settings: TrendSettings, then: TrendSettings) -> TrendSettings:
        # A brush may have been drawn under other settings, and with a filter by what triage said then.
        await asyncio.to_thread(store.triage, then)
        await asyncio.to_thread(store.triage, settings)
        return settings

    @reactive.effect
    def start() -> None:
        table = selection.table()
        if table is None:
            return
        with reactive.isolate():
            brush = selection.brush()
        then = brush.settings if isinstance(brush, Region) and brush.filters.triage else table.settings
        held = store.triage.held(table.settings) if store.triage.held(then) is not None else None
        selection.triage.set(held)
        work.cancel()
        if held is None:
            work.invoke(table.settings, then)

    @reactive.effect
    def finish() -> None:
        settings = made_by(work, selection.notices, "Lakes could not be triaged")
        with reactive.isolate():
            table = selection.table()
            if table is not None and table.settings == settings:
                selection.triage.set(store.triage.held(settings))
