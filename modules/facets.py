"""What each picker can still offer: its values among the lakes that pass every other filter, with their numbers. Pure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from data.flags import FLAGS
from data.plain_text import cut
from data.records import TrendTable
from data.store import Store
from data.trends.quiet import KIND_WORDS, QUIET_WORDS
from data.triage import KINDS
from modules.choices import Filters
from modules.flagged import flag_counts, ordered_kinds
from modules.measures import named_kinds, shown_mask

PICKERS = {"basins": "basin", "sub_basins": "sub_basin", "dam_types": "dam_type"}
"""Field of Filters → column of `lakes`."""

TREND_ORDER = ("growing", "shrinking", "not significant", *QUIET_WORDS, "not tested")


def counted(values: pd.Series, chosen: tuple[str, ...] = ()) -> dict[str, str]:
    """Choice → choice with its number of lakes, in alphabetical order; what is chosen stays a choice even where no lake has it."""
    counts = values.dropna().astype(str).value_counts()
    return {name: f"{cut(name)} ({counts.get(name, 0):,})" for name in sorted({*counts.index, *chosen})}


def offers(store: Store, table: TrendTable, filters: Filters, codes: np.ndarray) -> dict[str, dict[str, str]]:
    """Field → its choices, each with the number of lakes that it would show under all filters but its own.

    Args:
        store: The dataset.
        table: The trends.
        filters: As they are.
        codes: (L,) of `data.trends.quiet.kinds`.
    """
    found = {}
    for field, column in PICKERS.items():
        left = shown_mask(store, table, replace(filters, **{field: ()}), codes)
        found[field] = counted(store.lakes[column][left], getattr(filters, field))
    left = shown_mask(store, table, replace(filters, trends=()), codes)
    each = np.bincount(codes[left], minlength=len(KIND_WORDS))
    counts = {name: int(each[named_kinds((name,))].sum()) for name in KIND_WORDS}
    found["trends"] = {name: f"{name} ({counts[name]:,})" for name in TREND_ORDER if counts[name] or name in filters.trends}
    triage = store.triage.held(table.settings)
    if triage is not None:
        counts = triage["kind"][shown_mask(store, table, replace(filters, triage=()), codes)].value_counts()
        found["triage"] = {name: f"{name} ({counts[name]:,})" for name in KINDS if counts[name] or name in filters.triage}
    return found


def flag_offers(store: Store, table: TrendTable, filters: Filters, codes: np.ndarray, flags: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Field → kinds of flags, each with the number of lakes that have it under all filters but those by flags.

    Args:
        store, table, filters, codes: See `offers`.
        flags: As `Store.flags` gives them.
    """
    left = shown_mask(store, table, replace(filters, flags=(), without_flags=()), codes)
    counts = flag_counts(flags, left, store.lake_keys)
    return {
        field: {kind: f"{FLAGS[kind].title.lower()} ({counts.get(kind, 0):,})" for kind in ordered_kinds() if kind in {*counts, *chosen}}
        for field, chosen in (("flags", filters.flags), ("without_flags", filters.without_flags))
    }


def lake_offers(store: Store, table: TrendTable, filters: Filters, codes: np.ndarray) -> dict[str, str]:
    """`#lake_key` → name and id, of the lakes that pass every filter but the list of ids, and are not on that list; by name."""
    left = np.flatnonzero(shown_mask(store, table, replace(filters, lake_keys=()), codes))
    words = {
        f"#{store.lake_keys[row]}": f"{store.labels[row]} · {cut(store.ids[row])}"
        if cut(store.ids[row]) not in {"", store.labels[row]}
        else store.labels[row]
        for row in left.tolist()
        if int(store.lake_keys[row]) not in filters.lake_keys
    }
    return dict(sorted(words.items(), key=lambda item: item[1].lower()))
