"""Tables as JSON: one list a column, exact both ways; what comes from a file is checked, value by value, before it is believed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from data.errors import InputError

LONGEST = 500
"""Characters of a text."""
REMEDY = "save the watch-list again: this file was changed by hand, or cut short"


@dataclass(frozen=True)
class Kept:
    """A column.

    Args:
        kind: `int` (0 to 2^31 - 1), `float` (finite), `text`, `date` or `bool`.
        null: Whether values may be missing.
    """

    kind: str
    null: bool = False


def encoded(frame: pd.DataFrame, columns: Mapping[str, Kept]) -> dict[str, list[Any]]:
    """The columns as lists: dates as ISO texts, what is missing as None."""
    return {name: _encoded(pd.Series(frame[name]), kept.kind) for name, kept in columns.items()}


def _encoded(values: pd.Series, kind: str) -> list[Any]:
    missing = values.isna().to_numpy(dtype=bool)
    if kind == "date":
        plain = values.dt.strftime("%Y-%m-%d").tolist()
    elif kind == "float":
        array = values.to_numpy(dtype=np.float64, na_value=np.nan)
        missing, plain = ~np.isfinite(array), array.tolist()
    else:
        make: Callable[[Any], Any] = {"int": int, "bool": bool, "text": lambda text: str(text)[:LONGEST]}[kind]
        plain = [None if gone else make(value) for value, gone in zip(values.tolist(), missing.tolist(), strict=True)]
    return [None if gone else value for value, gone in zip(plain, missing.tolist(), strict=True)]


def decoded(sent: object, columns: Mapping[str, Kept], what: str, most: int) -> pd.DataFrame:
    """Invert `encoded`; columns of other names are passed over.

    Args:
        sent: What stood in the file.
        columns: Those that must be there.
        what: Names the table in errors.
        most: Rows that it may have.

    Raises:
        InputError: A column is missing, of another length, or holds a value that it must not; column and row are named.
    """
    if not isinstance(sent, dict):
        raise InputError(f"{what} is not a table", REMEDY)
    lists: dict[str, list[Any]] = {}
    for name in columns:
        values = sent.get(name)
        if not isinstance(values, list):
            raise InputError(f"{what} has no column {name!r}", REMEDY)
        lists[name] = values
    lengths = {len(values) for values in lists.values()}
    if len(lengths) > 1:
        raise InputError(f"the columns of {what} have different lengths", REMEDY)
    if lengths and max(lengths) > most:
        raise InputError(f"{what} has {max(lengths):,} rows, more than {most:,}", "name a watch-list that this page saved")
    return pd.DataFrame({name: _decoded(lists[name], kept, f"{what}, {name}") for name, kept in columns.items()})


def _decoded(values: list[Any], kept: Kept, where: str) -> pd.Series:
    good = GOOD[kept.kind]
    for row, value in enumerate(values):
        if not (good(value) if value is not None else kept.null):
            raise InputError(f"{where}, row {row}: {str(value)[:40]!r} is no {kept.kind}", REMEDY)
    if kept.kind == "date":
        return pd.Series(np.array([np.datetime64("NaT") if value is None else value for value in values], dtype="datetime64[ms]"))
    dtype = {"int": "int32", "float": "float64", "bool": "bool", "text": "object"}[kept.kind]
    return pd.Series([math.nan if value is None and kept.kind == "float" else value for value in values], dtype=dtype)


def _is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and len(value) == 10 and date.fromisoformat(value).year > 1800
    except ValueError:
        return False


GOOD: dict[str, Callable[[Any], bool]] = {
    "int": lambda value: isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31,
    "float": lambda value: isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15,
    "text": lambda value: isinstance(value, str) and len(value) <= LONGEST,
    "date": _is_date,
    "bool": lambda value: isinstance(value, bool),
}
"""Kind → whether a value of JSON is one. Numbers are bounded: a whole one of JSON may be larger than any float."""
