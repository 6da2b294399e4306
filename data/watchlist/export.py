"""The watch-list for other programs: one row a lake, its place, every component, and every statistic, with where it comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from data.export import export_frame, export_geometry, provenance, write_export
from data.store import Store
from data.watchlist.given import Given
from data.watchlist.rank import Ranking
from data.watchlist.volumes import peak_discharge, volume_range
from data.watchlist.wish import Wish

PROVENANCE = ("weights", "list_length")
"""What an export of a list says of where it comes from, beside what every export says."""


def list_frame(store: Store, given: Given, ranking: Ranking) -> pd.DataFrame:
    """N rows, the first first: place, score and what it is made of, then what `data.export.export_frame` has of a lake.

    `value_*` in the component's unit, `scaled_*` 0 to 1, `part_*` its share of the score; missing values are empty. A column of the input
    of one of these names gets `_input` appended.

    Args:
        store: The dataset.
        given: What the ranking was made from.
        ranking: The order.
    """
    rows = ranking.listed
    lakes = export_frame(store, given.table, ranking.lake_key[rows].tolist())
    own = _own(given, ranking)
    taken, clash = {*own, *PROVENANCE, *(name.lower() for name in lakes.columns)}, dict[str, str]()
    for name in lakes.columns:
        if name.lower() in {*own, *PROVENANCE}:
            clash[name] = f"{name}_input"
            while clash[name].lower() in taken:
                clash[name] += "_input"
            taken.add(clash[name].lower())
    return pd.concat([pd.DataFrame({name: values[rows] for name, values in own.items()}), lakes.rename(columns=clash)], axis=1)


def _own(given: Given, ranking: Ranking) -> dict[str, np.ndarray]:
    low, middle, high = volume_range(given.last_clear["area_km2"].to_numpy(dtype=np.float64))
    days = given.last_clear["day"].dt.strftime("%Y-%m-%d").to_numpy(dtype=object)
    own: dict[str, np.ndarray] = {
        "place": ranking.rank, "tied": ranking.tied, "score": ranking.score, "known_share": ranking.known, "last_clear": days,
    }  # fmt: skip
    for name, raw in ranking.raw.items():
        own |= {f"value_{name}": raw, f"scaled_{name}": ranking.every_scaled[name]}
    own |= {f"part_{name}": ranking.parts[:, at] for at, name in enumerate(ranking.names)}
    water = {"volume_low_mcm": low, "volume_median_mcm": middle, "volume_high_mcm": high}
    return own | water | {"discharge_low_m3s": peak_discharge(low), "discharge_high_m3s": peak_discharge(high)}


def list_provenance(store: Store, given: Given, wish: Wish) -> dict[str, Any]:
    """Where the list comes from, as columns that an export carries on every row: as of a trend table, and the weights."""
    weights = " ".join(f"{name}:{weight:g}" for name, weight in wish.weights)
    return {**provenance(store, given.table), **dict(zip(PROVENANCE, (weights, wish.top), strict=True))}


def write_list(path: Path, format: str, store: Store, given: Given, ranking: Ranking, *, wish: Wish) -> None:
    """Write the list as `csv`, or as `gpkg` with the lakes' outlines; a file that is there is replaced."""
    geometry = export_geometry(store, ranking.lake_key[ranking.listed].tolist()) if format == "gpkg" else None
    write_export(list_frame(store, given, ranking), geometry, format, path, list_provenance(store, given, wish))
