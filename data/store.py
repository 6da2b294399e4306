"""`Store`: a dataset folder, opened read-only. What it works out is cached in memory and under the state folder."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from data import schema
from data.area_table import of_lake, ordered
from data.cache import fingerprint, give_back
from data.commit import current
from data.dataset_files import Signature, changed, read_current, require_usable, settled, table_files, unchanged
from data.errors import DatasetError
from data.flags import FLAGS
from data.flags.by_blocks import flags_by_blocks
from data.flags.cache import FlagCache
from data.flags.sensor import SensorTest, sensor_test
from data.flags.table import flag_table, lake_seen
from data.floods.history import FloodHistory
from data.lake_names import LakeNames
from data.leaving_out import LeftOut
from data.meta import plain_meta, read_meta
from data.newest_outlines import NewestOutlines
from data.parts.index import table_digest
from data.parts.reading import parts_head
from data.parts.scenes import opened_scenes
from data.plain_text import plain_table
from data.records import TrendSettings, TrendTable
from data.scene_table import SceneTable
from data.spreading import Alone, Hands
from data.stored_areas import StoredAreas
from data.trends import Method, resolve
from data.trends.by_blocks import Told, table_by_blocks, unheard
from data.trends.cache import TrendCache
from data.trends.series import require_source
from data.triage.cache import Triages

LAKES_HELD = 4_096
"""Lakes of which the test of the sensor switch is kept."""


class Store(StoredAreas):
    """One dataset. Everything handed out is shared between sessions: never change it in place.

    Args:
        folder: The dataset folder.
        state_dir: Where trend tables may be kept (None: memory only).

    `lakes` has one row a lake in lake_key order, without geometry; a lake's row number is its index there.

    Raises:
        DatasetError: The folder is no dataset, or `lakes` or `areas` is damaged or breaks the schema so that nothing can work with it.
    """

    def __init__(self, folder: Path, state_dir: Path | None = None) -> None:
        self.path = folder
        self.signature: Signature = ()
        self._lock = threading.RLock()
        self._trends = TrendCache(folder / "trends", state_dir)
        self._flags = FlagCache(FLAGS, state_dir)
        self._flags_lock = threading.Lock()
        self.left_out = LeftOut()
        # 3 ms, and asked for by each view of a lake: kept for the lakes that visits look at.
        self._sensor_test = lru_cache(maxsize=LAKES_HELD)(lambda key, asked: sensor_test(lake_seen(self.areas(key, asked), key, asked)))
        self.signature = settled(folder, self._look)
        give_back()
        self.digest = fingerprint(*(part for pair in sorted(self.digests.items()) for part in pair))

    def _look(self) -> None:
        self.meta = plain_meta(read_meta(self.path))
        self.digests = {path.name: table_digest(path) for path in table_files(self.path)}
        self.lakes = _frame(self.path, require_usable(self.path, self._rows_to_check))

    def _rows_to_check(self, name: str) -> pa.Table:
        """All rows of a table, and of one in parts the columns alone: its rows were checked where parts were written."""
        head = parts_head(current(self.path, f"{name}.parquet"))
        return read_current(self.path, f"{name}.parquet") if head is None else head

    @property
    def unkept(self) -> str:
        """Why what was worked out last could not be kept under the state folder; empty where it could, or where there is to be none."""
        return max(self._trends.kept, self._flags.kept, key=lambda kept: kept.tried).trouble

    def table(self, name: str) -> pa.Table:
        """One table as it is on disk, pages verified and texts plain (data.plain_text); empty where the dataset has none."""
        path = current(self.path, f"{name}.parquet")
        there = path.exists() or name in {"lakes", "areas"} or path.name in (known for known, *_ in self.signature)
        return plain_table(read_current(self.path, f"{name}.parquet")) if there else schema.empty(name)

    def _as_opened(self, name: str) -> pa.Table:
        """A table that others rest on: read later than the digest that names what rests on it, so it must still be the one."""
        return unchanged(self.path, name, self.signature, self.table(name))

    @cached_property
    def lake_keys(self) -> np.ndarray:
        """(L,) int32, ascending."""
        return self.lakes["lake_key"].to_numpy(dtype=np.int32)

    def row_of(self, lake_key: int) -> int | None:
        """The row of a lake in `lakes`, None where there is no such lake."""
        keys = self.lake_keys
        row = bisect_left(keys, lake_key)  # asked for dozens of times a click; numpy's lets go of the interpreter, which others then take
        return row if row < len(keys) and keys[row] == lake_key else None

    @cached_property
    def names(self) -> LakeNames:
        """What the lakes are called, and the lakes that a text means."""
        return LakeNames(self.lakes)

    @property
    def ids(self) -> Sequence[str]:
        """Each lake's id, empty where it has none; in the row order of `lakes`."""
        return self.names.ids

    @property
    def labels(self) -> Sequence[str]:
        """What a person calls each lake: its name, else its id, else its key; a long one cut. In the row order of `lakes`."""
        return self.names.labels

    @cached_property
    def extra_columns(self) -> list[str]:
        """Columns of `lakes` that the schema does not name: kept from the input under their own names."""
        return [name for name in self.lakes.columns if name not in schema.TABLES["lakes"].columns]

    @cached_property
    def scenes(self) -> SceneTable:
        """The images and masks; those in parts are read lake by lake.

        Raises:
            DatasetError: A table is damaged, or masks in parts are in order of other scenes.
        """
        return opened_scenes(self.path, self.meta.sensors, self.table, self.signature)

    @cached_property
    def outline_rows(self) -> pd.DataFrame:
        """All outlines (WKB in lon/lat), ordered by lake_key, source, date."""
        return ordered(self.table("outlines").to_pandas(date_as_object=False), ["lake_key", "source", "date"])

    def outlines(self, lake_key: int) -> pd.DataFrame:
        """The outlines of one lake, every source, in date order within a source."""
        return of_lake(self.outline_rows, lake_key)

    @cached_property
    def event_rows(self) -> pd.DataFrame:
        """All events, ordered by lake_key and date."""
        return ordered(self.table("events").to_pandas(date_as_object=False), ["lake_key", "date"])

    @cached_property
    def floods(self) -> FloodHistory:
        """The outburst floods among the events."""
        return FloodHistory(self.event_rows, self.lake_keys)

    def events(self, lake_key: int) -> pd.DataFrame:
        """The events of one lake, in date order."""
        return of_lake(self.event_rows, lake_key)

    @cached_property
    def newest_outlines(self) -> Sequence[bytes | None]:
        """WKB of each lake's newest outline (lon/lat), in the row order of `lakes`."""
        return NewestOutlines(self.path)

    def settings(self) -> TrendSettings:
        """The settings that the dataset opens with."""
        return TrendSettings(season=self.meta.season, source=self.sources[0] if self.sources else "")

    def trends(self, settings: TrendSettings, hands: Hands | None = None, told: Told = unheard) -> TrendTable:
        """The trend table for these settings, fitted unless a cache holds it.

        Args:
            settings: As ever.
            hands: Who does the work where the areas are in parts; None: this process.
            told: Hears how far it is, where they are in parts.
        """
        method = resolve(settings)
        key = self._trends.key(self.areas_digest, self.digests["lakes.parquet"], settings, method)
        if (held := self._trends.get(key)) is not None:  # without the lock: who asks for what is there does not wait for a fit
            return held
        with self._lock:
            held = self._trends.get(key)
            if held is None:
                held = self._fitted(method, settings, hands, told)
                self._trends.put(key, held)
        return held

    def _fitted(self, method: Method, settings: TrendSettings, hands: Hands | None, told: Told) -> TrendTable:
        reads = self.block_reader(settings)
        if reads is None:
            return method.table(self.rows_of(settings), self.lakes, settings)
        require_source(settings, self.sources)
        return table_by_blocks(method, self.lakes, reads, hands or Alone(), told)

    @cached_property
    def triage(self) -> Triages:
        """What each lake's trend most likely is: `store.triage(settings)`, one row a lake in the row order of `lakes`."""
        return Triages(self, self._areas)

    def lake_trends(self, lake_key: int, settings: TrendSettings, shared: dict[str, list[float]] | None = None) -> TrendTable:
        """The trend table of one lake alone, fitted anew (3 ms): its statistics are those of the whole table, its q is its p.

        Args:
            lake_key: The lake.
            settings: As ever.
            shared: `TrendTable.shared` of a table of all lakes: what the method found over all of them.
        """
        rows = self.areas(lake_key, settings)
        mine = rows.loc[(rows["source"] == settings.source).to_numpy(dtype=bool)]
        return resolve(settings).table(mine, self.lakes.loc[self.lakes["lake_key"] == lake_key], settings, shared)

    def trends_held(self, settings: TrendSettings) -> TrendTable | None:
        """The trend table if a cache holds it, else None; never fits."""
        return self._trends.get(self._trends.key(self.areas_digest, self.digests["lakes.parquet"], settings, resolve(settings)))

    def shared_held(self, settings: TrendSettings) -> dict[str, list[float]] | None:
        """What a method learnt from all lakes, of a table that a cache holds, else None; in a millisecond."""
        return self._trends.shared(self._trends.key(self.areas_digest, self.digests["lakes.parquet"], settings, resolve(settings)))

    def flags(self, settings: TrendSettings, hands: Hands | None = None) -> pd.DataFrame:
        """What there is to know of series beside their trends (`data.flags.table.flag_table`), found unless a cache holds it.

        One row a finding: lake_key, kind (`data.flags.FLAGS`), date, value, words; ordered by lake_key. Method and response do not matter.

        Args:
            settings: As ever.
            hands: As for `trends`.
        """
        with self._flags_lock:  # its own: who asks for trends meanwhile does not wait
            held = self.flags_held(settings)
            if held is None:
                held = self._found(settings, hands or Alone())
                if not changed(self.path, "events.parquet", self.signature):
                    self._flags.put(self._flags_key(settings), held)
        return held

    def _found(self, settings: TrendSettings, hands: Hands) -> pd.DataFrame:
        reads = self.block_reader(settings)
        if reads is None:
            return flag_table(FLAGS, self.rows_of(settings), self.lakes, self.event_rows, settings)
        return flags_by_blocks(list(FLAGS), self.lakes, self.event_rows, reads, hands)

    def flags_held(self, settings: TrendSettings) -> pd.DataFrame | None:
        """The flags if a cache holds them, else None; never looks for any."""
        return self._flags.get(self._flags_key(settings))

    def sensor_test(self, lake_key: int, settings: TrendSettings) -> SensorTest | None:
        """The step of one lake's level at the switch to its newest sensor; None where there is none to test."""
        return self._sensor_test(lake_key, settings)

    def _flags_key(self, settings: TrendSettings) -> str:
        return self._flags.key(self.areas_digest, self.digests["lakes.parquet"], self.digests.get("events.parquet", ""), settings)


def _frame(folder: Path, lakes: pa.Table) -> pd.DataFrame:
    try:
        # In one piece: of texts in many, as row groups leave them, a single one costs a copy of all.
        return ordered(plain_table(lakes).combine_chunks().to_pandas(), ["lake_key"])
    except (pa.ArrowException, ValueError, OverflowError) as error:  # e.g. a column of days of the year 12000
        raise DatasetError(f"{folder / 'lakes.parquet'} cannot be held: {error}", schema.see_all(folder)) from error
