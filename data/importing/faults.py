"""The rows of a layer that cannot be used, each with its first fault."""

from __future__ import annotations

import json
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.importing.frames import absent
from data.importing.options import Refusal, shown
from data.readers.layer import Layer

EXACT = 2**53
"""Below this every whole number is a float."""


class Faults:
    """Collects faults; of several in one row the first stands."""

    def __init__(self, layer: Layer) -> None:
        self.layer = layer
        self.found: dict[int, tuple[str, str]] = {}

    def add(self, bad: NDArray[np.bool_], column: str, reason: str | list[str]) -> None:
        """Note a fault of rows.

        Args:
            bad: (N,) which rows have it.
            column: The column at fault.
            reason: What was found; for all of them, or one for each bad row.
        """
        for n, row in enumerate(np.flatnonzero(bad)):
            self.found.setdefault(int(row), (column, reason if isinstance(reason, str) else reason[n]))

    @property
    def good(self) -> NDArray[np.bool_]:
        """(N,) the rows without a fault."""
        good = np.ones(len(self.layer.frame), dtype=bool)
        good[list(self.found)] = False
        return good

    def refusals(self) -> list[Refusal]:
        """The faulty rows, in the order of the file, as `refused.csv` holds them."""
        numbers = self.layer.row_numbers
        return [
            Refusal(shown(self.layer.file), int(numbers[row]), column, reason, row_json(self.layer.frame.iloc[row]))
            for row, (column, reason) in sorted(self.found.items())
        ]


def row_json(row: pd.Series) -> str:
    """The cells of a row that are not empty, as JSON."""
    return json.dumps({str(name): text(value) for name, value in row.items() if not absent(value)}, ensure_ascii=False)


def text(value: Any) -> str:
    """A cell as text that does not depend on the format it was read from: 2000, 2000.0 and "2000" are one; empty is ""."""
    if absent(value):
        return ""
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if isinstance(value, int | float | np.number):
        # Ids may have more digits than a measured number has.
        return str(int(value)) if float(value).is_integer() and abs(value) < EXACT else f"{float(value):.12g}"
    return str(value).strip()


def numeric(values: pd.Series) -> NDArray[np.float64]:
    """(N,) cells as floats, NaN where they are none; a decimal comma is understood in a column without a decimal point."""
    if not pd.api.types.is_numeric_dtype(values):
        texts = [text(value) for value in values]
        if any("," in t for t in texts) and not any("." in t for t in texts):
            texts = [t.replace(",", ".") for t in texts]
        values = pd.Series(texts, dtype=object)
    found = cast(pd.Series, pd.to_numeric(values, errors="coerce")).to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(found), found, np.nan)
