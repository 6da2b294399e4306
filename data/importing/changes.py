"""What happened to lakes between epochs: merges, splits, gaps, and areas that do not fit their neighbours. Reported, never mended."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import median

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.importing.frames import column, numbers, objects
from data.importing.overlaps import Overlaps

KINDS = ("merge", "split", "missing", "outlier")
COVERED = 0.5
"""Share of an outline that lies inside another lake's for a merge or a split: more than half, so that it is so for one lake only."""
ROBUST_SDS = 3.5
LEAST_JUMP = float(np.log(1.25))
LEAST_SERIES = 5
MAD_TO_SD = 1.4826


@dataclass(frozen=True)
class Event:
    """One row of `events`, before it becomes one."""

    lake_key: int
    date: date
    kind: str
    evidence: str
    source: str


@dataclass(frozen=True)
class _Cover:
    """An outline that lies for more than half inside another lake's outline of another epoch."""

    inner: int
    outer: int
    share: float


class _Observations:
    """All observations as arrays, and each lake's by source in time order."""

    def __init__(self, rows: pd.DataFrame) -> None:
        self.key = column(rows, "lake_key").to_numpy(dtype=np.int64)
        self.source, self.epoch, self.lake_id = (objects(rows, name) for name in ("source", "epoch", "lake_id"))
        self.area, self.area_sd = numbers(rows, "area_km2"), numbers(rows, "area_sd_km2")
        self.of: dict[tuple[str, int], list[int]] = defaultdict(list)
        for row in np.lexsort((np.arange(len(rows)), [d.toordinal() for d in self.epoch])):
            self.of[str(self.source[row]), int(self.key[row])].append(int(row))

    def series(self, like: int) -> list[int]:
        """The rows of the lake and source of a row."""
        return self.of[str(self.source[like]), int(self.key[like])]

    def seen(self, like: int, after: date, before: date) -> bool:
        """Whether that lake was seen on a day d, after <= d < before."""
        return any(after <= self.epoch[row] < before for row in self.series(like))

    def event(self, row: int, when: date, kind: str, evidence: str) -> Event:
        return Event(int(self.key[row]), when, kind, evidence, str(self.source[row]))

    def said(self, row: int) -> str:
        """An observation in words."""
        label = f" ({self.lake_id[row]})" if self.lake_id[row] is not None else ""
        return f"lake {self.key[row]}{label}, {self.area[row]:.3f} km² on {self.epoch[row].isoformat()}"


def events(rows: pd.DataFrame, pairs: Overlaps) -> list[Event]:
    """Every merge, split, gap and outlier, within each source.

    Args:
        rows: (N) observations with lake_key, lake_id, source, epoch, area_km2, area_sd_km2.
        pairs: The overlaps of their footprints, by row number.
    """
    seen = _Observations(rows)
    covers = list(_covers(seen, pairs))
    found = [*_merges(seen, covers), *_splits(seen, covers), *_gaps(seen, covers), *_outliers(seen)]
    return sorted(found, key=lambda e: (e.lake_key, e.date, e.kind, e.source, e.evidence))


def _covers(seen: _Observations, pairs: Overlaps) -> Iterator[_Cover]:
    a, b = pairs.first, pairs.second
    other = (seen.key[a] != seen.key[b]) & (seen.source[a] == seen.source[b]) & (seen.epoch[a] != seen.epoch[b])
    for inner, outer in ((a, b), (b, a)):
        share = pairs.shared / pairs.size[inner]
        for n in np.flatnonzero(other & (share > COVERED)):
            yield _Cover(int(inner[n]), int(outer[n]), float(share[n]))


def _merges(seen: _Observations, covers: list[_Cover]) -> Iterator[Event]:
    """A lake's last outline lies inside another's of a later epoch, in which the lake itself is not there: the first such epoch."""
    later = [c for c in covers if seen.epoch[c.inner] < seen.epoch[c.outer]]
    done = set[int]()
    for cover in sorted(later, key=lambda c: (seen.epoch[c.outer], -c.share)):
        when, was = seen.epoch[cover.outer], seen.epoch[cover.inner]
        present = any(was < seen.epoch[row] <= when for row in seen.series(cover.inner))
        if present or cover.inner in done:
            continue
        done.add(cover.inner)
        evidence = f"{seen.said(cover.inner)}, lies to {cover.share:.0%} inside {seen.said(cover.outer)}"
        yield seen.event(cover.inner, when, "merge", evidence)
        yield seen.event(cover.outer, when, "merge", evidence)


def _splits(seen: _Observations, covers: list[_Cover]) -> Iterator[Event]:
    """An outline lies inside what another lake's outline was when that was seen last and its own lake was not; now both are there."""
    earlier = [c for c in covers if seen.epoch[c.outer] < seen.epoch[c.inner]]
    done = set[int]()
    for cover in sorted(earlier, key=lambda c: (-seen.epoch[c.outer].toordinal(), -c.share)):
        when, was = seen.epoch[cover.inner], seen.epoch[cover.outer]
        other = [seen.epoch[row] for row in seen.series(cover.outer)]
        newest = max((d for d in other if d < when), default=was)
        if cover.inner in done or was != newest or when not in other or seen.seen(cover.inner, was, when):
            continue
        done.add(cover.inner)
        evidence = f"{seen.said(cover.inner)}, lies to {cover.share:.0%} inside what was {seen.said(cover.outer)}"
        yield seen.event(cover.inner, when, "split", evidence)
        yield seen.event(cover.outer, when, "split", evidence)


def _gaps(seen: _Observations, covers: list[_Cover]) -> Iterator[Event]:
    """A year of the inventory in which a lake is not there though it is before and after, and no other lake covers its last outline."""
    years: dict[str, dict[int, date]] = defaultdict(dict)
    for row in range(len(seen.key)):
        day: date = seen.epoch[row]
        held = years[seen.source[row]].get(day.year, day)
        years[seen.source[row]][day.year] = min(held, day)
    inside = {(c.inner, seen.epoch[c.outer].year) for c in covers}
    for (source, _), rows in seen.of.items():
        for before, after in pairwise(rows):
            for year in range(seen.epoch[before].year + 1, seen.epoch[after].year):
                if year in years[source] and (before, year) not in inside:
                    evidence = f"no outline, though {seen.said(before)}, and {seen.area[after]:.3f} km² on {seen.epoch[after].isoformat()}"
                    yield seen.event(before, years[source][year], "missing", evidence)


def _outliers(seen: _Observations) -> Iterator[Event]:
    """Areas that fit neither what came before nor what came after.

    Log area is compared with the median of up to two neighbours before and of up to two after. Both distances have to go the same way and
    to exceed 3.5 robust standard deviations of the lake's distances from all four, ln 1.25, and, where it is known, twice the mapping error
    of a difference. A step that lasts fits one side, so a lake that drained is none; first and last observations are never judged.
    """
    for rows in seen.of.values():
        used = [row for row in rows if seen.area[row] > 0]
        if len(used) < LEAST_SERIES:
            continue
        log = np.log(seen.area[used])
        if max(np.ptp(log[n : n + 3]) for n in range(len(log) - 2)) <= LEAST_JUMP:
            continue
        error = np.nan_to_num(seen.area_sd[used] / seen.area[used]) * np.sqrt(2)
        limit = np.maximum(max(ROBUST_SDS * _spread(log), LEAST_JUMP), 2 * error)
        values = log.tolist()  # for two numbers Python's own median takes a twentieth of numpy's time
        for n in range(1, len(used) - 1):
            before, after = values[max(n - 2, 0) : n], values[n + 1 : n + 3]
            off = values[n] - median(before), values[n] - median(after)
            if min(abs(off[0]), abs(off[1])) > limit[n] and off[0] * off[1] > 0:
                low, high = np.exp([min(*before, *after), max(*before, *after)])
                evidence = f"{seen.said(used[n])}, where its neighbours in time have {low:.3f} to {high:.3f} km²"
                yield seen.event(used[n], seen.epoch[used[n]], "outlier", evidence)


def _spread(log: NDArray[np.float64]) -> float:
    """Robust standard deviation of the distances of all values from the median of their four neighbours."""
    values = log.tolist()
    near = [median(values[max(n - 2, 0) : n] + values[n + 1 : n + 3]) for n in range(len(values))]
    off = log - np.array(near)
    return MAD_TO_SD * float(np.median(np.abs(off - np.median(off))))
