"""What a trend method is: a fit over rectangles, its name, and words for the person who picks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from data.records import SeriesBatch, TrendSettings, TrendTable
from data.trends.fit import Fit, Shared
from data.trends.pooling import Pooling, fit_in_blocks
from data.trends.table import trend_table

if TYPE_CHECKING:
    import pandas as pd


GROUPS = ("By scatter", "By mapping errors", "Robust against bad observations")
"""Kinds of method, as a menu has them: by what a slope's uncertainty is judged, and whether a bad observation can sway it."""


@dataclass(frozen=True)
class Method:
    """One trend method; a file in this folder exports it as `METHOD`.

    Args:
        name: Its token in settings, caches, URLs and exports: letters, digits and hyphens.
        title: A few words for a menu.
        version: Raise it whenever the numbers change: cached tables of older versions then miss.
        help: What it does and what to beware of, for the person who picks it.
        fit: Maps a batch and the response (`log` or `area`) to a `Fit`.
        given: The same with what another fit of more lakes found for all of them (`Fit.shared`); None where every lake stands alone.
        group: One of GROUPS.
        pooling: How it learns what `given` is given; None where every lake stands alone.
    """

    name: str
    title: str
    version: int
    help: str
    fit: Callable[[SeriesBatch, str], Fit]
    given: Callable[[SeriesBatch, str, Shared], Fit] | None = None
    group: str = GROUPS[0]
    pooling: Pooling | None = None

    def table(self, area_rows: pd.DataFrame, lakes: pd.DataFrame, settings: TrendSettings, shared: Shared | None = None) -> TrendTable:
        """The trend table of a whole dataset (see `data.trends.table.trend_table`), or of a few of its lakes.

        Args:
            area_rows, lakes, settings: See there.
            shared: Of the whole dataset's table, for a few lakes: what they share with all others is not estimated from them alone.
        """
        given = self.given
        if shared and given is not None:
            return trend_table(self.name, lambda batch, response: given(batch, response, shared), area_rows, lakes, settings)
        fit = partial(fit_in_blocks, self.fit, given, self.pooling)
        return trend_table(self.name, fit, area_rows, lakes, settings)
