"""`SessionSeries`: what this session measured and added to series. Never written into the dataset, never part of a link."""

from __future__ import annotations

from collections.abc import Callable

from shiny import reactive

from data.records import TrendTable
from data.store import Store
from modules.choices import Display
from modules.session_points import Refit, SessionPoint, refitted


class SessionSeries:
    """The points that were added, and what follows from them for the lake in focus.

    Args:
        store: The dataset.
        focus: The focus lake.
        fitted: The trend table on screen.
        display: What classes are held against.
    """

    def __init__(
        self, store: Store, focus: Callable[[], int | None], fitted: Callable[[], TrendTable], display: Callable[[], Display]
    ) -> None:
        self._store, self._focus, self._fitted, self._display = store, focus, fitted, display
        self.added: reactive.Value[tuple[SessionPoint, ...]] = reactive.Value((), name="added")
        self.here = reactive.calc(self._here)
        self.refit = reactive.calc(self._refit)

    def add(self, point: SessionPoint) -> None:
        """Add an area to a lake's series; it takes the place of one of the same day."""
        with reactive.isolate():
            rest = tuple(other for other in self.added() if (other.lake_key, other.day) != (point.lake_key, point.day))
            self.added.set((*rest, point))

    def take_back(self, lake_key: int) -> None:
        """Take back everything that was added to a lake's series."""
        with reactive.isolate():
            self.added.set(tuple(point for point in self.added() if point.lake_key != lake_key))

    def of(self, lake_key: int | None) -> tuple[SessionPoint, ...]:
        """What was added to a lake's series, by date."""
        return tuple(sorted((point for point in self.added() if point.lake_key == lake_key), key=lambda point: point.day))

    def _here(self) -> tuple[SessionPoint, ...]:
        return self.of(self._focus())

    def _refit(self) -> Refit | None:
        """The focus lake's trend with what was added; None where nothing was. One lake: a few milliseconds."""
        points = self.here()
        return refitted(self._store, self._fitted(), points, self._display()) if points else None
