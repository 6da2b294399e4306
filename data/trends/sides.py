"""How many lakes change side between two trend tables of one dataset: other dates, another method, another source."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.errors import TrendError
from data.records import TrendTable
from data.trends.classes import CLASS_WORDS, GROWING, NOT_SIGNIFICANT, NOT_TESTED, SHRINKING, classes


@dataclass(frozen=True)
class Sides:
    """Lakes by what two tables say of them.

    Args:
        counts: (4, 4) ints: lakes by class code of the first table (row) and of the second (column).
    """

    counts: np.ndarray

    @property
    def changed(self) -> int:
        """Lakes whose class differs."""
        return int(self.counts.sum() - np.trace(self.counts))

    def words(self) -> str:
        """`52 growing, 1 shrinking; 9 of 1,391 lakes change side: 6 growing → not significant, 3 not significant → growing`."""
        found = self.counts.sum(axis=0)
        said = f"{found[GROWING]:,} growing, {found[SHRINKING]:,} shrinking; {self.changed:,} of {self.counts.sum():,} lakes change side"
        moves = [
            (int(self.counts[first, second]), f"{CLASS_WORDS[first]} → {CLASS_WORDS[second]}")
            for first in (GROWING, SHRINKING, NOT_SIGNIFICANT, NOT_TESTED)
            for second in range(len(CLASS_WORDS))
            if first != second and self.counts[first, second]
        ]
        return said + (": " + ", ".join(f"{count:,} {move}" for count, move in moves) if moves else "")


def sides(before: TrendTable, after: TrendTable, use: str = "q", alpha: float = 0.05, effect: float = 0.0) -> Sides:
    """Hold two tables of the same lakes against each other, each corrected over its own family.

    Args:
        before, after: Trend tables.
        use, alpha, effect: See `data.trends.classes.classes`.

    Raises:
        TrendError: They are not of the same lakes, or a cut-off is out of range.
    """
    if not np.array_equal(before.frame["lake_key"].to_numpy(), after.frame["lake_key"].to_numpy()):
        raise TrendError("the two trend tables are of different lakes", "fit both on one dataset")
    codes = [classes(table, use, alpha, effect).astype(np.int64) for table in (before, after)]
    counts = np.zeros((len(CLASS_WORDS), len(CLASS_WORDS)), dtype=np.int64)
    np.add.at(counts, (codes[0], codes[1]), 1)
    return Sides(counts)
