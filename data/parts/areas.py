"""`PartedAreas`: the areas of a dataset that has them in parts: rows of a lake are read when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import compute

from data.area_counts import AreaCounts
from data.area_table import DIGESTS, ORDER, AreaTable, Told, chosen_rows, decoded, ordered
from data.bounded import Bounded
from data.parts.newest import read_newest
from data.parts.reading import Parts
from data.parts.summary import Entry, counts_of
from data.plain_text import plain_table

LAKES_BYTES = 16 * 2**20
"""Of the rows of lakes that were looked at last."""
NEWEST_BYTES = 64 * 2**20
ALL = 2**31 - 1


class PartedAreas(AreaTable):
    """The area rows, in parts. Never change what it hands out.

    `rows`, `every` and `at` read all of them anew each time, and are for commands; the app asks by lakes.

    Args:
        folder: The table.
        own: Source → the threshold that the dataset chose for it.
        same: Raises DatasetError where the table is no longer the one that was opened.
    """

    def __init__(self, folder: Path, own: dict[str, float], same: Callable[[], object]) -> None:
        super().__init__(lambda: self.parts.of_lakes(0, ALL), own)
        self.parts = Parts(folder)
        self.entries = [Entry.of(each) for each in self.parts.index.summary["entries"]]
        self._same = same
        self._lakes = Bounded[pa.Table](LAKES_BYTES, lambda table: table.nbytes + 4096)
        self._areas = Bounded[np.ndarray](NEWEST_BYTES, lambda values: values.nbytes)

    @property
    def rows(self) -> pd.DataFrame:
        """See `AreaTable`."""
        return ordered(decoded(self._own_rows(self._between(0, ALL))), ORDER)

    @property
    def sources(self) -> tuple[str, ...]:
        """See `AreaTable`."""
        return tuple(sorted({entry.source for entry in self.entries}))

    @property
    def _own_entries(self) -> list[Entry]:
        return [each for each in self.entries if each.threshold is None or each.threshold == self.threshold(each.source)]

    def observations(self, source: str) -> int:
        """See `AreaTable`."""
        return sum(each.rows for each in self._own_entries if each.source == source)

    @cached_property
    def counts(self) -> AreaCounts:
        """See `AreaTable`."""
        return counts_of(self._own_entries)

    @property
    def every(self) -> pd.DataFrame:
        """See `AreaTable`."""
        table = self._between(0, ALL)
        return decoded(_without_digests(table.filter(table.column("threshold").is_valid())))

    @cached_property
    def thresholds(self) -> dict[str, tuple[float, ...]]:
        """See `AreaTable`."""
        found: dict[str, list[float]] = {}
        for entry in self.entries:
            if entry.threshold is not None:
                found.setdefault(entry.source, []).append(entry.threshold)
        return {source: tuple(sorted(values)) for source, values in found.items()}

    def at(self, source: str, threshold: float | None) -> pd.DataFrame:
        """See `AreaTable`."""
        return self.rows if threshold is None else self.of_lakes(np.array([0, ALL]), source, threshold)

    def of_lake(self, lake_key: int, source: str, threshold: float | None) -> pd.DataFrame:
        """See `AreaTable`."""
        rows = self._own_rows(self._of_lake(lake_key), {source: self.threshold(source, threshold)} if threshold is not None else {})
        return ordered(decoded(rows), ORDER)

    def of_lakes(self, lake_keys: np.ndarray, source: str, threshold: float | None) -> pd.DataFrame:
        """See `AreaTable`."""
        return decoded(self.block(lake_keys, source, threshold))

    def of_some(self, lake_keys: np.ndarray, source: str, threshold: float | None) -> pd.DataFrame:
        """See `AreaTable`: of each part those row groups are read that hold one of them."""
        runs = [run for run in self.parts.index.runs(lake_keys) if len(run)]
        rows = [self.block(run[[0, -1]], source, threshold) for run in runs]
        kept = [table.filter(pa.array(np.isin(table.column("lake_key").to_numpy(), run))) for table, run in zip(rows, runs, strict=True)]
        return decoded(pa.concat_tables(kept) if kept else self.block(lake_keys[:0], source, threshold))

    def block(self, lake_keys: np.ndarray, source: str, threshold: float | None, columns: Sequence[str] | None = None) -> pa.Table:
        """`of_lakes` as Arrow holds it, texts as categories; some columns of it."""
        if not len(lake_keys):
            return self.parts.schema.empty_table()
        wanted = None if columns is None else [*columns, "source", "threshold", "date"]
        table, pc = self._between(int(lake_keys[0]), int(lake_keys[-1]), wanted), cast(Any, compute)
        mine = table.filter(pc.equal(table.column("source").cast(pa.string()), source))
        mine = self._own_rows(mine, {} if threshold is None else {source: self.threshold(source, threshold)})
        return mine if len(self.entries) == 1 else mine.sort_by([("lake_key", "ascending"), ("date", "ascending")])

    def by_threshold(self, lake_key: int, source: str) -> pd.DataFrame:
        """See `AreaTable`."""
        table, pc = self._of_lake(lake_key), cast(Any, compute)
        mine = pc.and_(pc.equal(table.column("source").cast(pa.string()), source), table.column("threshold").is_valid())
        return decoded(_without_digests(table.filter(mine)))

    def at_thresholds(self, source: str, lake_keys: np.ndarray, thresholds: Sequence[float]) -> pd.DataFrame:
        """See `AreaTable`."""
        low, high = (int(lake_keys[0]), int(lake_keys[-1])) if len(lake_keys) else (1, 0)
        table = _without_digests(self._between(low, high))
        return chosen_rows(table, source, lake_keys, thresholds)

    def newest(
        self,
        source: str,
        threshold: float | None,
        lake_keys: np.ndarray,
        told: Told | None = None,
    ) -> np.ndarray:
        """See `AreaTable`; of the lakes that a set of reviews names the rows are read."""

        def made() -> np.ndarray:
            self._same()
            at = self.threshold(source, threshold) if source in self.thresholds else None
            rows = read_newest(self.parts.folder, source, at, self.parts.index.summary["newest"])
            values, held = np.full(len(lake_keys), np.nan), np.isin(rows["lake_key"].to_numpy(), lake_keys)
            # Of a lake that has several the last one stays.
            values[np.searchsorted(lake_keys, rows["lake_key"].to_numpy()[held])] = rows["area_km2"].to_numpy()[held]
            for key in sorted(told.lake_keys) if told else ():
                mine = self.of_lakes(np.array([key]), source, threshold)
                mine = told.rows(mine) if told else mine
                good = mine.loc[(mine["reason"] == "ok") & mine["area_km2"].notna(), "area_km2"]
                values[lake_keys == key] = good.iloc[-1] if len(good) else np.nan
            return values

        return self._areas.made((source, threshold, told.name if told else ""), made)

    def _of_lake(self, lake_key: int) -> pa.Table:
        return self._lakes.made(lake_key, lambda: self._between(lake_key, lake_key).combine_chunks())

    def _between(self, first_lake: int, last_lake: int, columns: Sequence[str] | None = None) -> pa.Table:
        self._same()
        return plain_table(self.parts.of_lakes(first_lake, last_lake, columns))

    def _own_rows(self, table: pa.Table, other: dict[str, float] | None = None) -> pa.Table:
        """Of each source the rows without threshold, and those at the one of its own, or at another."""
        held = table.column("threshold").to_numpy()
        kept = np.isnan(held)
        if not kept.all():
            source = table.column("source").to_numpy()
            for name in self.thresholds:
                at = (other or {}).get(name, self.threshold(name))
                kept |= (source == name) & (held == at)
        return table if kept.all() else table.filter(pa.array(kept))


def _without_digests(table: pa.Table) -> pa.Table:
    return table.drop_columns([name for name in table.column_names if name in DIGESTS])
