"""What each picker can still offer: its values among the lakes that pass every other filter, with their numbers. Pure."""

from __future__ import annotations

from collections.abc import Mapping
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
from modules.measures import PICKERS, by_rank, filter_masks, named_kinds, passing, rank

TREND_ORDER = ("growing", "shrinking", "not significant", *QUIET_WORDS, "not tested")
OFFERED = 1_000
"""Lakes offered at a time; who looks for another one types a part of its name."""


def counted(counts: Mapping[str, int], chosen: tuple[str, ...] = ()) -> dict[str, str]:
    """Choice → choice with its number of lakes, in alphabetical order; what is chosen stays a choice even where no lake has it."""
    return {name: f"{cut(name)} ({counts.get(name, 0):,})" for name in sorted({*counts, *chosen})}


def opening_counts(store: Store, field: str, filters: Filters) -> dict[str, int]:
    """What a picker opens with, before the trends are there to narrow it by: of sub-basins those in the basins chosen."""
    places = store.names.places
    among = np.ones(len(store.lakes), dtype=bool)
    if field == "sub_basins" and filters.basins:
        among = places[PICKERS["basins"]].of(filters.basins)
    return places[PICKERS[field]].counts(among)


def offers(store: Store, table: TrendTable, filters: Filters, codes: np.ndarray) -> dict[str, dict[str, str]]:
    """Field → its choices, each with the number of lakes that it would show under all filters but its own.

    Args:
        store: The dataset.
        table: The trends.
        filters: As they are.
        codes: (L,) of `data.trends.quiet.kinds`.
    """
    masks, total = filter_masks(store, table, filters, codes), len(store.lakes)
    found = {
        field: counted(store.names.places[column].counts(passing(total, masks, but=(field,))), getattr(filters, field))
        for field, column in PICKERS.items()
    }
    each = np.bincount(codes[passing(total, masks, but=("trends",))], minlength=len(KIND_WORDS))
    counts = {name: int(each[named_kinds((name,))].sum()) for name in KIND_WORDS}
    found["trends"] = {name: f"{name} ({counts[name]:,})" for name in TREND_ORDER if counts[name] or name in filters.trends}
    triage = store.triage.held(table.settings)
    if triage is not None:
        counts = triage["kind"][passing(total, masks, but=("triage",))].value_counts()
        found["triage"] = {name: f"{name} ({counts[name]:,})" for name in KINDS if counts[name] or name in filters.triage}
    return found


def flag_offers(store: Store, table: TrendTable, filters: Filters, codes: np.ndarray, flags: pd.DataFrame) -> dict[str, dict[str, str]]:
    """Field → kinds of flags, each with the number of lakes that have it under all filters but those by flags.

    Args:
        store, table, filters, codes: See `offers`.
        flags: As `Store.flags` gives them.
    """
    left = passing(len(store.lakes), filter_masks(store, table, replace(filters, flags=(), without_flags=()), codes))
    counts = flag_counts(flags, left, store.lake_keys)
    return {
        field: {kind: f"{FLAGS[kind].title.lower()} ({counts.get(kind, 0):,})" for kind in ordered_kinds() if kind in {*counts, *chosen}}
        for field, chosen in (("flags", filters.flags), ("without_flags", filters.without_flags))
    }


def lake_offers(
    store: Store, table: TrendTable, filters: Filters, codes: np.ndarray, *, words: str = "", most: int = OFFERED
) -> dict[str, str]:
    """`#lake_key` → name and id, of the lakes that pass every filter but the list of ids, and are not on that list; by name.

    Args:
        store, table, filters, codes: See `offers`.
        words: All of them must be part of name or id.
        most: Of more lakes than that only the most significant.
    """
    left = passing(len(store.lakes), filter_masks(store, table, replace(filters, lake_keys=()), codes))
    left &= ~np.isin(store.lake_keys, filters.lake_keys)
    if words.strip():
        left &= store.names.containing(words, places=False)
    order = by_rank(rank(table))
    said = {f"#{store.lake_keys[row]}": _lake_words(store, row) for row in order[left[order]][:most].tolist()}
    return dict(sorted(said.items(), key=lambda item: item[1].lower()))


def _lake_words(store: Store, row: int) -> str:
    label, lake_id = store.labels[row], cut(store.ids[row])
    return label if lake_id in {"", label} else f"{label} · {lake_id}"
