"""What flags say of lakes on screen: which lakes have some, and a lake's flags in few words. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from data.flags import FLAGS

ORDER = ("drainage", "end", "outlier", "sensor", "missing", "acceleration", "season", "few")
"""Kinds as they are named: what changes a verdict most comes first; those not named here come last."""
MANY = 2
"""Dates of one kind from which on their number is said instead."""


def ordered_kinds() -> list[str]:
    """Every kind of flag, in the order in which they are named."""
    return sorted(FLAGS, key=lambda name: (ORDER.index(name) if name in ORDER else len(ORDER), name))


def having(flags: pd.DataFrame, kinds: Sequence[str], lake_keys: np.ndarray) -> np.ndarray:
    """(L,) booleans: the lakes with a flag of one of these kinds.

    Args:
        flags: As `Store.flags` gives them.
        kinds: Names.
        lake_keys: (L,) ascending.
    """
    codes = [code for code, kind in enumerate(flags["kind"].cat.categories) if kind in kinds]
    mine = np.isin(flags["kind"].cat.codes.to_numpy(), codes)
    found = np.zeros(len(lake_keys), dtype=bool)
    found[np.searchsorted(lake_keys, flags["lake_key"].to_numpy()[mine])] = True
    return found


def flag_counts(flags: pd.DataFrame, shown: np.ndarray, lake_keys: np.ndarray) -> dict[str, int]:
    """Kind → how many of the shown lakes have it, in the order in which kinds are named; kinds that none has are left out."""
    counts = {kind: int(np.count_nonzero(having(flags, (kind,), lake_keys) & shown)) for kind in ordered_kinds()}
    return {kind: count for kind, count in counts.items() if count}


def of_lake(flags: pd.DataFrame, lake_key: int, kinds: Sequence[str] | None = None) -> pd.DataFrame:
    """The findings of one lake, in the order in which kinds are named, then by date.

    Args:
        flags: As `Store.flags` gives them.
        lake_key: The lake.
        kinds: Only these; None for all.
    """
    keys = flags["lake_key"].to_numpy()
    low, high = np.searchsorted(keys, [lake_key, lake_key + 1])
    mine = flags.iloc[low:high]
    if low == high:
        return mine
    mine = mine if kinds is None else mine[mine["kind"].isin(kinds)]
    place = {kind: at for at, kind in enumerate(ordered_kinds())}
    return mine.iloc[np.argsort([place[str(kind)] for kind in mine["kind"]], kind="stable")]


def short_words(mine: pd.DataFrame) -> str:
    """`drained 2021, outlier 2018 and 2020, missing ×4` of what `of_lake` gives; empty where there is nothing."""
    return _short(mine["kind"].tolist(), _years(mine))


def words_of_lakes(flags: pd.DataFrame) -> Callable[[int], str]:
    """Gives, by lake_key, what `short_words` says of a lake. For many lakes: rows of a frame cost fifty times as much.

    Args:
        flags: As `Store.flags` gives them.
    """
    keys, days = flags["lake_key"].to_numpy(), flags["date"].to_numpy(dtype="datetime64[Y]")
    names, codes = flags["kind"].cat.categories.tolist(), flags["kind"].cat.codes.to_numpy()
    place = [ordered_kinds().index(name) for name in names]

    def words(lake_key: int) -> str:
        low, high = np.searchsorted(keys, [lake_key, lake_key + 1])
        rows = sorted(range(low, high), key=lambda row: place[codes[row]])
        return _short([names[codes[row]] for row in rows], [None if np.isnat(days[row]) else str(days[row]) for row in rows])

    return words


def _years(flags: pd.DataFrame) -> list[str | None]:
    days = flags["date"].to_numpy(dtype="datetime64[Y]")
    return [None if missing else str(day) for day, missing in zip(days, np.isnat(days), strict=True)]


def _short(kinds: Sequence[str], when: Sequence[str | None]) -> str:
    years: dict[str, list[str]] = {}
    for kind, year in zip(kinds, when, strict=True):
        years.setdefault(kind, []).extend([] if year is None else [year])
    return ", ".join(
        FLAGS[kind].title.lower() + (f" {' and '.join(when)}" if 0 < len(when) <= MANY else f" ×{len(when)}" if when else "")
        for kind, when in years.items()
    )


def severity(flags: pd.DataFrame, lake_keys: np.ndarray) -> np.ndarray:
    """(L,) what a table sorts by: lakes whose first-named flag comes earlier have the smaller number; NaN where a lake has none."""
    place = {kind: at for at, kind in enumerate(ordered_kinds())}
    rank = np.array([place[kind] for kind in flags["kind"].cat.categories], dtype=float)[flags["kind"].cat.codes.to_numpy()]
    found = np.full(len(lake_keys), np.inf)
    np.minimum.at(found, np.searchsorted(lake_keys, flags["lake_key"].to_numpy()), rank)
    return np.where(np.isfinite(found), found, np.nan)
