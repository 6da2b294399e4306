"""`AreaTable`: the areas of a dataset, each source at the probability threshold that is asked for."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa

from data.area_counts import AreaCounts, area_counts
from data.trends.series import THRESHOLD, at_thresholds, nearest_threshold

ROWS_HELD, NEWEST_HELD = 4, 64
"""Sources at other thresholds than the dataset's own of which all rows, and the newest areas, are kept."""
DIGESTS = {"mask_record", "record"}
"""Columns of `areas` that nobody asks of rows at other thresholds."""
ORDER = ["lake_key", "source", "date"]
Key = TypeVar("Key")
Held = TypeVar("Held")


@dataclass(frozen=True)
class Told:
    """What gives area rows reasons of its own.

    Args:
        name: Of what it does.
        rows: Does it.
        lake_keys: The lakes to whose rows it does anything.
    """

    name: str
    rows: Callable[[pd.DataFrame], pd.DataFrame]
    lake_keys: frozenset[int]


class AreaTable:
    """The area rows. Never change what it hands out.

    Args:
        read: Reads the `areas` table; called once, so that all of it is of one moment: the file may change while a visit lasts.
        own: Source → the threshold that the dataset chose for it (`DatasetMeta.thresholds`).
    """

    def __init__(self, read: Callable[[], pa.Table], own: dict[str, float]) -> None:
        self._read = read
        self._own = own
        self._lock = threading.RLock()
        self._at: OrderedDict[tuple[str, float], pd.DataFrame] = OrderedDict()
        self._newest: OrderedDict[tuple[str, float | None, str], np.ndarray] = OrderedDict()

    @cached_property
    def _opened(self) -> tuple[pd.DataFrame, pa.Table]:
        """`rows`, and the rows at every threshold as Arrow holds them: at 60 bytes a row a fifth of what a frame would take."""
        with self._lock:
            table = self._read()
            frame = table.to_pandas(date_as_object=False)
            probable = table.filter(table.column("threshold").is_valid())
            probable = probable.sort_by([(name, "ascending") for name in (*ORDER, "threshold")])
            return ordered(frame[at_thresholds(frame, self._own)], ORDER), _encoded(probable)

    @property
    def rows(self) -> pd.DataFrame:
        """Ordered by lake_key, source, date: one threshold of each source, the dataset's own."""
        return self._opened[0]

    @property
    def sources(self) -> tuple[str, ...]:
        """Who made the areas, in alphabetical order."""
        return tuple(sorted(self.rows["source"].unique()))

    def observations(self, source: str) -> int:
        """How many of `rows` a source has."""
        return int(np.count_nonzero((self.rows["source"] == source).to_numpy(dtype=bool)))

    @cached_property
    def counts(self) -> AreaCounts:
        """What is counted over `rows`."""
        return area_counts(self.rows)

    @property
    def every(self) -> pd.DataFrame:
        """The rows at every threshold of every segmenter, ordered by lake_key, source, date, threshold; made anew each time."""
        return decoded(self._opened[1])

    @cached_property
    def thresholds(self) -> dict[str, tuple[float, ...]]:
        """Source → the thresholds at which its areas are known, ascending; sources without probabilities are not in it."""
        pairs = self._opened[1].select(["source", "threshold"]).group_by(["source", "threshold"]).aggregate([]).to_pylist()
        found: dict[str, list[float]] = {}
        for pair in sorted(pairs, key=lambda pair: (pair["source"], pair["threshold"])):
            found.setdefault(pair["source"], []).append(pair["threshold"])
        return {source: tuple(values) for source, values in found.items()}

    @cached_property
    def _lake_keys(self) -> np.ndarray:
        return self._opened[1].column("lake_key").to_numpy()

    def threshold(self, source: str, wanted: float | None = None) -> float:
        """The threshold in use for a source: the stored one nearest to the wanted one (None: the dataset's own for the source)."""
        chosen = self._own.get(source, THRESHOLD) if wanted is None else wanted
        held = self.thresholds.get(source)
        return nearest_threshold(held, chosen) if held else chosen

    def at(self, source: str, threshold: float | None) -> pd.DataFrame:
        """The rows of `rows` with at least those of the source, these at another threshold than the dataset's own; ordered likewise."""
        if threshold is None:
            return self.rows
        with self._lock:
            return _kept(self._at, (source, threshold), lambda: self._rows_at(source, threshold), ROWS_HELD)

    def _rows_at(self, source: str, threshold: float) -> pd.DataFrame:
        probable = self._opened[1]
        chosen = probable.column("threshold").to_numpy() == self.threshold(source, threshold)
        mine = (probable.column("source").to_numpy() == source) & chosen
        given = self.rows
        drawn = given.loc[((given["source"] == source) & given["threshold"].isna()).to_numpy(dtype=bool)]
        at = decoded(probable.filter(pa.array(mine)))
        return ordered(pd.concat([drawn, at]), ORDER) if len(drawn) else at

    def of_lake(self, lake_key: int, source: str, threshold: float | None) -> pd.DataFrame:
        """The rows of one lake, every source, in date order within a source; one source at a threshold of its own."""
        rows = of_lake(self.rows, lake_key)
        if threshold is None:
            return rows
        probable = self.by_threshold(lake_key, source)
        chosen = probable["threshold"].to_numpy() == self.threshold(source, threshold)
        given = ((rows["source"] == source) & rows["threshold"].notna()).to_numpy(dtype=bool)
        return ordered(pd.concat([rows.loc[~given], probable.loc[chosen]]), ["source", "date"])

    def of_lakes(self, lake_keys: np.ndarray, source: str, threshold: float | None) -> pd.DataFrame:
        """The rows of one source at a threshold (None: the dataset's own) of neighbouring lakes, ordered by lake_key and date.

        Args:
            lake_keys: Ascending; those between the first and the last are taken.
            source, threshold: Which.
        """
        held = self.at(source, threshold)
        keys = held["lake_key"].to_numpy()
        low, high = np.searchsorted(keys, [lake_keys[0], lake_keys[-1] + 1]) if len(lake_keys) else (0, 0)
        rows = held.iloc[low:high]
        return rows.loc[rows["source"] == source]

    def of_some(self, lake_keys: np.ndarray, source: str, threshold: float | None) -> pd.DataFrame:
        """As `of_lakes`, of lakes that need not be neighbours."""
        held = self.of_lakes(lake_keys[[0, -1]] if len(lake_keys) else lake_keys, source, threshold)
        return held.loc[np.isin(held["lake_key"].to_numpy(), lake_keys)]

    def by_threshold(self, lake_key: int, source: str) -> pd.DataFrame:
        """The rows of one lake at every threshold of a segmenter, ordered by date and threshold."""
        low, high = np.searchsorted(self._lake_keys, [lake_key, lake_key + 1])
        rows = decoded(self._opened[1].slice(low, high - low))
        return rows.loc[(rows["source"] == source).to_numpy(dtype=bool)]

    def at_thresholds(self, source: str, lake_keys: np.ndarray, thresholds: Sequence[float]) -> pd.DataFrame:
        """The rows of some lakes (ascending) by a segmenter at some of its thresholds, ordered by lake_key, date, threshold.

        Texts are categories: of millions of rows these are 20 times as fast.
        """
        low, high = np.searchsorted(self._lake_keys, [lake_keys[0], lake_keys[-1] + 1]) if len(lake_keys) else (0, 0)
        rows = self._opened[1].slice(low, high - low)
        return chosen_rows(rows, source, lake_keys, thresholds)

    def newest(
        self,
        source: str,
        threshold: float | None,
        lake_keys: np.ndarray,
        told: Told | None = None,
    ) -> np.ndarray:
        """(L,) km²: the newest area of these lakes by this source whose reason is `ok`, NaN where there is none.

        Args:
            source, threshold, lake_keys: Which.
            told: Gives rows reasons of its own.
        """

        def made() -> np.ndarray:
            rows = self.at(source, threshold)
            rows = rows if told is None else told.rows(rows)
            usable = rows[(rows["source"] == source) & (rows["reason"] == "ok")]
            return usable.groupby("lake_key")["area_km2"].last().reindex(lake_keys).to_numpy(dtype=float)

        with self._lock:
            return _kept(self._newest, (source, threshold, told.name if told else ""), made, NEWEST_HELD)


def _encoded(table: pa.Table) -> pa.Table:
    """Texts that repeat are kept once; digests, of which each mask has its own, are left out."""
    table = table.drop_columns([name for name in table.column_names if name in DIGESTS])
    texts = [name for name in table.column_names if pa.types.is_string(table.schema.field(name).type)]
    for name in texts:
        table = table.set_column(table.column_names.index(name), name, table.column(name).dictionary_encode())
    return table.combine_chunks()


def chosen_rows(table: pa.Table, source: str, lake_keys: np.ndarray, thresholds: Sequence[float]) -> pd.DataFrame:
    """Of a table's rows those of these lakes by a source at these thresholds; texts stay categories where they are."""
    wanted = np.isin(table.column("threshold").to_numpy(), thresholds) & np.isin(table.column("lake_key").to_numpy(), lake_keys)
    rows = table.filter(pa.array(wanted)).to_pandas(date_as_object=False)
    return rows.loc[(rows["source"] == source).to_numpy(dtype=bool)]


def decoded(table: pa.Table) -> pd.DataFrame:
    """Rows as a frame, texts that are kept once each as plain ones."""
    for name in table.column_names:
        if pa.types.is_dictionary(table.schema.field(name).type):
            table = table.set_column(table.column_names.index(name), name, table.column(name).cast(pa.string()))
    return table.to_pandas(date_as_object=False)


def ordered(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """The rows in order of these columns, what is equal as it was, numbered from 0."""
    return rows.sort_values(by=by, ignore_index=True, kind="stable")


def of_lake(rows: pd.DataFrame, lake_key: int) -> pd.DataFrame:
    """The rows of one lake, of rows in order of `lake_key`."""
    low, high = np.searchsorted(rows["lake_key"].to_numpy(), [lake_key, lake_key + 1])
    return rows.iloc[low:high]


def _kept(held: OrderedDict[Key, Held], key: Key, made: Callable[[], Held], most: int) -> Held:
    """What is held under a key, made where it is not; of more than `most` those used longest ago go."""
    if key not in held:
        held[key] = made()
    held.move_to_end(key)
    while len(held) > most:
        held.popitem(last=False)
    return held[key]
