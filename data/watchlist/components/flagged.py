"""What the flags beside trends say: a lake that lost water for good, or whose growth speeds up."""

from __future__ import annotations

import numpy as np
import pandas as pd

from data.flags.acceleration import LEAST_N
from data.flags.drops import AFTER, BEFORE
from data.watchlist.component import Component, Values
from data.watchlist.given import Given


def _flagged(given: Given, kind: str, least: int) -> Values:
    """(L,) the largest value that a flag of this kind has for each lake, 0 where it has none; NaN where too few dates could show one."""
    mine = given.flags.loc[(given.flags["kind"] == kind).to_numpy(dtype=bool)]
    value = mine.groupby("lake_key")["value"].max().reindex(given.lake_keys, fill_value=0.0).to_numpy(dtype=np.float64)
    dates = pd.concat([used.groupby("lake_key").size() for used in given.used_blocks]).reindex(given.lake_keys, fill_value=0).to_numpy()
    return np.where((dates >= least) | (value != 0), value, np.nan)


COMPONENTS = (
    Component(
        "drained", "Drained", "share",
        "The share of its area that the lake lost between two dates and did not win back: it may have burst, and may fill again. 1 where "
        "a drainage is flagged, else 0.",
        lambda given: _flagged(given, "drainage", BEFORE + AFTER), needs=f"{BEFORE + AFTER} dates", met=lambda raw: np.asarray(raw > 0),
        threshold="any drainage",
    ),
    Component(
        "speeding_up", "Growth speeds up", "%/yr per decade",
        "How much faster the lake grows from decade to decade, where a quadratic term passes its test over all lakes. 1 where growth "
        "speeds up, else 0.",
        lambda given: _flagged(given, "acceleration", LEAST_N), needs=f"{LEAST_N} dates", met=lambda raw: np.asarray(raw > 0),
        threshold="flagged, above 0",
    ),
)  # fmt: skip
