"""The flags of each lake as two texts, for tables of one row a lake."""

from __future__ import annotations

import pandas as pd

NAMES = ("flags", "flag_words")


def listed(flags: pd.DataFrame) -> pd.DataFrame:
    """By lake_key `flags`, the kinds that a lake has (`drainage outlier`), and `flag_words`, their sentences; others are left out.

    Args:
        flags: As `data.flags.table.flag_table` gives them, in order of lake.
    """
    kinds = flags[["lake_key", "kind"]].drop_duplicates().astype({"kind": str}).groupby("lake_key")["kind"].agg(" ".join)
    words = flags["kind"].astype(str) + ": " + flags["words"].astype(str)
    return pd.DataFrame({NAMES[0]: kinds, NAMES[1]: words.groupby(flags["lake_key"]).agg("; ".join)})
