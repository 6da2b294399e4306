"""What the plots measure: the columns behind each axis, their limits, and which lakes a filter or a brush means. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Container
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from data.at_once import at_once
from data.records import TrendTable
from data.store import Store
from data.trends.classes import CLASS_WORDS, NOT_SIGNIFICANT, classes
from data.trends.quiet import KIND_WORDS, QUIET_WORDS, kinds
from modules.choices import Brush, Cut, Display, Filters, Picked, Range
from modules.flagged import having
from modules.links.packing import inside
from modules.numerals import slope_text
from modules.once import once_a_table

LN10 = float(np.log(10))

PICKERS = {"basins": "basin", "sub_basins": "sub_basin", "dam_types": "dam_type"}
"""Field of Filters → column of `lakes`."""

CUT: Cut = (Display().use, Display().alpha, Display().effect, Display().worth)

LIT, SHOWN, BRUSHED, FLOODED = 4, 8, 16, 32
"""Bits of `state_bits`, above the class of a lake in the two lowest (0 not tested, 1 not significant, 2 growing, 3 shrinking)."""


def state_bits(classes: np.ndarray, shown: np.ndarray, brushed: np.ndarray | None, flooded: np.ndarray | None = None) -> np.ndarray:
    """(L,) uint8: all that decides how a lake is drawn. A lake is lit when it is shown and, where there is a brush, brushed.

    `flooded` are the lakes with a recorded outburst flood; None: none are known.
    """
    lit = shown if brushed is None else shown & brushed
    bits = classes.astype(np.uint8) | lit.astype(np.uint8) * LIT | shown.astype(np.uint8) * SHOWN
    bits = bits if flooded is None else bits | flooded.astype(np.uint8) * FLOODED
    return bits if brushed is None else bits | brushed.astype(np.uint8) * BRUSHED


def slope_name(response: str) -> str:
    """The column that holds the slope as a person reads it: %/yr for log area, km²/yr for raw area."""
    return "slope_pct" if response == "log" else "slope"


def slope_unit(response: str) -> str:
    return "%/yr" if response == "log" else "km²/yr"


def slope_words(lake: dict[str, Any], response: str) -> str:
    """The slope with its 95 % interval and unit; empty where there is none."""
    if not math.isfinite(lake["slope"]):
        return ""
    values = [lake[name] for name in ("slope", "ci_low", "ci_high")]
    if response == "log":
        values = [100 * math.expm1(value) for value in values]
    return f"{slope_text(*values)} {slope_unit(response)}"


def interval(table: TrendTable) -> tuple[np.ndarray, np.ndarray]:
    """(L,) lower and upper confidence limits of the slope, in the unit of `slope_unit`."""
    low, high = (in_unit(table.frame[name].to_numpy(dtype=float), table.settings.response) for name in ("ci_low", "ci_high"))
    return low, high


def in_unit(slopes: np.ndarray, response: str) -> np.ndarray:
    """Slopes as they were fitted, in the unit of `slope_unit`."""
    return 100 * np.expm1(slopes) if response == "log" else slopes


def measure(table: TrendTable, name: str) -> np.ndarray:
    """(L,) float64 of an axis: `slope`, `t`, `p` or `q` (the last two as -log10, exact beyond the range of a float); or `detectable`."""
    frame = table.frame
    if name == "slope":
        return frame[slope_name(table.settings.response)].to_numpy(dtype=float)
    if name == "detectable":
        return frame["detectable_pct" if table.settings.response == "log" else "detectable"].to_numpy(dtype=float)
    if name in {"p", "q"}:
        # 0 - x, not -x: p = 1 must not become -0.
        return 0.0 - frame[f"log_{name}"].to_numpy(dtype=float) / LN10
    return frame[name].to_numpy(dtype=float)


@dataclass(frozen=True)
class Limits:
    """How far the volcano draws: points beyond are drawn on the edge, marked, and counted. x is ±x, y is 0 to y."""

    x: float
    y: float

    def clipped(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.clip(x, -self.x, self.x), np.clip(y, 0, self.y)

    def beyond(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return (np.abs(x) > self.x) | (y > self.y)


def limits(x: np.ndarray, y: np.ndarray) -> Limits:
    """Limits that a few extreme points cannot flatten: the range, or 1.5 times the 99th percentile where the range is longer."""

    def reach(values: np.ndarray, least: float) -> float:
        values = values[np.isfinite(values)]
        if not len(values):
            return least
        return float(max(min(values.max(), 1.5 * np.quantile(values, 0.99)), least))

    tested = np.isfinite(x) & np.isfinite(y)
    return Limits(reach(np.abs(x[tested]), 1e-3) * 1.05, reach(y[tested], 1.5) * 1.05)


@once_a_table
def _spans(table: TrendTable) -> dict[tuple[str, str], Limits]:
    return {}


def span_of(table: TrendTable, x: str, y: str) -> Limits:
    """The limits of two axes, which no filter changes: worked out once a table."""
    held = _spans(table)
    if (x, y) not in held:
        held[x, y] = limits(measure(table, x), measure(table, y))
    return held[x, y]


@once_a_table
def rank(table: TrendTable) -> np.ndarray:
    """(L,) int32: 0 for the most significant lake; ties by |t|, then by key; lakes without a p come last, by key."""
    log_p = table.frame["log_p"].to_numpy(dtype=float)
    t = -np.abs(table.frame["t"].to_numpy(dtype=float))
    order = np.lexsort((np.nan_to_num(t, nan=np.inf), np.nan_to_num(log_p, nan=np.inf)))  # equal ones stay in their order
    ranks = np.empty(len(order), dtype=np.int32)
    ranks[order] = np.arange(len(order), dtype=np.int32)
    return ranks


def by_rank(ranks: np.ndarray) -> np.ndarray:
    """(L,) int32: the rows in order of their ranks."""
    order = np.empty(len(ranks), dtype=np.int32)
    order[ranks] = np.arange(len(ranks), dtype=np.int32)
    return order


def lit_order(table: TrendTable, bits: np.ndarray, ranks: np.ndarray) -> np.ndarray:
    """Rows of the lit, tested lakes, the most significant first.

    Args:
        table: The trends of L lakes.
        bits: (L,) uint8 of `state_bits`.
        ranks: (L,) of `rank`.
    """
    order = by_rank(ranks)
    wanted = (bits & LIT > 0) & np.isfinite(table.frame["log_p"].to_numpy(dtype=float))
    return order[wanted[order]]


def lake_rows(store: Store, table: TrendTable) -> pd.DataFrame:
    """One row a lake: what `lakes` says, its newest area under the source tested, and its trend. Row number = row of `store.lakes`."""
    trends = table.frame.drop(columns=["lake_key", "lake_id"])
    rows = pd.concat([store.lakes, trends.add_prefix("trend_").rename(columns=lambda c: _plain(c, store.lakes))], axis=1)
    return rows.assign(area_km2=store.newest_areas(table.settings.source, table.settings.threshold, table.settings.without))


def _plain(column: str, lakes: pd.DataFrame) -> str:
    # A trend column goes by its own name unless the input brought one of that name along.
    name = column.removeprefix("trend_")
    return column if name in lakes.columns or not column.startswith("trend_") else name


def shown_mask(store: Store, table: TrendTable, filters: Filters, codes: np.ndarray | None = None) -> np.ndarray:
    """(L,) booleans: the lakes that pass every filter. A lake with no value in a filtered column does not pass.

    A filter by triage waits: as long as triage has not been worked out it lets every lake pass.

    Args:
        store: The dataset.
        table: The trends, for the filters by trend, slope and number of observations.
        filters: The filters.
        codes: (L,) kinds on screen (`data.trends.quiet.kinds`); needed only where the filters name trends without a cut of their own.
    """
    return passing(len(store.lakes), filter_masks(store, table, filters, codes))


def passing(lakes: int, masks: dict[str, np.ndarray], *, but: Container[str] = ()) -> np.ndarray:
    """(L,) booleans: the lakes that pass every filter, `but` those of some fields of Filters.

    Args:
        lakes: L.
        masks: Of `filter_masks`.
        but: Fields.
    """
    found = np.ones(lakes, dtype=bool)
    for field, mask in masks.items():
        if field not in but:
            found &= mask
    return found


def filter_masks(store: Store, table: TrendTable, filters: Filters, codes: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """Field of Filters → (L,) booleans, the lakes that pass it; only of those that filter. See `shown_mask`."""
    lakes = store.lakes
    made: dict[str, Callable[[], np.ndarray]] = {
        **{field: partial(store.names.places[column].of, getattr(filters, field)) for field, column in PICKERS.items()},
        "area": lambda: _within(store.newest_areas(table.settings.source, table.settings.threshold, table.settings.without), filters.area),
        "elevation": lambda: _within(lakes["elevation_m"].to_numpy(dtype=float), filters.elevation),
        "observations": lambda: _within(table.frame["n"].to_numpy(dtype=float), filters.observations),
        "slope": lambda: _within(measure(table, "slope"), filters.slope),
        "trends": lambda: _trends_mask(table, filters, codes),
        "extras": lambda: _extras_mask(lakes, filters),
        "lake_keys": lambda: np.isin(store.lake_keys, filters.lake_keys),
        "images": lambda: np.isin(store.lake_keys, store.scenes.lakes),
        "triage": lambda: _triage_mask(store, table, filters),
        "floods": lambda: store.floods.burst,
        "flags": lambda: _flagged(store, table, filters.flags, True),
        "without_flags": lambda: ~_flagged(store, table, filters.without_flags, False),
    }
    return {field: make() for field, make in made.items() if getattr(filters, field)}


def _trends_mask(table: TrendTable, filters: Filters, codes: np.ndarray | None) -> np.ndarray:
    if filters.cut or codes is None:
        use, alpha, effect, worth = filters.cut or CUT
        codes = kinds(table, classes(table, use=use, alpha=alpha, effect=effect), worth)
    return np.isin(codes, named_kinds(filters.trends))


def _flagged(store: Store, table: TrendTable, wanted: tuple[str, ...], unknown: bool) -> np.ndarray:
    """(L,) the lakes with one of these flags; `unknown` for every lake where there are too many to look for flags."""
    if not at_once(len(store.lakes)) and store.flags_held(table.settings) is None:
        return np.full(len(store.lakes), unknown)
    return having(store.flags(table.settings), wanted, store.lake_keys)


def _triage_mask(store: Store, table: TrendTable, filters: Filters) -> np.ndarray:
    triage = store.triage.held(table.settings)
    return np.ones(len(store.lakes), dtype=bool) if triage is None else triage["kind"].isin(filters.triage).to_numpy(dtype=bool)


def _extras_mask(lakes: pd.DataFrame, filters: Filters) -> np.ndarray:
    """(L,) the lakes that pass the filters by columns that the input brought along."""
    mask = np.ones(len(lakes), dtype=bool)
    for column, kept in filters.extras:
        if column not in lakes.columns or not kept:
            continue
        if isinstance(kept[0], str):
            mask &= lakes[column].astype("string").isin([str(value) for value in kept]).to_numpy(dtype=bool)
        else:
            mask &= _within(pd.to_numeric(lakes[column], errors="coerce").to_numpy(dtype=float), (float(kept[0]), float(kept[1])))
    return mask


def quiet_counts(kinds: np.ndarray, lit: np.ndarray) -> dict[str, int]:
    """How many of the lit quiet lakes are of each kind, by its words; kinds that none is of are left out."""
    counts = np.bincount(kinds[lit], minlength=len(KIND_WORDS))
    return {words: int(counts[KIND_WORDS.index(words)]) for words in QUIET_WORDS if counts[KIND_WORDS.index(words)]}


def quiet_text(counts: dict[str, int]) -> str:
    """`312 stable · 200 unobservable`."""
    return " · ".join(f"{count:,} {words}" for words, count in counts.items())


def named_kinds(names: Container[str]) -> list[int]:
    """The kinds that these of KIND_WORDS mean; `not significant` means every quiet one."""
    quiet = CLASS_WORDS[NOT_SIGNIFICANT] in names
    return [code for code, words in enumerate(KIND_WORDS) if words in names or (quiet and code >= len(CLASS_WORDS))]


def _within(values: np.ndarray, span: Range | None) -> np.ndarray:
    low, high = span or (-math.inf, math.inf)
    return (values >= low) & (values <= high)


def brushed_mask(store: Store, brush: Brush | None) -> np.ndarray:
    """(L,) booleans: the lakes a brush names. A region is resolved with the settings and filters it was drawn under."""
    if brush is None:
        return np.zeros(len(store.lake_keys), dtype=bool)
    if isinstance(brush, Picked):
        return np.isin(store.lake_keys, brush.lake_keys)
    table = store.trends(brush.settings)
    if brush.axes == ("lon", "lat"):
        x, y = (store.lakes[name].to_numpy(dtype=float) for name in brush.axes)
    else:
        x, y = (measure(table, name) for name in brush.axes)
        x, y = span_of(table, *brush.axes).clipped(x, y)
    return inside(brush.polygon, x, y) & shown_mask(store, table, brush.filters)
