"""`PartedScenes`: the scenes and masks of a dataset that has them in parts: those of a lake are read when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from data.area_table import decoded
from data.bounded import Bounded
from data.commit import current
from data.dataset_files import Signature, require_unchanged, unchanged
from data.errors import DatasetError
from data.parts.index import Index, is_parted
from data.parts.keys import SceneKeys, keys_digest, read_lakes
from data.parts.reading import Parts
from data.plain_text import plain, plain_table
from data.records import Scene
from data.scene_table import SceneTable, in_mask_order, in_scene_order, left_out_of

LAKES_BYTES = 64 * 2**20
"""Of the scenes of lakes that were looked at last."""
SCENE_BYTES = 4096
"""Of a scene with its masks, about, once it has been made (`data.records.Scene`)."""
NO_KEYS = np.empty(0, dtype=np.int64)


class WholeMasks:
    """Masks in one file, which is held.

    Args:
        read: Reads it.
    """

    def __init__(self, read: Callable[[], pa.Table]) -> None:
        self._read = read

    @cached_property
    def _opened(self) -> tuple[pa.Table, NDArray[np.int64]]:
        table = self._read().sort_by([("scene_key", "ascending"), ("source", "ascending")])
        return table, table.column("scene_key").to_numpy().astype(np.int64)

    @property
    def table(self) -> pa.Table:
        """All rows."""
        return self._opened[0]

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """Who made them, in alphabetical order."""
        return tuple(sorted(self.table.column("source").unique().to_pylist()))

    def of(self, first_lake: int, last_lake: int, scene_keys: NDArray[np.integer]) -> pa.Table:
        """Those of some scenes (`scene_keys` ascending) of lakes from the first to the last."""
        table, keys = self._opened
        low, high = (np.searchsorted(keys, scene_keys, side=side) for side in ("left", "right"))
        places = [np.arange(begin, end) for begin, end in zip(low.tolist(), high.tolist(), strict=True)]
        return table.take(pa.array(np.concatenate([NO_KEYS, *places])))


class PartedMasks:
    """Masks in parts, in order of the lakes of their scenes.

    Args:
        parts: The table.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.sources = tuple(sorted({plain(source) for source in self._parts.index.summary["sources"]}))

    @property
    def table(self) -> pa.Table:
        """All rows, read anew."""
        return plain_table(self._parts.all_rows())

    def of(self, first_lake: int, last_lake: int, scene_keys: NDArray[np.integer]) -> pa.Table:
        """As `WholeMasks.of`."""
        return plain_table(self._parts.of_keys(first_lake, last_lake, scene_keys))


class PartedScenes(SceneTable):
    """The scenes, in parts. Never change what it hands out.

    `rows`, `mask_rows` and `left_out` read all of them anew each time, and a walk over all scenes reads part after part: they are for
    commands, and for datasets that are not too large (`data.at_once`). The app asks by lakes and keys.

    Args:
        folder: The dataset.
        parts: The table `scenes`.
        masks: The table `masks`.
        bands: Sensor → names of its bands, as `dataset.toml` has them.
        same: Raises DatasetError where a table is no longer the one that was opened.
    """

    def __init__(
        self, folder: Path, parts: Parts, masks: WholeMasks | PartedMasks, bands: dict[str, list[str]], same: Callable[[], object]
    ) -> None:
        super().__init__(folder, _frame(parts.schema.empty_table()), _frame(masks.of(1, 0, NO_KEYS)), bands)
        self._parts, self._masks, self._same = parts, masks, same
        self._keys = SceneKeys(parts.folder, parts.index.summary["keys"], same)
        # By lake, and by row group (from the left) of scenes of no lake.
        self._held = Bounded[SceneTable](LAKES_BYTES, lambda held: SCENE_BYTES * (1 + len(held)))

    @property
    def held_bytes(self) -> int:
        """About how much of them is in memory."""
        return self._held.bytes + self._keys.held_bytes

    @property
    def _index(self) -> Index:
        return self._parts.index

    def __len__(self) -> int:
        return self._index.rows

    def __iter__(self) -> Iterator[Scene]:
        """See `SceneTable`: a row group at a time is in memory."""
        for number in range(len(self._index.groups)):
            yield from self._group(number)

    @property
    def rows(self) -> pd.DataFrame:
        """See `SceneTable`."""
        self._same()
        return in_scene_order(_frame(self._parts.all_rows()))

    @property
    def mask_rows(self) -> pd.DataFrame:
        """See `SceneTable`."""
        self._same()
        return in_mask_order(_frame(self._masks.table))

    @property
    def left_out(self) -> np.ndarray:
        """See `SceneTable`."""
        return left_out_of(self.rows)

    @property
    def sources(self) -> tuple[str, ...]:
        """See `SceneTable`."""
        return self._masks.sources

    @cached_property
    def lakes(self) -> np.ndarray:
        """See `SceneTable`."""
        self._same()
        return read_lakes(self._parts.folder, self._index.summary["lakes"])

    def of_lake(self, lake_key: int | None) -> list[Scene]:
        """See `SceneTable`."""
        return [] if lake_key is None else self._lake(lake_key).of_lake(lake_key)

    def scene(self, scene_key: int) -> Scene | None:
        """See `SceneTable`."""
        found = self._keys.find(scene_key)
        if found is None:
            return None
        lake_key, row = found
        if lake_key is not None:
            return self._lake(lake_key).scene(scene_key)
        number = int(np.searchsorted(self._index.ends, row, side="right"))
        return self._held.made(("group", number), lambda: self._group(number)).scene(scene_key)

    def rows_of(self, lake_keys: Sequence[int] | NDArray[np.integer], columns: Sequence[str]) -> pd.DataFrame:
        """See `SceneTable`: of each part those row groups are read that hold one of the lakes."""
        self._same()
        found = [self._parts.schema.empty_table().select(["lake_key", *columns])]
        for run in self._index.runs(np.unique(np.asarray(lake_keys, dtype=np.int64))):
            if len(run):
                table = self._parts.of_lakes(int(run[0]), int(run[-1]), columns)
                found.append(table.filter(pa.array(np.isin(table.column("lake_key").to_numpy(), run))))
        frames = [_frame(table) for table in found if len(table)] or [_frame(found[0])]
        return pd.concat(frames, ignore_index=True).astype({"lake_key": "int32"})

    def _lake(self, lake_key: int) -> SceneTable:
        return self._held.made(lake_key, lambda: self._block(lambda: self._parts.of_lakes(lake_key, lake_key), lake_key, lake_key))

    def _group(self, number: int) -> SceneTable:
        first, last = self._index.span(number)
        return self._block(lambda: self._parts.group(number), first, last)

    def _block(self, read: Callable[[], pa.Table], first_lake: int, last_lake: int) -> SceneTable:
        """Scenes of lakes from the first to the last, with their masks."""
        self._same()
        rows = read()
        masks = self._masks.of(first_lake, last_lake, np.sort(rows.column("scene_key").to_numpy()))
        return SceneTable(self._folder, _frame(rows), _frame(masks), self._bands)


def _frame(table: pa.Table) -> pd.DataFrame:
    return decoded(plain_table(table))


def opened_scenes(folder: Path, bands: dict[str, list[str]], table: Callable[[str], pa.Table], signature: Signature) -> SceneTable:
    """The scenes and masks of a dataset.

    Args:
        folder: The dataset.
        bands: As for `SceneTable`.
        table: Reads a table whole, by name.
        signature: Of the dataset, when it was opened.

    Raises:
        DatasetError: A table is damaged, or masks in parts are in order of other scenes.
    """
    digest = keys_digest(current(folder, "scenes.parquet"))
    if not digest:  # in one file, or in parts as they were written before scenes were found by key
        scenes, masks = (table(name).to_pandas(date_as_object=False) for name in ("scenes", "masks"))
        return SceneTable(folder, scenes, masks, bands)

    def held() -> WholeMasks | PartedMasks:
        path = current(folder, "masks.parquet")
        if not is_parted(path):
            return WholeMasks(lambda: unchanged(folder, "masks", signature, table("masks")))
        parts = Parts(path)
        if parts.index.summary.get("scenes") != digest:
            remedy = f"put them in order by `python -m data partition {folder} --table masks`"
            raise DatasetError(f"{path} lies in order of the lakes of other scenes", remedy)
        return PartedMasks(parts)

    def same() -> None:
        for name in ("scenes", "masks"):
            require_unchanged(folder, name, signature)

    return PartedScenes(folder, Parts(current(folder, "scenes.parquet")), held(), bands, same)
