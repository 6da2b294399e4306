"""The threshold tried on the lake in focus, before every lake is scored at it: which settings follow, and what its trend is then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from shiny import reactive

from data.records import TrendSettings, TrendTable
from data.store import Store
from data.trends.classes import NOT_TESTED, classes
from data.why.by_threshold import threshold_table
from modules.choices import Display
from modules.measures import interval, measure

if TYPE_CHECKING:
    from modules.selection import Selection


class Trial:
    """The threshold of the lake in focus. The volcano, the map and the table are of the table on screen and never follow it.

    Args:
        selection: What it belongs to.
        threshold: What the session opens with; None: that of every lake.
    """

    def __init__(self, selection: Selection, threshold: float | None) -> None:
        self._selection = selection
        self._store = selection.store
        self.threshold: reactive.Value[float | None] = reactive.Value(threshold, name="threshold")
        # Where the slider is while it moves, None at rest: what is costly to draw waits until then.
        self.moving: reactive.Value[float | None] = reactive.Value(None, name="moving")
        self.rest = reactive.calc(self._rest)
        self.live = reactive.calc(self._live)
        self.table = reactive.calc(self._table)

    def set(self, threshold: float | None, *, moving: bool = False) -> None:
        """Score the lake in focus at a threshold, every other as it was; None: as every lake. What the source does not have is ignored."""
        with reactive.isolate():
            settings, held = self._selection.settings(), self.threshold()
        known = None if threshold is None else threshold_of(threshold, self._store, settings.source)
        if threshold is not None and known is None:
            return
        if moving:
            self.moving.set(known)
            return
        rested = None if known == self._store.threshold(settings.source, settings.threshold) else known
        self.moving.set(None)
        if rested != held:
            self.threshold.set(rested)

    def take(self) -> None:
        """Score every lake at the threshold tried on the one in focus."""
        with reactive.isolate():
            settings = tried_settings(self._store, self._selection.settings(), self.threshold())
        self._selection.settings.set(settings)
        self.set(None)

    def on(self, table: TrendTable) -> TrendSettings:
        """The settings at rest for the series of single lakes beside a table, whose settings may not be fitted yet."""
        return self._on(table, self.threshold())

    def _on(self, table: TrendTable, threshold: float | None) -> TrendSettings:
        settings = self._selection.settings()
        if table.settings.source != settings.source:
            return table.settings
        wanted = settings.threshold if threshold is None else threshold
        return tried_settings(self._store, table.settings, self._store.threshold(settings.source, wanted))

    def _rest(self) -> TrendSettings:
        """The settings at rest for the lake in focus."""
        return tried_settings(self._store, self._selection.settings(), self.threshold())

    def _live(self) -> TrendSettings:
        """The same while the slider moves."""
        return tried_settings(self._store, self.rest(), self.moving())

    def _table(self) -> TrendTable | None:
        """The table that holds the trend of the lake in focus as it is shown now: the one of all lakes, or one of it alone (6 ms)."""
        focus, table, moving = self._selection.focus(), self._selection.fitted(), self.moving()
        if focus is None:
            return None
        tried = self._on(table, self.threshold() if moving is None else moving)
        return table if tried == table.settings else self._store.lake_trends(focus, tried, table.shared)


def tried_settings(store: Store, settings: TrendSettings, threshold: float | None) -> TrendSettings:
    """The settings with another threshold; as they are where it is None or the source has no areas at it."""
    if threshold is None or threshold not in store.thresholds.get(settings.source, ()):
        return settings
    return store.at_threshold(settings, threshold)


def threshold_of(sent: object, store: Store, source: str) -> float | None:
    """The threshold that the browser sent, None where it is none that this source has areas at."""
    if not isinstance(sent, int | float) or isinstance(sent, bool):
        return None
    return next((each for each in store.thresholds.get(source, ()) if abs(each - sent) < 1e-6), None)


def row_in(table: TrendTable, lake_key: int) -> int:
    """The row of a lake that is in the table."""
    return int(np.flatnonzero(table.frame["lake_key"].to_numpy() == lake_key)[0])


def code_alone(alone: TrendTable, display: Display) -> int:
    """The class of a lake fitted alone. By q there is none: q comes from all lakes, fitted at one threshold."""
    return int(classes(alone, "p", display.alpha, display.effect)[0]) if display.use == "p" else NOT_TESTED


def slopes_by_threshold(store: Store, lake_key: int, settings: TrendSettings, shared: dict[str, list[float]] | None = None) -> np.ndarray:
    """(T, 3) slope and the ends of its 95 % interval, in the unit of the slope, at each threshold of the source; NaN without a trend.

    Args:
        store: The dataset.
        lake_key: The lake.
        settings: As ever; their threshold does not matter.
        shared: `TrendTable.shared` of all lakes.
    """
    table = threshold_table(store, lake_key, settings, shared)
    return np.column_stack([measure(table, "slope"), *interval(table)])
