"""Observations that trends leave out because a review calls them bad: named sets, and the area rows under them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable

import numpy as np
import pandas as pd

from data.errors import TrendError
from data.reviews.latest import Observation, digest_of

REVIEWED_BAD = "reviewed_bad"
"""The reason code of such an observation, in memory only."""
SAYS_SOMETHING = ("ok", "empty")
"""Reasons of observations that say something of a lake: an empty mask says that nothing was left of it."""
SETS_HELD, FRAMES_HELD = 200, 4


class LeftOut:
    """The sets that settings may name (`TrendSettings.without`). Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sets: OrderedDict[str, frozenset[Observation]] = OrderedDict()
        self._frames: OrderedDict[tuple[int, str], tuple[pd.DataFrame, pd.DataFrame]] = OrderedDict()

    def name(self, observations: Iterable[Observation]) -> str:
        """What names this set from now on; empty for none."""
        held = frozenset(observations)
        digest = digest_of(held)
        with self._lock:
            if held:
                self._sets[digest] = held
                self._sets.move_to_end(digest)
            while len(self._sets) > SETS_HELD:
                self._sets.popitem(last=False)
        return digest

    def named(self, digest: str) -> frozenset[Observation]:
        """The set of a name.

        Raises:
            TrendError: There is none of that name, since reviews have changed or are not known here.
        """
        if not digest:
            return frozenset()
        with self._lock:
            if digest not in self._sets:
                raise TrendError(
                    f"the bad reviews {digest[:20]!r} that these settings leave out are not known here",
                    "leave out those known now, or none",
                )
            return self._sets[digest]

    def told(self, rows: pd.DataFrame, digest: str, *, keep: bool = False) -> pd.DataFrame:
        """The same area rows; usable ones and empty masks that the set names have REVIEWED_BAD as their reason.

        Args:
            rows: Of `areas`, in any order.
            digest: Names the set; empty: the rows as they are.
            keep: The rows are all of a source and live as long as the store: what is made of them is kept too.

        Raises:
            TrendError: See `named`.
        """
        named = self.named(digest)
        if not named:
            return rows
        at = (id(rows), digest)
        with self._lock:
            held = self._frames.get(at)
        if held is not None and held[0] is rows:
            return held[1]
        made = told_rows(rows, named)
        if keep:
            with self._lock:
                self._frames[at] = rows, made
                while len(self._frames) > FRAMES_HELD:
                    self._frames.popitem(last=False)
        return made


def told_rows(rows: pd.DataFrame, named: frozenset[Observation]) -> pd.DataFrame:
    """The same area rows; usable ones and empty masks among these observations have REVIEWED_BAD as their reason.

    Args:
        rows: Of `areas`, in any order.
        named: Lake, date and source of each.
    """
    if not named:
        return rows
    lakes = np.array(sorted({key for key, _, _ in named}))
    # The few rows of those lakes first: the rest, millions perhaps, are never looked at one by one.
    maybe = np.flatnonzero(np.isin(rows["lake_key"].to_numpy(), lakes) & rows["reason"].isin(SAYS_SOMETHING).to_numpy(dtype=bool))
    some = rows.iloc[maybe]
    days = some["date"].to_numpy(dtype="datetime64[D]").tolist()
    subjects = zip(some["lake_key"].tolist(), days, some["source"].tolist(), strict=True)
    found = maybe[[subject in named for subject in subjects]] if len(maybe) else maybe
    reason = rows["reason"].to_numpy(dtype=object, copy=True)
    reason[found] = REVIEWED_BAD
    return rows.assign(reason=pd.Series(reason, index=rows.index, dtype="str"))
