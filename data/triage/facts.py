"""What the rules of triage look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from data.triage.doubt import Found

if TYPE_CHECKING:
    from data.records import TrendTable


@dataclass(frozen=True)
class Facts:
    """Of L lakes.

    Args:
        table: Their trends.
        sure: (L,) q < .05.
        apparent: (L,) q < .05 by plain least squares, which takes no notice of dates that resemble their neighbours.
        mapping_log_p, mapping_log_q: (L,) log p and log q of the trend held against mapping errors alone; NaN where areas have none.
        drained: Row → words of its drainage flag.
        rows: (K,) rows of the lakes that were looked at for doubts.
        doubts: Doubt → what it found of those.
    """

    table: TrendTable
    sure: NDArray[np.bool_]
    apparent: NDArray[np.bool_]
    mapping_log_p: NDArray[np.float64]
    mapping_log_q: NDArray[np.float64]
    drained: dict[int, str]
    rows: NDArray[np.intp]
    doubts: dict[str, Found]

    def column(self, name: str) -> NDArray[np.float64]:
        """(L,) of the trend table."""
        return self.table.frame[name].to_numpy(dtype=float)

    def doubted(self) -> NDArray[np.bool_]:
        """(L,) whether there is a doubt."""
        found = np.zeros(len(self.sure), dtype=bool)
        for each in self.doubts.values():
            found[self.rows[list(each.words)]] = True
        return found
