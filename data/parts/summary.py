"""What is known of all area rows without a look at them: counted block by block, and added up.

Of each source at each of its thresholds one entry; all of it is JSON, and lies in the index of a table in parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from data.area_counts import DAYS, HALF_A_YEAR, AreaCounts

SUMS = ("rows", "usable", "nominal", "imaged", "moved", "far")
LEAST, MOST = ("least_km2",), ("most_km2", "farthest_days")
SETS = ("years", "sensors")
TALLIES = ("rows_a_lake", "usable_a_lake")


@dataclass(frozen=True)
class Entry:
    """Of the rows of one source at one threshold; lakes are told apart.

    Args:
        source: Its name.
        threshold: Of it; None for rows without one.
        rows: How many.
        usable: Those with reason `ok` and an area above 0.
        nominal: Those of whose date only the year is known.
        imaged: Nominal ones with a known day of the image.
        moved: Rows whose image is known to be of another day than the date used.
        far: Imaged ones more than half a year from the date.
        least_km2, most_km2: Of the usable areas; NaN where there is none.
        farthest_days: Of the imaged ones, 0 where there is none.
        years: Of the dates, ascending.
        sensors: Names, in alphabetical order.
        rows_a_lake, usable_a_lake: Number of rows → how many lakes have so many.
    """

    source: str
    threshold: float | None
    rows: int
    usable: int
    nominal: int
    imaged: int
    moved: int
    far: int
    least_km2: float
    most_km2: float
    farthest_days: float
    years: tuple[int, ...]
    sensors: tuple[str, ...]
    rows_a_lake: dict[int, int]
    usable_a_lake: dict[int, int]

    @property
    def as_json(self) -> dict[str, Any]:
        """For the index."""
        held = {**vars(self), **{name: {str(key): value for key, value in getattr(self, name).items()} for name in TALLIES}}
        return {key: None if isinstance(value, float) and np.isnan(value) else value for key, value in held.items()}

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Entry:
        """Invert `as_json`."""
        tallies = {name: {int(key): int(value) for key, value in told[name].items()} for name in TALLIES}
        bounds = {name: float("nan") if told[name] is None else float(told[name]) for name in (*LEAST, *MOST)}
        held: dict[str, Any] = {**told, **tallies, **bounds, **{name: tuple(told[name]) for name in SETS}}
        return cls(**held)


def summarised(table: pa.Table) -> list[Entry]:
    """What is to be known of area rows, of whole lakes each.

    Args:
        table: Rows of `areas`, in any order.
    """
    columns = ["lake_key", "date", "source", "threshold", "area_km2", "reason", "sensor", "date_nominal", "date_image"]
    frame = table.select(columns).to_pandas(date_as_object=False)
    return [_entry(str(source), threshold, part) for (source, threshold), part in _by_source(frame)]


def _by_source(frame: pd.DataFrame) -> Iterable[tuple[tuple[str, float | None], pd.DataFrame]]:
    for source, mine in frame.groupby("source", sort=True, observed=True):
        for threshold, part in mine.groupby("threshold", sort=True, dropna=False):
            at = float(cast(float, threshold))
            yield (str(source), None if np.isnan(at) else at), part


def _entry(source: str, threshold: float | None, rows: pd.DataFrame) -> Entry:
    area = rows["area_km2"].to_numpy(dtype=float)
    usable = (rows["reason"] == "ok").to_numpy(dtype=bool) & (area > 0)
    nominal = rows["date_nominal"].to_numpy(dtype=bool)
    day, image = (rows[name].to_numpy(dtype="datetime64[D]") for name in ("date", "date_image"))
    known, lake = ~np.isnat(image), rows["lake_key"].to_numpy()
    away = np.abs((image - day)[known & nominal].astype(np.int64))
    return Entry(
        source=source, threshold=threshold, rows=len(rows), usable=int(usable.sum()), nominal=int(nominal.sum()), imaged=len(away),
        moved=int((known & (image != day)).sum()), far=int((away > HALF_A_YEAR).sum()),
        least_km2=float(area[usable].min()) if usable.any() else float("nan"),
        most_km2=float(area[usable].max()) if usable.any() else float("nan"), farthest_days=float(away.max(initial=0)),
        years=tuple(int(year) for year in np.unique(day.astype("datetime64[Y]")).astype(np.int64) + 1970),
        sensors=tuple(sorted(str(name) for name in rows["sensor"].dropna().unique())),
        rows_a_lake=_tally(lake), usable_a_lake=_tally(lake[usable]),
    )  # fmt: skip


def _tally(lake: NDArray[np.integer]) -> dict[int, int]:
    """Number of rows → lakes that have so many."""
    sizes, lakes = np.unique(np.unique(lake, return_counts=True)[1], return_counts=True)
    return {int(size): int(count) for size, count in zip(sizes, lakes, strict=True)}


def added(blocks: Iterable[Iterable[Entry]]) -> list[Entry]:
    """The entries of blocks of different lakes as those of all of them, by source and threshold."""
    found: dict[tuple[str, float], Entry] = {}
    for entry in (entry for block in blocks for entry in block):
        at = entry.source, -1.0 if entry.threshold is None else entry.threshold
        found[at] = _both(found[at], entry) if at in found else entry
    return [found[at] for at in sorted(found)]


def _both(one: Entry, other: Entry) -> Entry:
    held: dict[str, Any] = {"source": one.source, "threshold": one.threshold}
    for name in SUMS:
        held[name] = getattr(one, name) + getattr(other, name)
    for names, bound in ((LEAST, np.fmin), (MOST, np.fmax)):
        held |= {name: float(bound(getattr(one, name), getattr(other, name))) for name in names}
    for name in SETS:
        held[name] = tuple(sorted({*getattr(one, name), *getattr(other, name)}))
    for name in TALLIES:
        mine, theirs = getattr(one, name), getattr(other, name)
        held[name] = {key: mine.get(key, 0) + theirs.get(key, 0) for key in sorted({*mine, *theirs})}
    return Entry(**held)


def counts_of(entries: Iterable[Entry]) -> AreaCounts:
    """What `data.area_counts.area_counts` says of all rows of these entries; a source's rows with and without threshold are two series."""
    held = list(entries)
    if not held:
        return AreaCounts()
    least, most = (
        float(bound([getattr(each, name) for each in held]))
        for bound, name in ((np.fmin.reduce, "least_km2"), (np.fmax.reduce, "most_km2"))
    )
    usable, rows = ([tally for each in held for tally in getattr(each, name).items()] for name in ("usable_a_lake", "rows_a_lake"))
    fewest, greatest = min(size for size, _ in rows), max(size for size, _ in rows)
    sums = {name: sum(getattr(each, name) for each in held) for name in SUMS}
    return AreaCounts(
        observations=sums["rows"], usable=sums["usable"], years=tuple(sorted({year for each in held for year in each.years})),
        nominal=sums["nominal"], imaged=sums["imaged"], far=sums["far"], farthest=max(each.farthest_days for each in held) / DAYS,
        median_n=_median(usable), area=(least, most) if least < most else None,
        each=(float(fewest), float(greatest)) if fewest < greatest else None, image_dates=sums["moved"] > 0,
    )  # fmt: skip


def _median(tally: list[tuple[int, int]]) -> float:
    """Of numbers, each so many times; 0 of none."""
    if not tally:
        return 0.0
    sizes, counts = np.array(sorted(tally)).T
    ends = np.cumsum(counts)
    middle = [int(np.searchsorted(ends, place, side="right")) for place in ((ends[-1] - 1) // 2, ends[-1] // 2)]
    return float(sizes[middle].mean())
