"""Keeps the trend tables on screen true to the settings: from a cache at once, else fitted in the background."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from shiny import reactive, req

from data.records import TrendSettings, TrendTable
from modules import fits
from modules.choices import Region
from modules.finishing import made_by
from modules.fits import PACED

if TYPE_CHECKING:
    from data.store import Store
    from modules.selection import Selection


FOLLOWED_S = 2.0
"""Between two looks at how far a fit is."""
STEPS = 10
"""In which it is told: a screen reader says each."""
NOT_KEPT = "trend tables and images are kept in memory only and are made again after a restart"


def unkept(store: Store, *, nowhere: bool = False, images: str = "") -> list[str]:
    """The notice that what is made is not kept, if it should be.

    Args:
        store: Whose trends.
        nowhere: The app has no state folder.
        images: Why images are not kept; empty where they are.
    """
    if nowhere:
        return [f"Nothing can be written to the state folder, so {NOT_KEPT}."]
    why = store.unkept or images
    if not why:
        return []
    return [f"Nothing can be written to the state folder ({why}), so {NOT_KEPT}. Whoever serves this page finds more in the log."]


def done_words(share: float | None) -> str:
    """What follows the words for a fit: how much of it is done, 0 to 1; nothing where that is not known."""
    return "" if share is None else f": {share:.0%} done"


def settled(selection: Selection) -> TrendTable:
    """The trend table for what is taken away: the one on screen, unless another is being fitted, for which whoever asks then waits."""
    req(selection.fitting() is None)
    return selection.fitted()


def keep_fitted(selection: Selection) -> None:
    """Fit in the background whenever the settings change; what a cache holds is shown at once."""
    store, pace = selection.store, fits.shared().pace()

    @reactive.extended_task
    async def fit(settings: TrendSettings, then: TrendSettings, wait: int) -> TrendTable:
        while wait:  # whoever changes settings meanwhile cancels this
            await asyncio.sleep(wait)
            wait = pace.ask()
        # The brush may have been drawn under other settings: they are fitted here too, so that no calc ever fits.
        await fits.shared().table(store, then)
        return await fits.shared().table(store, settings)

    @reactive.effect
    def start() -> None:
        settings = selection.settings()
        with reactive.isolate():
            brush = selection.brush()
            shown = selection.table()
        then = brush.settings if isinstance(brush, Region) else settings
        held = store.trends_held(settings) if store.trends_held(then) is not None else None
        if held is not None:
            selection.fitting.set(None)
            selection.table.set(held)
        elif shown is None or shown.settings != settings:
            selection.fitting.set(settings)
            fit.cancel()
            wait = pace.ask()
            if wait:
                _say(selection, [PACED])
            fit.invoke(settings, then, wait)
        else:  # back to what is on screen, which no cache need hold
            fit.cancel()
            selection.fitting.set(None)

    @reactive.effect
    def finish() -> None:
        table = made_by(fit, selection.notices, "These settings could not be fitted")
        if table is None:  # the old one stays on screen
            selection.fitting.set(None)
            return
        with reactive.isolate():
            if table.settings == selection.settings():
                selection.fitting.set(None)
                selection.table.set(table)
        _say(selection, unkept(store))

    _follow(selection)


def _follow(selection: Selection) -> None:
    """Know how much of a fit is done for as long as it lasts."""

    @reactive.effect
    def look() -> None:
        settings = selection.fitting()
        share = None if settings is None else fits.shared().share(selection.store, settings)
        selection.fitted_share.set(None if share is None else min(int(share * STEPS), STEPS - 1) / STEPS)
        if settings is not None and selection.store.parted:  # else it is fitted in one piece
            reactive.invalidate_later(FOLLOWED_S)


def _say(selection: Selection, notices: list[str]) -> None:
    """Add what is not said yet."""
    with reactive.isolate():
        fresh = [words for words in notices if words not in selection.notices()]
        if fresh:
            selection.notices.set((*selection.notices(), *fresh))


def keep_compared(selection: Selection) -> None:
    """Fit the source that is compared with as the table on screen is fitted: a family of its own, at the dataset's own threshold."""
    store = selection.store

    @reactive.extended_task
    async def fit(settings: TrendSettings) -> TrendTable:
        return await fits.shared().table(store, settings)

    @reactive.calc
    def wanted() -> TrendSettings | None:
        table, compare = selection.table(), selection.display().compare
        if table is None or not compare or compare == table.settings.source:
            return None
        return replace(table.settings, source=compare, threshold=None)

    @reactive.effect
    def start() -> None:
        settings = wanted()
        fit.cancel()
        held = None if settings is None else store.trends_held(settings)
        selection.compared.set(held)
        if settings is not None and held is None:
            fit.invoke(settings)

    @reactive.effect
    def finish() -> None:
        table = made_by(fit, selection.notices, "The source to compare with could not be fitted")
        with reactive.isolate():
            if table is not None and table.settings == wanted():
                selection.compared.set(table)
