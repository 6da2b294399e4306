"""Reviews in the lake table: a column: a column. Pure."""

from __future__ import annotations

import numpy as np

from modules.numerals import NONE
from modules.table_page import TableColumn

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
        texts = [cell(verdict, count) for verdict, count in zip(verdicts.tolist(), bad.tolist(), strict=True)]
        return np.array([None if text == NONE else text for text in texts], dtype=object)

    return TableColumn("Review", order, lambda row: cell(verdicts[row], int(bad[row])), number=False)
