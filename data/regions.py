"""The region of each scene: the unit of an honest split, and of a bootstrap that does not take ten images of a lake for ten lakes."""

from __future__ import annotations

import pandas as pd

from data.store import Store

BASIN = "basin"
"""Column of `scenes` that names the region of a chip without a lake."""


def scene_regions(store: Store) -> dict[int, str]:
    """scene_key → sub-basin of its lake, else the lake's basin, else the region that a chip's own name tells; empty where none does."""
    lakes = store.lakes
    of_lake = {
        int(key): next((name for name in names if isinstance(name, str) and name), "")
        for key, *names in zip(lakes["lake_key"], lakes["sub_basin"], lakes["basin"], strict=True)
    }
    rows = store.scenes.rows
    own = rows[BASIN] if BASIN in rows.columns else [None] * len(rows)
    return {
        int(key): (of_lake.get(int(lake), "") if pd.notna(lake) else "") or (name if isinstance(name, str) else "")
        for key, lake, name in zip(rows["scene_key"], rows["lake_key"], own, strict=True)
    }
