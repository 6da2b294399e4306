"""`StoredAreas`: what a dataset says of areas, whether it has them in one file or in parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from data.area_counts import AreaCounts
from data.area_table import AreaTable, Told
from data.cache import fingerprint
from data.commit import current
from data.dataset_files import Signature, require_unchanged
from data.errors import InputError
from data.leaving_out import LeftOut
from data.parts.areas import PartedAreas
from data.parts.blocks import BlockReader
from data.parts.index import is_parted
from data.records import DatasetMeta, TrendSettings

LAKES_AT_ONCE = 25_000
"""Whose rows are read together where all are wanted."""
CLOSE = 1e-9
"""Within this two thresholds are one: a link may have rounded it."""


class StoredAreas:
    """The areas of `data.store.Store`, which opens them."""

    path: Path
    meta: DatasetMeta
    digests: dict[str, str]
    signature: Signature
    left_out: LeftOut

    @cached_property
    def lake_keys(self) -> np.ndarray:
        """(L,) int32, ascending."""
        raise NotImplementedError

    def _as_opened(self, name: str) -> pa.Table:
        raise NotImplementedError

    @cached_property
    def _areas(self) -> AreaTable:
        path = current(self.path, "areas.parquet")
        if is_parted(path):
            return PartedAreas(path, self.meta.thresholds, lambda: require_unchanged(self.path, "areas", self.signature))
        return AreaTable(lambda: self._as_opened("areas"), self.meta.thresholds)

    @property
    def area_rows(self) -> pd.DataFrame:
        """The rows of `areas` that series and trends use, ordered by lake_key, source, date: one threshold of each source."""
        return self._areas.rows

    @cached_property
    def area_counts(self) -> AreaCounts:
        """What is counted over `area_rows`."""
        return self._areas.counts

    @property
    def threshold_rows(self) -> pd.DataFrame:
        """The rows of `areas` at every threshold of every segmenter, ordered by lake_key, source, date, threshold."""
        return self._areas.every

    @property
    def thresholds(self) -> dict[str, tuple[float, ...]]:
        """Source → the thresholds at which its areas are known, ascending; sources without probabilities are not in it."""
        return self._areas.thresholds

    def threshold(self, source: str, wanted: float | None = None) -> float:
        """The threshold in use for a source: the stored one nearest to the wanted one (None: the dataset's own for the source)."""
        return self._areas.threshold(source, wanted)

    def at_threshold(self, settings: TrendSettings, threshold: float | None) -> TrendSettings:
        """The same settings at another threshold (None: the dataset's own), written in the one way that caches and links know.

        Raises:
            InputError: The source has no probabilities, or no areas at that threshold.
        """
        if threshold is None:
            return replace(settings, threshold=None)
        held = self.thresholds.get(settings.source)
        if not held:
            raise InputError(f"{settings.source!r} has no probabilities, hence no threshold", "choose a segmenter as source")
        nearest = self.threshold(settings.source, threshold)
        if not abs(threshold - nearest) < CLOSE:
            known = ", ".join(f"{each:g}" for each in held)
            raise InputError(f"{settings.source!r} has no areas at probability > {threshold:g}", f"use one of {known}")
        return replace(settings, threshold=None if nearest == self.threshold(settings.source) else nearest)

    def rows_of(self, settings: TrendSettings) -> pd.DataFrame:
        """The rows of `areas` that series and trends use under these settings, at least those of their source; ordered as `area_rows`."""
        return self.left_out.told(self._areas.at(settings.source, settings.threshold), settings.without, keep=not self.parted)

    def areas(self, lake_key: int, settings: TrendSettings | None = None) -> pd.DataFrame:
        """The area rows of one lake, every source, in date order within a source; the source of `settings` at their threshold."""
        if settings is None:
            return self._areas.of_lake(lake_key, "", None)
        return self.left_out.told(self._areas.of_lake(lake_key, settings.source, settings.threshold), settings.without)

    def areas_by_threshold(self, lake_key: int, source: str) -> pd.DataFrame:
        """The area rows of one lake at every threshold of a segmenter, ordered by date and threshold."""
        return self._areas.by_threshold(lake_key, source)

    def area_rows_of(self, lake_keys: np.ndarray, settings: TrendSettings) -> pd.DataFrame:
        """The area rows of neighbouring lakes (`lake_keys` ascending, a run of `self.lake_keys`) by the source under test."""
        return self.left_out.told(self._areas.of_lakes(lake_keys, settings.source, settings.threshold), settings.without)

    def rows_of_lakes(self, lake_keys: Sequence[int] | np.ndarray, settings: TrendSettings) -> pd.DataFrame:
        """The area rows of some lakes, in any order and anywhere, by the source under test; ordered by lake_key and date."""
        keys = np.unique(np.asarray(lake_keys, dtype=np.int32))
        return self.left_out.told(self._areas.of_some(keys, settings.source, settings.threshold), settings.without)

    def observations(self, source: str) -> int:
        """How many area rows a source has at the dataset's own threshold."""
        return self._areas.observations(source)

    def row_blocks(self, settings: TrendSettings, columns: Sequence[str] | None = None) -> Iterator[pd.DataFrame]:
        """All area rows by the source under test, so many lakes at a time where the areas are in parts; ordered by lake_key and date.

        Args:
            settings: As ever.
            columns: Those wanted, with lake_key, date and source; None: all. Texts may be categories.
        """
        reads = self.block_reader(settings)
        if reads is None:
            rows = self.rows_of(settings)
            yield rows.loc[(rows["source"] == settings.source).to_numpy(dtype=bool)]
            return
        for start in range(0, len(self.lake_keys), LAKES_AT_ONCE):
            yield reads.rows(self.lake_keys[start : start + LAKES_AT_ONCE], columns if columns is None else ("lake_key", *columns))

    def newest_areas(self, source: str, threshold: float | None = None, without: str = "") -> np.ndarray:
        """(L,) km²: each lake's newest area by this source whose reason is `ok`, NaN where there is none; row order of `lakes`."""
        bad = frozenset(key for key, _, _ in self.left_out.named(without))
        told = Told(without, partial(self.left_out.told, digest=without, keep=not self.parted), bad) if bad else None
        return self._areas.newest(source, threshold, self.lake_keys, told)

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """Who made the areas: inventories and segmenters, the dataset's default first."""
        return tuple(sorted(self._areas.sources, key=lambda name: (name != self.meta.default_source, name)))

    @cached_property
    def parted(self) -> bool:
        """Whether the areas are in parts: then nothing should ask for all of their rows."""
        return isinstance(self._areas, PartedAreas)

    def block_reader(self, settings: TrendSettings) -> BlockReader | None:
        """What reads the rows of blocks of lakes, here or in a worker; None where they are not in parts."""
        if not isinstance(self._areas, PartedAreas):
            return None
        own, named = tuple(sorted(self.meta.thresholds.items())), self.left_out.named(settings.without)
        return BlockReader(self._areas.parts.folder.absolute(), self.digests["areas.parquet"], own, settings, named)

    @property
    def areas_digest(self) -> str:
        """What trends rest on: the area rows, and the thresholds chosen among them."""
        held, chosen = self.digests["areas.parquet"], sorted(self.meta.thresholds.items())
        return fingerprint(held, repr(chosen)) if chosen else held
