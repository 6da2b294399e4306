"""More columns for the lakes of a dataset, from any table that names them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from data.cache import read_table, write_table
from data.commit import transaction
from data.errors import InputError
from data.geo_tables import geo_table
from data.meta import read_meta
from data.schema import TABLES

MISSING = {"", "NA", "N/A", "NaN", "nan", "null", "NULL"}
"""What stands for no value in a column of numbers that was read as text."""
SHOWN = 10
LAKES = "lakes.parquet"


@dataclass(frozen=True)
class Joined:
    """What a join did.

    Args:
        columns: The columns added or replaced.
        matched: Lakes that got a row.
        lakes: Lakes in all.
        unmatched_rows: Rows whose key no lake has.
        nameless_rows: Rows without a key.
        shared: Keys that several lakes have; each of those lakes got the values.
    """

    columns: list[str]
    matched: int
    lakes: int
    unmatched_rows: int
    nameless_rows: int
    shared: int


def join_columns(
    folder: Path, frame: pd.DataFrame, on: str, key: str, *, file: str, columns: Sequence[str] | None = None, replace: bool = False
) -> Joined:
    """Add columns to `lakes.parquet`, atomically; lakes without a row get nulls.

    Args:
        folder: The dataset.
        frame: The rows to join; columns of text that hold only numbers become numbers.
        on: The column of `lakes` that names a lake.
        key: The column of the frame that does.
        file: The frame's file, for messages.
        columns: What to add, None for every column but the key.
        replace: Whether a column added earlier may be replaced.

    Raises:
        DatasetError: The folder is no dataset, or another process is writing into it.
        InputError: A column is missing or taken, no lake matches, or a lake's key stands in several rows that differ.
    """
    read_meta(folder)
    wanted = _wanted(frame, key, file, columns)
    with transaction(folder) as staged:
        lakes = read_table(folder / LAKES)
        if on not in lakes.column_names:
            raise InputError(f"{folder / LAKES} has no column {on!r}", f"join on one of {', '.join(lakes.column_names)}")
        _refuse_taken(wanted, lakes.column_names, file, replace)
        lake_names, row_names = _names(lakes.column(on).to_pandas()), _names(_column(frame, key))
        row = _row_of_each_lake(lake_names, row_names, frame.loc[:, wanted], file, key)
        if not (row >= 0).any():
            raise InputError(
                f"{file}: no {key} is a {on} of the dataset (e.g. {_some(row_names)} against {_some(lake_names)})",
                "name the right columns with --on LAKES=FILE",
            )
        write_table(staged / LAKES, _with_columns(lakes, frame, wanted, row))
    nameless = int(row_names.isna().sum())
    unmatched = len(frame) - nameless - int(row_names.isin(lake_names.dropna()).sum())
    shared = [name for name, count in Counter(lake_names[row >= 0]).items() if count > 1]
    return Joined(wanted, int((row >= 0).sum()), len(row), unmatched, nameless, len(shared))


def _with_columns(lakes: pa.Table, frame: pd.DataFrame, wanted: list[str], row: NDArray[np.int64]) -> pa.Table:
    """The lakes with the frame's columns at the end, each lake taking its row, or null where that is -1."""
    taken = pa.array(row, mask=row < 0)
    kept = lakes.drop_columns([name for name in wanted if name in lakes.column_names])
    for name in wanted:
        kept = kept.append_column(name, _array(_column(frame, name)).take(taken))
    return geo_table(kept)


def _row_of_each_lake(lake_names: pd.Series, row_names: pd.Series, values: pd.DataFrame, file: str, key: str) -> NDArray[np.int64]:
    """(L,) the row of the file for each lake, -1 where there is none. Rows that repeat another exactly count once.

    Raises:
        InputError: Rows of one lake differ: which one holds is not ours to guess.
    """
    known = row_names.isin(lake_names.dropna()).to_numpy(dtype=bool)
    distinct = known & ~values.assign(**{key: row_names}).duplicated().to_numpy(dtype=bool)
    places = np.flatnonzero(distinct)
    several = {name: count for name, count in Counter(row_names[distinct]).items() if count > 1}
    if several:
        listed = ", ".join(f"{name} ({count} rows)" for name, count in list(several.items())[:SHOWN])
        more = f" and {len(several) - SHOWN:,} more" if len(several) > SHOWN else ""
        raise InputError(
            f"{file}: {len(several):,} {key} have several rows that differ: {listed}{more}",
            "make it one row a lake first (e.g. count them or take the newest), or choose columns that agree with --columns",
        )
    row_of = dict(zip(row_names[distinct], places, strict=True))
    return np.array([row_of.get(name, -1) for name in lake_names], dtype=np.int64)


def _column(frame: pd.DataFrame, name: str) -> pd.Series:
    return cast("pd.Series", frame[name])


def _wanted(frame: pd.DataFrame, key: str, file: str, columns: Sequence[str] | None) -> list[str]:
    lacking = [name for name in (key, *(columns or ())) if name not in frame.columns]
    if lacking:
        raise InputError(f"{file} has no column {', '.join(map(repr, lacking))}", f"name some of {', '.join(map(str, frame.columns))}")
    wanted = [str(name) for name in (columns or frame.columns) if name != key]
    if not wanted:
        raise InputError(f"{file} has no column but {key!r}", "give it the columns to add")
    twice = sorted({name for name in wanted if wanted.count(name) > 1})
    if twice:
        raise InputError(f"{file} names {', '.join(twice)} twice", "rename one of them")
    return wanted


def _refuse_taken(wanted: list[str], held: list[str], file: str, replace: bool) -> None:
    own = [name for name in wanted if name in TABLES["lakes"].columns]
    if own:
        raise InputError(
            f"{file}: {', '.join(own)} are columns of every dataset", "rename them in the file, or choose others with --columns"
        )
    taken = [name for name in wanted if name in held]
    if taken and not replace:
        raise InputError(
            f"{file}: the dataset has {', '.join(taken)} already", "add --replace, rename them, or choose others with --columns"
        )


def _names(values: pd.Series) -> pd.Series:
    """Keys as text, so that 7, 7.0 and "7" are one; null where there is none."""
    text = values.astype("string").str.strip().str.replace(r"^(\d+)\.0+$", r"\1", regex=True)
    return text.mask(text == "").reset_index(drop=True)


def _array(values: pd.Series) -> pa.Array:
    """A column as Arrow. Text that holds only numbers becomes numbers, unless it has codes such as 007."""
    if not (values.dtype == object or pd.api.types.is_string_dtype(values.dtype)):
        return pa.Array.from_pandas(values)
    cells = [None if pd.isna(cell) else str(cell).strip() for cell in values]
    told = [None if cell in MISSING else cell for cell in cells]
    some = [cell for cell in told if cell is not None]
    for kind, pattern in ((int, r"[+-]?(0|[1-9]\d{0,17})"), (float, r"[+-]?(0|[1-9]\d*)?(\.\d*)?([eE][+-]?\d+)?")):
        if some and all(re.fullmatch(pattern, cell) and any(c.isdigit() for c in cell) for cell in some):
            return pa.array([None if cell is None else kind(cell) for cell in told])
    return pa.array(cells, pa.string())


def _some(names: pd.Series) -> str:
    return ", ".join(names.dropna().iloc[:3]) or "nothing"
