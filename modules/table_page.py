"""One page of the lake table: its columns, the order of its rows, and the HTML of the rows on screen. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from htmltools import Tag, TagList, tags

from data.records import TrendTable
from data.store import Store
from modules.figures import CLASSES
from modules.measures import interval, lake_rows, measure, rank, slope_unit
from modules.numerals import NONE, figure_text, fixed_text, probability_text, slope_text

CLASS_WORDS = ("not tested", "not significant", "growing", "shrinking")
EVIDENCE = "p"
"""The column that the table opens sorted by: p ascending, ties by abs(t)."""

FURTHER = ("se", "t", "df", "p_ols", "q_ols", "r2", "n_eff", "r1", "resid_sd", "first_year", "last_year")
YEARS = ("first_year", "last_year")


@dataclass(frozen=True)
class TableColumn:
    """One column of the table.

    Args:
        title: Its header, with the unit.
        sort: (L,) values to sort by; missing ones (NaN, None) come last in both directions.
        text: The cell of a row.
        number: Whether it is set flush right.
    """

    title: str
    sort: np.ndarray
    text: Callable[[int], Tag | str]
    number: bool = True


def table_columns(store: Store, table: TrendTable, classes: np.ndarray) -> dict[str, TableColumn]:
    """Every column that the table can show, by name; row numbers are those of `store.lakes`."""
    rows = lake_rows(store, table)
    lakes = store.lakes
    columns = {
        "lake": TableColumn("Lake", _lowered(lakes["lake_id"]), store.label, number=False),
        "basin": _texts("Basin", lakes["basin"], lakes["sub_basin"]),
        "dam_type": _texts("Type", lakes["dam_type"]),
        "elevation_m": _numbers("Elevation, m", lakes["elevation_m"], lambda value: fixed_text(value, 0)),
        "area_km2": _numbers("Newest area, km²", rows["area_km2"]),
        "slope": _slope(table),
        "n": _numbers("n", table.frame["n"], lambda value: f"{value:.0f}"),
        "p": TableColumn("p", np.where(np.isnan(table.frame["log_p"]), np.nan, rank(table)), _probability(table, "p")),
        "q": TableColumn("q", table.frame["log_q"].to_numpy(dtype=float), _probability(table, "q")),
        "class": TableColumn("Class", classes.astype(float), lambda row: _chip(int(classes[row])), number=False),
        "status": _texts("Status", table.frame["status"]),
    }
    for name in FURTHER:
        columns[name] = _further(table, name)
    for name in ("lon", "lat", *store.extra_columns):
        numeric = pd.api.types.is_numeric_dtype(lakes[name]) and not pd.api.types.is_bool_dtype(lakes[name])
        columns[f"lake.{name}"] = _numbers(name, lakes[name]) if numeric else _texts(name, lakes[name])
    return columns


def default_columns(store: Store) -> list[str]:
    """The columns that the table opens with: those that say something of at least one lake."""
    maybe = {"basin": "basin", "dam_type": "dam_type", "elevation_m": "elevation_m"}
    names = ["lake", *maybe, "area_km2", "slope", "n", "p", "q", "class", "status"]
    return [name for name in names if name not in maybe or store.lakes[maybe[name]].notna().any()]


def _lowered(values: pd.Series) -> np.ndarray:
    return values.astype(object).map(lambda value: None if pd.isna(value) else str(value).lower()).to_numpy(dtype=object)


def _texts(title: str, *parts: pd.Series) -> TableColumn:
    held = [part.astype(object).where(part.notna(), None).tolist() for part in parts]
    return TableColumn(
        title, _lowered(parts[0]), lambda row: " / ".join(str(part[row]) for part in held if part[row] is not None) or NONE, number=False
    )


def _numbers(title: str, values: pd.Series, text: Callable[[float], str] = figure_text) -> TableColumn:
    array = pd.to_numeric(values, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    return TableColumn(title, array, lambda row: text(array[row]))


def _slope(table: TrendTable) -> TableColumn:
    slope = measure(table, "slope")
    low, high = interval(table)
    title = f"Slope [95 % CI], {slope_unit(table.settings.response)}"
    return TableColumn(title, slope, lambda row: slope_text(slope[row], low[row], high[row]))


def _probability(table: TrendTable, name: str) -> Callable[[int], str]:
    logs = table.frame[f"log_{name}"].to_numpy(dtype=float)
    return lambda row: probability_text(logs[row])


def _further(table: TrendTable, name: str) -> TableColumn:
    if f"log_{name}" in table.frame:
        return TableColumn(name, table.frame[f"log_{name}"].to_numpy(dtype=float), _probability(table, name))
    return _numbers(name, table.frame[name], (lambda value: fixed_text(value, 1).replace(",", "")) if name in YEARS else figure_text)


def _chip(code: int) -> Tag:
    return tags.span(tags.span(class_=f"m-chip m-{CLASSES[code]}", aria_hidden="true"), CLASS_WORDS[code], class_="m-class")


def haystack(lakes: pd.DataFrame) -> np.ndarray:
    """(L,) what the text filter looks through: id, name, basin, sub-basin, type, in lower case."""
    parts = [lakes[column].astype("string").fillna("").str.lower() for column in ("lake_id", "name", "basin", "sub_basin", "dam_type")]
    joined = parts[0].str.cat(parts[1:], sep="\n")
    return joined.to_numpy(dtype=object)


def containing(texts: np.ndarray, words: str) -> np.ndarray:
    """(L,) booleans: the texts that hold every word."""
    wanted = words.lower().split()
    return np.fromiter((all(word in text for word in wanted) for text in texts), dtype=bool, count=len(texts))


def ordered(values: np.ndarray, ranks: np.ndarray, *, descending: bool) -> np.ndarray:
    """(L,) row numbers in the order of these values; ties by evidence, missing values last in both directions."""
    missing = pd.isna(values)
    codes = np.unique(values[~missing], return_inverse=True)[1]
    place = np.zeros(len(values))
    place[~missing] = -codes if descending else codes
    return np.lexsort((ranks, place, missing))


def table_html(
    store: Store, columns: dict[str, TableColumn], rows: np.ndarray, sort: tuple[str, bool], *, brushed: np.ndarray, focus: int | None
) -> Tag:
    """The table of these rows.

    Args:
        store: The dataset.
        columns: To show, in order.
        rows: Row numbers, in order.
        sort: The column sorted by, and whether descending.
        brushed: (L,) booleans.
        focus: The lake_key in focus.
    """
    head = tags.tr(
        tags.th(tags.span("Brushed", class_="visually-hidden"), scope="col"),
        *(_header(name, column, sort) for name, column in columns.items()),
    )
    body = (_row(store, columns, int(row), ticked=bool(brushed[row]), focus=focus) for row in rows)
    return tags.table(
        tags.caption("Lakes shown, one a row. Press a lake to focus it, tick it to brush it.", class_="visually-hidden"),
        tags.thead(head),
        tags.tbody(*body),
        class_="m-lakes",
    )


def _header(name: str, column: TableColumn, sort: tuple[str, bool]) -> Tag:
    is_sorted = name == sort[0]
    direction = ("descending" if sort[1] else "ascending") if is_sorted else None
    mark = {"ascending": " ▲", "descending": " ▼", None: ""}[direction]
    button = tags.button(column.title, tags.span(mark, aria_hidden="true"), type="button", data_sort=name)
    return tags.th(button, scope="col", aria_sort=direction, class_="m-number" if column.number else None)


def _row(store: Store, columns: dict[str, TableColumn], row: int, *, ticked: bool, focus: int | None) -> Tag:
    key = int(store.lake_keys[row])
    label = store.label(row)
    tick = tags.input(type="checkbox", class_="m-tick", checked="" if ticked else None, aria_label=f"Brush {label}")
    lake, *others = columns.items()
    cells = (tags.td(column.text(row), class_="m-number" if column.number else None) for _, column in others)
    return tags.tr(
        tags.td(tick),
        tags.th(tags.button(lake[1].text(row), type="button", class_="m-lake"), _beside(store, row, label), scope="row"),
        *cells,
        data_key=key,
        aria_current="true" if key == focus else None,
    )


def _beside(store: Store, row: int, label: str) -> TagList:
    """The id, where the lake goes by its name."""
    lake_id = store.lakes["lake_id"].iat[row]
    return TagList() if pd.isna(lake_id) or str(lake_id) == label else TagList(" ", tags.span(str(lake_id), class_="m-quiet"))
