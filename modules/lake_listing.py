"""Which lakes the lake table lists, in which order, and which of them are on the page."""

from __future__ import annotations

import numpy as np
from shiny import Inputs, reactive

from data.bounded import Bounded
from data.records import TrendTable
from data.store import Store
from modules.controls import text_of
from modules.measures import rank
from modules.once import once_a_table
from modules.reviewing.columns import COLUMN, review_column
from modules.selection import Selection
from modules.table_page import EVIDENCE, TableColumn, ordered, table_columns

SIZES = ("25", "50", "100")
OWN = {COLUMN, "class", "triage", "flags"}
"""Columns that do not say the same to each visit, or not yet."""
MANY = 100_000
"""Lakes from which on they are put in order in the background: texts take half a second a million."""
ORDERS = 8
"""Orders kept of a table, 4 MB a million lakes each."""

BRUSHED_MOST = 100_000
"""Lakes that are brushed one by one: each is named to every view, and packed into the link with every click."""
TOO_MANY = f"More than {BRUSHED_MOST:,} lakes are too many to brush one by one: filter them first, or draw round them in volcano or map."


def brush_some(selection: Selection, lake_keys: np.ndarray) -> None:
    """Brush lakes one by one, or say why not."""
    if len(lake_keys) <= BRUSHED_MOST:
        selection.brush_lakes(tuple(lake_keys.tolist()))
        return
    with reactive.isolate():
        selection.notices.set((*(said for said in selection.notices() if said != TOO_MANY), TOO_MANY))


@once_a_table
def orders(table: TrendTable) -> Bounded[np.ndarray]:
    """Column and direction → row numbers in that order."""
    return Bounded[np.ndarray](ORDERS, lambda _: 1)


class Listing:
    """Which lakes are listed, in which order, and which of them are on the page.

    Args:
        input: The inputs of the module.
        store: The dataset.
        selection: What is shown, brushed and classed.
    """

    def __init__(self, input: Inputs, store: Store, selection: Selection) -> None:
        self._input, self._store, self._selection = input, store, selection
        self.sort: reactive.Value[tuple[str, bool]] = reactive.Value((EVIDENCE, False))
        self.at = reactive.Value(0)
        self.columns = reactive.calc(self._columns)
        self.order = reactive.calc(self._order)
        self.rows = reactive.calc(self._rows)

    def _columns(self) -> dict[str, TableColumn]:
        self._selection.triage()  # once it is there, its column changes
        reviews = self._selection.reviews
        more = {COLUMN: review_column(reviews.verdicts(), reviews.bad_counts())}
        return more | table_columns(self._store, self._selection.fitted(), self._selection.kinds(), self._selection.flags())

    def _order(self) -> np.ndarray:
        return self.order_by(*self.sort(), self.columns(), self._selection.fitted())

    def order_by(self, name: str, descending: bool, columns: dict[str, TableColumn], table: TrendTable) -> np.ndarray:
        """Row numbers of all lakes; kept for every visit where the column says the same to each."""

        def made() -> np.ndarray:
            return ordered(columns[name].sort(), rank(table), descending=descending)

        return made() if name in OWN else orders(table).made((name, descending), made)

    def _rows(self) -> np.ndarray:
        """Row numbers of every lake listed, in order."""
        wanted = self._selection.shown()
        words = text_of(self._input.words()).strip()
        if words:
            wanted = wanted & self._store.names.containing(words)
        if self._input.only_brushed():
            wanted = wanted & self._selection.brushed()
        return self.order()[wanted[self.order()]]

    def size(self) -> int:
        """Rows a page."""
        return int(self._input.size()) if self._input.size() in SIZES else int(SIZES[0])

    def last(self) -> int:
        """The last page, counted from 0."""
        return max(len(self.rows()) - 1, 0) // self.size()

    def page(self) -> int:
        """The page on screen: one beyond the end is the last one."""
        return min(self.at(), self.last())

    def page_rows(self) -> np.ndarray:
        """Row numbers on the page."""
        first = self.page() * self.size()
        return self.rows()[first : first + self.size()]

    def go_to(self, lake_key: int | None) -> None:
        """Turn to the page of a lake, if it is listed."""
        row = self._store.row_of(lake_key) if lake_key is not None else None
        places = np.flatnonzero(self.rows() == row) if row is not None else []
        if len(places):
            self.at.set(int(places[0]) // self.size())
