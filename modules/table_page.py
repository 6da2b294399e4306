"""One page of the lake table: its columns, the order of its rows, and the texts of the rows on screen. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd
from pyarrow import compute

from data.at_once import at_once
from data.coded import coded, texts_of
from data.plain_text import cut
from data.records import TrendTable
from data.store import Store
from data.trends.quiet import KIND_WORDS
from modules.figures import CLASSES
from modules.flagged import severity, words_of_lakes
from modules.measures import by_rank, in_unit, measure, slope_unit
from modules.numerals import NONE, figure_text, fixed_text, probability_text, slope_text

pc = cast(Any, compute)
EVIDENCE = "p"
"""The column that the table opens sorted by: p ascending, ties by abs(t)."""

FURTHER = ("se", "t", "df", "p_ols", "q_ols", "r2", "n_eff", "r1", "resid_sd", "first_year", "last_year")
YEARS = ("first_year", "last_year")


@dataclass(frozen=True)
class TableColumn:
    """One column of the table.

    Args:
        title: Its header, with the unit.
        sort: Gives the (L,) numbers to sort by; missing ones (NaN) come last in both directions.
        text: The cell of a row.
        number: Whether it is set flush right.
        many: The cells of several rows at once, where that costs less than one by one.
    """

    title: str
    sort: Callable[[], np.ndarray]
    text: Callable[[int], str]
    number: bool = True
    many: Callable[[list[int]], list[str]] | None = None

    def texts(self, rows: list[int]) -> list[str]:
        """The cells of these rows."""
        return self.many(rows) if self.many else [self.text(row) for row in rows]


def table_columns(store: Store, table: TrendTable, kinds: np.ndarray, flags: pd.DataFrame | None = None) -> dict[str, TableColumn]:
    """Every column that the table can show, by name; row numbers are those of `store.lakes`.

    Args:
        store: The dataset.
        table: The trends.
        kinds: (L,) of `data.trends.quiet`.
        flags: As `Store.flags` gives them; None while they are being worked out.
    """
    lakes = store.lakes
    columns = {
        "lake": TableColumn("Lake", lambda: text_places(lakes["lake_id"]), store.labels.__getitem__, number=False),
        "basin": _texts("Basin", lakes["basin"], lakes["sub_basin"]),
        "dam_type": _texts("Type", lakes["dam_type"]),
        "elevation_m": _numbers("Elevation, m", lakes["elevation_m"], lambda value: fixed_text(value, 0)),
        "area_km2": _numbers(
            "Newest area, km²", store.newest_areas(table.settings.source, table.settings.threshold, table.settings.without)
        ),
        "slope": _slope(table),
        "detectable": _numbers(f"Detectable change, {slope_unit(table.settings.response)}", measure(table, "detectable")),
        "n": _numbers("n", table.frame["n"], lambda value: f"{value:.0f}"),
        "p": TableColumn("p", lambda: table.frame["log_p"].to_numpy(dtype=float), _probability(table, "p")),
        "q": TableColumn("q", lambda: table.frame["log_q"].to_numpy(dtype=float), _probability(table, "q")),
        "class": TableColumn("Class", lambda: kinds.astype(float), lambda row: KIND_WORDS[int(kinds[row])], number=False),
        "triage": _triage(store, table),
        "flags": _flags(store, flags),
        "status": _texts("Status", table.frame["status"]),
    }
    if store.floods.burst.any():
        columns["flood"] = _flood(store)
    for name in FURTHER:
        columns[name] = _further(table, name)
    for name in ("lon", "lat", *store.extra_columns):
        numeric = pd.api.types.is_numeric_dtype(lakes[name]) and not pd.api.types.is_bool_dtype(lakes[name])
        columns[f"lake.{name}"] = _numbers(name, lakes[name]) if numeric else _texts(name, lakes[name])
    return columns


def default_columns(store: Store) -> list[str]:
    """The columns that the table opens with: those that say something of at least one lake."""
    maybe = {"basin": "basin", "dam_type": "dam_type", "elevation_m": "elevation_m"}
    known = ["triage", "flags"] if at_once(len(store.lakes)) else []
    names = ["lake", *maybe, "area_km2", "slope", "detectable", "n", "p", "q", "class", *known, "status"]
    names += ["flood"] * bool(store.floods.burst.any())
    return [name for name in names if name not in maybe or store.lakes[maybe[name]].notna().any()]


def _flood(store: Store) -> TableColumn:
    """When a lake last burst, as far as records tell; sorted by the day that stands for it."""
    held = store.floods.last
    days, words = held["flood_date"].to_numpy(dtype="datetime64[D]"), held["flood_words"].tolist()
    order = np.where(np.isnat(days), np.nan, days.astype(np.int64))
    return TableColumn("Last flood", lambda: order, lambda row: words[row] or NONE, number=False)


def text_places(values: pd.Series) -> np.ndarray:
    """(L,) the place of each text in alphabetical order, whatever its case; NaN where there is none."""
    held = coded(pc.utf8_lower(texts_of(values.astype("string"))))
    return np.where(held.codes < 0, np.nan, held.codes)


def _texts(title: str, *parts: pd.Series) -> TableColumn:
    # A value of a pandas column costs as much by itself as those of a whole page together.
    def many(rows: list[int]) -> list[str]:
        held = zip(*(part.take(rows).tolist() for part in parts), strict=True)
        return [" / ".join(str(value) for value in values if not pd.isna(value)) or NONE for values in held]

    return TableColumn(title, lambda: text_places(parts[0]), lambda row: many([row])[0], number=False, many=many)


def _numbers(title: str, values: pd.Series | np.ndarray, text: Callable[[float], str] = figure_text) -> TableColumn:
    return TableColumn(title, lambda: np.asarray(values, dtype=float), lambda row: text(float(values[row])))


def _slope(table: TrendTable) -> TableColumn:
    slope = measure(table, "slope")
    low, high = (table.frame[name].to_numpy(dtype=float) for name in ("ci_low", "ci_high"))
    title = f"Slope [95 % CI], {slope_unit(table.settings.response)}"

    def text(row: int) -> str:
        ends = in_unit(np.array([low[row], high[row]]), table.settings.response)
        return slope_text(slope[row], *(float(end) for end in ends))

    return TableColumn(title, lambda: slope, text)


def _triage(store: Store, table: TrendTable) -> TableColumn:
    """The kind; the order is that of `data.triage.KINDS`. Until triage has been worked out every cell says so."""
    held = store.triage.held(table.settings)
    if held is None:
        return TableColumn("Triage", lambda: np.full(len(table.frame), np.nan), lambda row: "…", number=False)
    kinds = held["kind"]

    def many(rows: list[int]) -> list[str]:
        return [str(kind) for kind in kinds.take(rows).tolist()]

    return TableColumn("Triage", lambda: kinds.cat.codes.to_numpy(dtype=float), lambda row: str(kinds.iat[row]), number=False, many=many)


def _flags(store: Store, flags: pd.DataFrame | None) -> TableColumn:
    """Those first whose first-named flag weighs most; what has none comes last."""
    if flags is None:
        return TableColumn("Flags", lambda: np.full(len(store.lake_keys), np.nan), lambda _: "…", number=False)
    keys, words = store.lake_keys, words_of_lakes(flags)
    return TableColumn("Flags", lambda: severity(flags, keys), lambda row: words(int(keys[row])) or NONE, number=False)


def _probability(table: TrendTable, name: str) -> Callable[[int], str]:
    logs = table.frame[f"log_{name}"].to_numpy(dtype=float)
    return lambda row: probability_text(logs[row])


def _further(table: TrendTable, name: str) -> TableColumn:
    if f"log_{name}" in table.frame:
        return TableColumn(name, lambda: table.frame[f"log_{name}"].to_numpy(dtype=float), _probability(table, name))
    return _numbers(name, table.frame[name], (lambda value: fixed_text(value, 1).replace(",", "")) if name in YEARS else figure_text)


def ordered(values: np.ndarray, ranks: np.ndarray, *, descending: bool) -> np.ndarray:
    """(L,) row numbers in the order of these numbers; ties by evidence, NaN last in both directions."""
    order = by_rank(ranks)
    return order[np.argsort(-values[order] if descending else values[order], kind="stable")]


def page_record(
    store: Store, columns: dict[str, TableColumn], rows: np.ndarray, sort: tuple[str, bool], *, brushed: np.ndarray, classes: np.ndarray
) -> dict[str, Any]:
    """What the browser draws: headers, and of each row its lake_key, colour meaning, texts, and whether it is brushed.

    Args:
        store: The dataset.
        columns: To show, in order, the lake itself first.
        rows: Row numbers, in order.
        sort: The column sorted by, and whether descending.
        brushed: (L,) booleans.
        classes: (L,) class codes.
    """
    heads = [{"name": name, "title": cut(column.title), "number": column.number} for name, column in columns.items()]
    at = rows.tolist()
    cells = zip(*(map(cut, column.texts(at)) for column in columns.values()), strict=True)
    records = [
        {
            "key": int(store.lake_keys[row]),
            "ticked": bool(brushed[row]),
            "meaning": CLASSES[classes[row]],
            "beside": _beside(store, row),
            "cells": list(texts),
        }
        for row, texts in zip(at, cells, strict=True)
    ]
    return {"columns": heads, "rows": records, "sort": sort[0], "descending": sort[1]}


def _beside(store: Store, row: int) -> str:
    """The id, where the lake goes by its name."""
    given = cut(store.ids[row])
    return given if given != store.labels[row] else ""
