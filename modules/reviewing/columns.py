"""Reviews in the lake table: a column: a column. Pure."""

from __future__ import annotations

import numpy as np
import pandas as pd

from modules.numerals import NONE
from modules.table_page import TableColumn, text_places

COLUMN = "review"


def cell(verdict: str, bad: int) -> str:
    """`verified · 2 bad`."""
    return " · ".join(part for part in (verdict, f"{bad} bad" if bad else "") if part) or NONE


def review_column(verdicts: np.ndarray, bad: np.ndarray) -> TableColumn:
    """What is said of each lake, and how many of its masks are called bad.

    Args:
        verdicts: (L,) texts, empty for nothing.
        bad: (L,) counts.
    """

    def order() -> np.ndarray:
        texts = np.full(len(verdicts), None, dtype=object)
        said = np.flatnonzero((verdicts != "") | (bad > 0))
        texts[said] = [cell(verdicts[row], int(bad[row])) for row in said.tolist()]
        return text_places(pd.Series(texts, dtype="str"))

    return TableColumn("Review", order, lambda row: cell(verdicts[row], int(bad[row])), number=False)
