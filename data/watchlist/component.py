"""`Component`: one thing that can speak for watching a lake, in its own unit, and how it is scaled to 0–1."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.watchlist.given import Given

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Component:
    """Each file of `data.watchlist.components` exports some as `COMPONENTS`.

    Args:
        name: In links and files; never renamed.
        title: For people.
        unit: Of the raw values; `area_unit` where the response is raw area, if it is another one.
        help: What it is, how it is worked out, and from whom.
        raw: (L,) values, NaN where a lake has none; None where the dataset lacks what it takes.
        needs: What it takes, in words: said where it is lacking.
        speaks: Which values speak for watching: `more`, `less`, or `size` (far from 0 either way).
        met: For a published threshold: (L,) whether it is met; None: the lake's rank among all lakes that have a value.
        threshold: That threshold in words.
        weight: That its authors give it; 0 for none.
        group: Heading it stands under.
        reads: How raw values are written: as a `figure`, `signed`, `whole`, or as `yes` and no.
    """

    name: str
    title: str
    unit: str
    help: str
    raw: Callable[[Given], Values | None]
    needs: str = "a trend"
    speaks: str = "more"
    met: Callable[[Values], NDArray[np.bool_]] | None = None
    threshold: str = ""
    weight: float = 0.0
    group: str = "What the series say"
    area_unit: str = ""
    reads: str = "figure"

    def unit_for(self, response: str) -> str:
        """The unit under this response of the trend."""
        return self.area_unit if response == "area" and self.area_unit else self.unit

    def scaled(self, raw: Values) -> Values:
        """(L,) 0 to 1; NaN stays NaN, and counts for nothing in the scale of the others.

        A rank r of n lakes becomes (r - 1)/(n - 1), equal lakes sharing the mean of their ranks: 0 for the least, 1 for the most,
        whatever the distribution. One lake alone, or lakes all equal, get 0.5. A threshold gives 1 where it is met, else 0.
        """
        out = np.full(len(raw), np.nan)
        known = np.isfinite(raw)
        if self.met is not None:
            out[known] = self.met(raw[known])
            return out
        values = {"more": raw, "less": -raw, "size": np.abs(raw)}[self.speaks][known]
        if len(values):
            rank = pd.Series(values).rank(method="average").to_numpy()
            out[known] = (rank - 1.0) / (len(values) - 1.0) if len(values) > 1 else 0.5
        return out
