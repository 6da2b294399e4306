"""What the browser is told of single lakes, where it does not hold the columns of all of them. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from data.records import TrendTable
from data.store import Store
from modules.columns import lake_columns, trend_columns

Facts = dict[str, dict[str, list[object]]]
"""`lakes`, and `other` where lines lead to another source: name of a column of `modules.columns` → values, None for NaN; with `row`."""
OTHER = ("slope", "t", "p", "q", "n")
"""What is told of the source to which lines lead; ranks are of the source under test."""


@dataclass(frozen=True)
class Knowing:
    """Knows every lake of a plot.

    Args:
        store: The dataset.
        table: The trends.
        ranks: (L,) of `modules.measures.rank`.
        other: The trends to which lines lead, None for none.
    """

    store: Store
    table: TrendTable
    ranks: np.ndarray
    other: TrendTable | None = None

    def of(self, rows: Sequence[int]) -> Facts:
        """What there is to say of these lakes."""
        at = np.array(rows, dtype=np.intp)
        named = {"row": at, **lake_columns(self.store, at)}
        facts = {"lakes": named | trend_columns(self.store, self.table, at, self.ranks)}
        if self.other is not None:
            told = trend_columns(self.store, self.other, at, self.ranks)
            facts["other"] = {"row": at} | {name: told[name] for name in OTHER}
        return {name: {column: _plain(values) for column, values in columns.items()} for name, columns in facts.items()}


def _plain(values: np.ndarray | list[str]) -> list[object]:
    """As JSON can hold them, which knows no NaN."""
    return [None if isinstance(value, float) and not math.isfinite(value) else value for value in np.asarray(values).tolist()]
