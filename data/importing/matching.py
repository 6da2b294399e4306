"""Which observation belongs to which lake.

Epochs are taken in time order; each observation of an epoch gets one lake, and each lake one observation of it:

1. An id that is unique in its epoch and belongs to one known lake decides, unless the lake lies elsewhere (ids are copied by
   mistake: one id of the 2000 Hindu Kush Himalaya inventory names two lakes 195 km apart).
2. An id that several outlines of the epoch, or several known lakes, carry decides only together with overlap.
3. What is left (no ids, unknown ids) is matched by overlap: pairs of outline and lake in the order of the area that they share,
   averaged over the lake's five outlines nearest in time, so that one broken outline does not turn a lagoon into its own fragment.
   An outline with an id of its own takes over a lake of another id only where one covers at least half of the other: ids are
   made from centroids, and a lake that grows changes its centroid.
4. Whatever is left then is a lake not seen before.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.importing.frames import objects
from data.importing.overlaps import Overlaps

NEAREST = 5
MIN_SHARE = 0.2
"""Least share of the smaller of two outlines for them to be one lake. Of the lakes with one unique id in two successive epochs of the
Hindu Kush Himalaya inventories 99.4 % lie above it."""
MIN_SHARE_RENAMED = 0.5
FAR_M = 2000.0
"""An id does not decide where the outlines lie farther apart than this and than three times the lake's width."""


@dataclass
class Matches:
    """What matching found.

    Args:
        lake_key: (N,) for all observations.
        how: (N,) `known`, `id`, `overlap`, `renamed` (by overlap though the ids differ) or `new`.
        far: Rows whose id names a lake that lies elsewhere.
    """

    lake_key: np.ndarray
    how: np.ndarray
    far: list[int] = field(default_factory=list[int])


def decided_by_id(rows: pd.DataFrame) -> NDArray[np.intp]:
    """(N,) one number for all rows of an id that is unique in every epoch of every source and names one place, -1 for all other rows."""
    ids = objects(rows, "lake_id")
    names = Counter(zip(objects(rows, "source"), objects(rows, "epoch"), ids, strict=True))
    unsure: set[str | None] = {name[2] for name, count in names.items() if count > 1} | {None}
    x, y = _centres(rows)
    first: dict[str | None, int] = {}
    for row, name in enumerate(ids):
        other = first.setdefault(name, row)
        if not np.hypot(x[row] - x[other], y[row] - y[other]) <= FAR_M:
            unsure.add(name)
    return np.array([-1 if name in unsure else first[name] for name in ids], dtype=np.intp)


class _Lakes:
    """The lakes known so far: their observations in time, and the ids that they have gone by."""

    def __init__(self, rows: pd.DataFrame, pairs: Overlaps) -> None:
        self.pairs = pairs
        self.ids, self.source, self.record = (objects(rows, name) for name in ("lake_id", "source", "record"))
        self.when = np.array([d.toordinal() for d in rows["epoch"]], dtype=np.int64)
        self.x, self.y = _centres(rows)
        self.of_id: dict[str, set[int]] = defaultdict(set)
        self.seen: dict[int, list[int]] = defaultdict(list)
        self.left, self.right, self.shared = pairs.both_ways()
        self.start = np.searchsorted(self.left, np.arange(len(rows) + 1))

    def add(self, row: int, key: int) -> None:
        self.seen[key].append(row)
        if self.ids[row] is not None:
            self.of_id[self.ids[row]].add(key)

    def nearest(self, key: int, row: int) -> list[int]:
        """The lake's observations nearest in time to that of a row."""
        return sorted(self.seen[key], key=lambda other: (abs(self.when[other] - self.when[row]), other))[:NEAREST]

    def candidates(self, row: int, lake_key: np.ndarray) -> Iterable[int]:
        """Known lakes that share ground with a row."""
        others = self.right[self.start[row] : self.start[row + 1]]
        return sorted({int(key) for key in lake_key[others] if key >= 0})

    def likeness(self, row: int, key: int) -> tuple[float, float]:
        """Mean m² that a row shares with the lake's nearest outlines, and the largest share of the smaller one."""
        part = slice(self.start[row], self.start[row + 1])
        shared = dict(zip(self.right[part].tolist(), self.shared[part].tolist(), strict=True))
        near = self.nearest(key, row)
        size = self.pairs.size
        shares = [shared.get(other, 0.0) / min(size[row], size[other]) for other in near if min(size[row], size[other]) > 0]
        return sum(shared.get(other, 0.0) for other in near) / len(near), max(shares, default=0.0)

    def is_far(self, row: int, key: int) -> bool:
        """Whether a row lies clearly elsewhere than every outline of the lake."""
        others = [other for other in self.seen[key] if np.isfinite(self.x[other])]
        if not others or not np.isfinite(self.x[row]):
            return False
        width = 3 * np.sqrt(max(self.pairs.size[[row, *others]].max(), 0.0))
        return bool(np.hypot(self.x[others] - self.x[row], self.y[others] - self.y[row]).min() > max(FAR_M, width))


def _centres(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Metres east and north, good enough for distances of a few kilometres."""
    lat = rows["lat"].to_numpy(dtype=float)
    return rows["lon"].to_numpy(dtype=float) * 111_320 * np.cos(np.deg2rad(lat)), lat * 110_574


def matches(rows: pd.DataFrame, pairs: Overlaps) -> Matches:
    """The lake of every observation.

    Args:
        rows: (N) observations with lake_id, source, epoch, record, lon, lat and lake_key, which is -1 where the lake is not known.
        pairs: The overlaps of their footprints; those among rows that `decided_by_id` gives one number are not needed.
    """
    given = rows["lake_key"].to_numpy(dtype=np.int64)
    found = Matches(given.copy(), np.where(given >= 0, "known", "").astype(object))
    lakes = _Lakes(rows, pairs)
    for row in np.flatnonzero(given >= 0):
        lakes.add(int(row), int(given[row]))
    following = int(given.max(initial=-1)) + 1
    fresh = rows[given < 0]
    for _, group in fresh.groupby([lakes.when[fresh.index], fresh["source"]], sort=True):
        following = _match_epoch([int(n) for n in group.index], lakes, found, following)
    return found


def _match_epoch(group: list[int], lakes: _Lakes, found: Matches, following: int) -> int:
    """Match the rows of one epoch; returns the next free lake_key."""
    open_rows, taken = dict.fromkeys(group), set[int]()

    def settle(row: int, key: int, how: str) -> None:
        found.lake_key[row], found.how[row] = key, how
        taken.add(key)
        del open_rows[row]

    for row, key in _same_records(group, lakes, found):
        if key not in taken:
            settle(row, key, "id")
    ids = lakes.ids
    count = Counter(ids[group].tolist())
    for row in list(open_rows):
        keys = lakes.of_id.get(ids[row], set()) if ids[row] is not None else set[int]()
        if len(keys) == 1 and count[ids[row]] == 1 and not keys & taken:
            key = next(iter(keys))
            if lakes.is_far(row, key):
                found.far.append(row)
            else:
                settle(row, key, "id")
    shared_id = [(row, key) for row in open_rows for key in sorted(lakes.of_id.get(ids[row], set())) if ids[row] is not None]
    for row, key in _by_overlap(shared_id, lakes, taken, MIN_SHARE):
        settle(row, key, "id")
    bare = [(row, key) for row in open_rows for key in lakes.candidates(row, found.lake_key)]
    for row, key in _by_overlap(bare, lakes, taken, MIN_SHARE):
        renamed = ids[row] is not None and bool(_ids(lakes, key))
        if not renamed or lakes.likeness(row, key)[1] >= MIN_SHARE_RENAMED:
            settle(row, key, "renamed" if renamed else "overlap")
    for row in list(open_rows):
        settle(row, following, "new")
        following += 1
    for row in group:
        lakes.add(row, int(found.lake_key[row]))
    return following


def _ids(lakes: _Lakes, key: int) -> set[str]:
    return {lake_id for row in lakes.seen[key] if (lake_id := lakes.ids[row]) is not None}


def _same_records(group: list[int], lakes: _Lakes, found: Matches) -> list[tuple[int, int]]:
    """Rows that say exactly what a known observation of the same epoch and source says."""
    same = (found.how == "known") & (lakes.when == lakes.when[group[0]]) & (lakes.source == lakes.source[group[0]])
    held = {lakes.record[row]: int(found.lake_key[row]) for row in np.flatnonzero(same)}
    return [(row, held[record]) for row in group if (record := lakes.record[row]) in held]


def _by_overlap(options: list[tuple[int, int]], lakes: _Lakes, taken: set[int], least: float) -> Iterable[tuple[int, int]]:
    """Pairs of row and lake, best first, each row and each lake once; `taken` grows as the caller accepts them."""
    scored = [(mean, row, key) for row, key in options for mean, share in [lakes.likeness(row, key)] if share >= least]
    used = set[int]()
    for _, row, key in sorted(scored, key=lambda s: (-s[0], s[1], s[2])):
        if row not in used and key not in taken:
            yield row, key
            if key in taken:
                used.add(row)
