"""Columns of a frame with the types that they have: pandas' own annotations leave them open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def column(frame: pd.DataFrame, name: str) -> pd.Series:
    """One column."""
    return cast(pd.Series, frame[name])


def objects(frame: pd.DataFrame, name: str) -> NDArray[np.object_]:
    """(N,) a column as Python objects, None where it is empty: pandas turns the None of a text column into NaN."""
    values = column(frame, name).to_numpy(dtype=object, copy=True)
    values[pd.isna(values)] = None
    return values


def numbers(frame: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """(N,) a column as floats, NaN where it is empty."""
    return column(frame, name).to_numpy(dtype=np.float64, na_value=np.nan)


def truths(frame: pd.DataFrame, name: str) -> NDArray[np.bool_]:
    """(N,) a column as truth values."""
    return column(frame, name).to_numpy(dtype=bool)


def chosen(frame: pd.DataFrame, rows: NDArray[np.bool_]) -> pd.DataFrame:
    """The rows for which `rows` is true, index kept."""
    return cast(pd.DataFrame, frame[rows])


def absent(value: Any) -> bool:
    """Whether a cell is empty: None, NaN or NaT."""
    return value is None or value is pd.NaT or (isinstance(value, float | np.floating) and bool(np.isnan(value)))


def grouped(frame: pd.DataFrame, *names: str) -> Iterator[tuple[tuple[Any, ...], NDArray[np.intp]]]:
    """The positions of the rows that are equal in some columns, in the order of those values."""
    places: dict[tuple[Any, ...], list[int]] = {}
    for place, key in enumerate(zip(*(objects(frame, name) for name in names), strict=True)):
        places.setdefault(key, []).append(place)
    for key in sorted(places):
        yield key, np.array(places[key], dtype=np.intp)
