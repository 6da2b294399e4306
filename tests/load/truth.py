"""What a visitor must be told, read from the dataset's files without the app's own code."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Truth:
    """A dataset folder as pandas reads it.

    Args:
        folder: The dataset.
    """

    folder: Path

    @cached_property
    def lakes(self) -> pd.DataFrame:
        """Lakes by key, with `label`: the name, else the id."""
        columns = ["lake_key", "lake_id", "name", "basin", "lon", "lat"]
        lakes = pd.read_parquet(self.folder / "lakes.parquet", columns=columns).set_index("lake_key")
        return lakes.assign(label=lakes["name"].where(lakes["name"].notna() & (lakes["name"] != ""), lakes["lake_id"]))

    @cached_property
    def scenes(self) -> dict[int, tuple[int, ...]]:
        """Scenes by lake, in date order."""
        if not (self.folder / "scenes.parquet").exists():
            return {}
        rows = pd.read_parquet(self.folder / "scenes.parquet", columns=["lake_key", "scene_key", "date"]).sort_values("date")
        return {int(lake): tuple(int(key) for key in keys) for lake, keys in rows.groupby("lake_key")["scene_key"]}

    @cached_property
    def imaged(self) -> list[int]:
        """Lakes that have images; in a pack, those whose images came along."""
        rows = pd.read_parquet(self.folder / "scenes.parquet")
        behind = rows["left_out"] if "left_out" in rows else pd.Series(False, index=rows.index)
        return [lake for lake in self.scenes if (~behind[rows["lake_key"] == lake]).any()]

    @cached_property
    def clear(self) -> dict[int, int]:
        """How many scenes by lake show it without a fault."""
        rows = pd.read_parquet(self.folder / "scenes.parquet", columns=["lake_key", "reason"])
        counted = rows[rows["reason"] == "ok"].groupby("lake_key").size()
        return {int(lake): int(count) for lake, count in counted.items()}

    @cached_property
    def areas(self) -> dict[tuple[int, str], np.ndarray]:
        """(N,) km² by lake and source, ascending."""
        rows = pd.read_parquet(self.folder / "areas.parquet", columns=["lake_key", "source", "area_km2"]).dropna()
        return {
            (int(lake), str(source)): np.sort(part.to_numpy()) for (lake, source), part in rows.groupby(["lake_key", "source"])["area_km2"]
        }

    def label(self, lake: int) -> str:
        """What a person calls a lake."""
        return str(self.lakes.at[lake, "label"])

    def row(self, lake: int) -> int:
        """Its row in the columns that the browser gets."""
        return int(self.lakes.index.get_loc(lake))

    def in_basin(self, basin: str) -> int:
        """How many lakes are in a basin."""
        return int((self.lakes["basin"] == basin).sum())

    def in_box(self, west: float, south: float, east: float, north: float) -> int:
        """How many lakes lie in a box, degrees."""
        lon, lat = self.lakes["lon"], self.lakes["lat"]
        return int((lon.between(west, east) & lat.between(south, north)).sum())
