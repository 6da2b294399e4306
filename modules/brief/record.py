"""`Brief`: what the file is made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from data.store import Store
from data.watchlist.given import Given
from data.watchlist.rank import Ranking
from data.watchlist.wish import Wish


@dataclass(frozen=True)
class Brief:
    """Everything that a brief shows.

    Args:
        store: The dataset.
        given: What the list was ranked from.
        ranking: The order.
        wish: Weights.
        codes: (L,) class codes.
        lakes: L rows of `measures.lake_rows`.
        reviewed: (L,) what reviews say of each lake, empty for nothing.
        use, alpha: What classes are held against.
        day: Today.
    """

    store: Store
    given: Given
    ranking: Ranking
    wish: Wish
    codes: np.ndarray
    lakes: pd.DataFrame
    reviewed: np.ndarray
    use: str
    alpha: float
    day: date
