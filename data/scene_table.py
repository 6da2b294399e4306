"""`SceneTable`: which images and masks a dataset has, looked up by key; a path is never taken from anywhere else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.commit import current
from data.records import Scene
from data.schema import inside

OUTSIDE = "a path that leaves the dataset"
"""Stands for one: there is no such file, so it is reported as missing; `python -m data check` names the row."""
LEFT_OUT = "left_out"
"""Column of `scenes` in a pack: whether the files of the scene stayed behind."""
LABEL = "label"
"""The source of truth or reference masks."""


class SceneTable:
    """The scenes and masks of a dataset. Never change what it hands out.

    Args:
        folder: The dataset.
        scenes: Its `scenes` table.
        masks: Its `masks` table.
        bands: Sensor → names of its bands, as `dataset.toml` has them.
    """

    def __init__(self, folder: Path, scenes: pd.DataFrame, masks: pd.DataFrame, bands: dict[str, list[str]]) -> None:
        self._folder = folder
        self._bands = bands
        self._made: dict[int, Scene] = {}
        self._rows, self._mask_rows = in_scene_order(scenes), in_mask_order(masks)

    @property
    def rows(self) -> pd.DataFrame:
        """All rows of `scenes`, by lake, date and scene_key, what is empty last."""
        return self._rows

    @property
    def mask_rows(self) -> pd.DataFrame:
        """All rows of `masks`, by scene_key and source."""
        return self._mask_rows

    def rows_of(self, lake_keys: Sequence[int] | NDArray[np.integer], columns: Sequence[str]) -> pd.DataFrame:
        """lake_key and other columns of the scenes of some lakes, in the order of `rows`."""
        mine = self.rows.loc[np.isin(self.rows["lake_key"], np.asarray(lake_keys)), ["lake_key", *columns]]
        return mine.reset_index(drop=True).astype({"lake_key": "int32"})

    @cached_property
    def _row_of_key(self) -> dict[int, int]:
        return {int(key): row for row, key in enumerate(self.rows["scene_key"])}

    @cached_property
    def _rows_of_lake(self) -> dict[int, list[int]]:
        held: dict[int, list[int]] = {}
        for row, lake in enumerate(self.rows["lake_key"]):
            if not pd.isna(lake):
                held.setdefault(int(lake), []).append(row)
        return held

    @property
    def left_out(self) -> np.ndarray:
        """(S,) bool: the rows whose files stayed behind when the dataset was packed."""
        return self._left_out

    @cached_property
    def _left_out(self) -> np.ndarray:
        return left_out_of(self._rows)

    @cached_property
    def _masks_of(self) -> dict[int, dict[str, str]]:
        held: dict[int, dict[str, str]] = {}
        for key, source, path in zip(self.mask_rows["scene_key"], self.mask_rows["source"], self.mask_rows["path"], strict=True):
            held.setdefault(int(key), {})[str(source)] = str(path)
        return held

    @property
    def sources(self) -> tuple[str, ...]:
        """Who made the masks, in alphabetical order; a source's place in it is its number in addresses of images."""
        return self._sources

    @cached_property
    def _sources(self) -> tuple[str, ...]:
        return tuple(sorted(set(self._mask_rows["source"])))

    @cached_property
    def lakes(self) -> np.ndarray:
        """(K,) int32: keys of the lakes that have scenes, ascending; in a pack, of those of which one came along."""
        return np.array(sorted(key for key, rows in self._rows_of_lake.items() if not self.left_out[rows].all()), dtype=np.int32)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Scene]:
        """Every scene, by lake and date."""
        return map(self._scene, range(len(self.rows)))

    def of_lake(self, lake_key: int | None) -> list[Scene]:
        """The scenes of a lake in date order, undated ones last; none where it has none."""
        return [self._scene(row) for row in self._rows_of_lake.get(lake_key, ())] if lake_key is not None else []

    def scene(self, scene_key: int) -> Scene | None:
        """The scene of that key, None where there is none."""
        row = self._row_of_key.get(scene_key)
        return None if row is None else self._scene(row)

    def _scene(self, row: int) -> Scene:
        """Made once: a row taken out of a frame costs 0.6 ms, and every image asks for all dates of its lake."""
        if row not in self._made:
            self._made[row] = self._record(row)
        return self._made[row]

    def _record(self, row: int) -> Scene:
        held: dict[str, Any] = self.rows.iloc[row].to_dict()
        key, sensor = int(held["scene_key"]), _text(held["sensor"])
        return Scene(
            scene_key=key,
            lake_key=None if pd.isna(held["lake_key"]) else int(held["lake_key"]),
            date=None if pd.isna(held["date"]) else held["date"].date(),
            sensor=sensor,
            bands=tuple(name.lower() for name in self._bands.get(sensor, ())),
            path=self._place(held["path"]),
            pixel_m=float(held["pixel_m"]) if pd.notna(held["pixel_m"]) else float("nan"),
            valid_share=float(held["valid_share"]) if pd.notna(held["valid_share"]) else float("nan"),
            reason=_text(held["reason"]),
            split=_text(held["split"]),
            dem=self._place(held["dem"]) if _text(held["dem"]) else None,
            masks={source: self._place(path) for source, path in self._masks_of.get(key, {}).items()},
            left_out=bool(self._left_out[row]),
        )

    def _place(self, path: str) -> Path:
        if not inside(path):
            # A dataset may come from anybody: what lies beside it is not its own to show.
            return self._folder.absolute() / OUTSIDE
        return current(self._folder, path).absolute()


def in_scene_order(scenes: pd.DataFrame) -> pd.DataFrame:
    """Rows of `scenes` by lake, date and scene_key, what is empty last; numbered from 0."""
    order = scenes.assign(_lake=scenes["lake_key"].astype("float64"))
    return order.sort_values(["_lake", "date", "scene_key"], ignore_index=True, kind="stable").drop(columns="_lake")


def in_mask_order(masks: pd.DataFrame) -> pd.DataFrame:
    """Rows of `masks` by scene_key and source; numbered from 0."""
    return masks.sort_values(["scene_key", "source"], ignore_index=True, kind="stable")


def left_out_of(scenes: pd.DataFrame) -> np.ndarray:
    """(S,) bool: the rows of `scenes` whose files stayed behind; an empty cell says no such thing."""
    if LEFT_OUT not in scenes:
        return np.zeros(len(scenes), dtype=bool)
    return np.array([said is True for said in scenes[LEFT_OUT].tolist()], dtype=bool)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
