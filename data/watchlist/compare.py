"""Two watch-lists compared: which lakes entered, left and moved, and what made them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.errors import InputError
from data.watchlist.between import Between
from data.watchlist.rank import UNRANKED, Ranking
from data.watchlist.reasons import reason
from data.watchlist.saved import Saved
from data.watchlist.shares import Values, shares
from data.watchlist.worlds import rankings, silent

ENTERED, LEFT, MOVED, STAYED = "entered", "left", "moved", "stayed"
LEAST = 1e-9
MOST_PASSING = 3
"""Lakes that are named as having moved past another."""


@dataclass(frozen=True)
class Cause:
    """One thing that moved a lake.

    Args:
        kind: One of `between.CAUSES`.
        share: Of entering (1 in all), of leaving (-1 in all), or of the places moved (up is positive). Shares sum to the whole.
        own: Whether it changed this lake's own data or everybody's, not only another lake's.
        words: What it was.
    """

    kind: str
    share: float
    own: bool
    words: str


@dataclass(frozen=True)
class Change:
    """One lake that is on either list.

    Args:
        lake_key, label: Which.
        kind: ENTERED, LEFT, MOVED or STAYED.
        then, now: Places; None where it is not ranked, or not in the dataset.
        causes: The largest first; none for a lake that stayed where it was.
    """

    lake_key: int
    label: str
    kind: str
    then: int | None
    now: int | None
    causes: tuple[Cause, ...]


@dataclass(frozen=True)
class Comparison:
    """What became of the list.

    Args:
        between: The two lists.
        changes: Lakes of either list: entered, left, moved, stayed; each in the order of its place.
        cautions: What to know before believing it.
    """

    between: Between
    changes: tuple[Change, ...]
    cautions: tuple[str, ...]

    def of(self, kind: str) -> list[Change]:
        """The changes of a kind."""
        return [change for change in self.changes if change.kind == kind]


def compare(then: Saved, now: Saved, tell: Callable[[int, int], None] = silent) -> Comparison:
    """Compare two lists by ranking again every world between them.

    Args:
        then: The earlier list.
        now: The later one.
        tell: Called with how many worlds are done, of how many.

    Raises:
        InputError: They are of different datasets.
        TrendError: A method of theirs is not known here.
    """
    if then.dataset.name != now.dataset.name:
        what = f"the earlier list is of the dataset {then.dataset.name!r}, this one of {now.dataset.name!r}"
        raise InputError(what, "compare two lists of one dataset")
    between = Between(then, now)
    worlds = rankings(between, tell)
    first, last = worlds[frozenset()], worlds[frozenset(between.causes)]
    keys = np.union1d(first.lake_key, last.lake_key).astype(np.int32)
    listed = {world: _listed(ranking, keys) for world, ranking in worlds.items()}
    places = {world: _places(ranking, keys) for world, ranking in worlds.items()}
    held = _Told(between, keys, places[frozenset()], places[frozenset(between.causes)])
    by_list, by_place = shares(between.causes, listed), shares(between.causes, {world: -place for world, place in places.items()})
    was, is_ = listed[frozenset()] > 0, listed[frozenset(between.causes)] > 0
    changes: list[Change] = []
    for row in np.flatnonzero(was | is_).tolist():
        kind = ENTERED if not was[row] else LEFT if not is_[row] else MOVED if held.then[row] != held.now[row] else STAYED
        part = by_place if kind in {MOVED, STAYED} else by_list
        causes = () if kind == STAYED else held.causes(row, {cause: float(part[cause][row]) for cause in between.causes})
        lake_key = int(keys[row])
        changes.append(Change(lake_key, between.labels[lake_key], kind, _place(first, lake_key), _place(last, lake_key), causes))
    changes.sort(key=lambda each: ((ENTERED, LEFT, MOVED, STAYED).index(each.kind), each.now or each.then or 0, each.lake_key))
    return Comparison(between, tuple(changes), tuple(_cautions(between, first, last)))


@dataclass(frozen=True)
class _Told:
    between: Between
    keys: NDArray[np.int32]
    then: Values
    now: Values

    def causes(self, row: int, found: dict[str, float]) -> tuple[Cause, ...]:
        """The causes that have a share, the largest first."""
        made = [self._cause(row, kind, share) for kind, share in found.items() if abs(share) > LEAST]
        return tuple(sorted(made, key=lambda cause: -abs(cause.share)))

    def _cause(self, row: int, kind: str, share: float) -> Cause:
        lake_key, touched = int(self.keys[row]), self.between.touched.get(kind)
        own = touched is None or lake_key in touched
        passed = [] if touched is None or own else self._passing(row, touched)
        return Cause(kind, share, own, reason(self.between, kind, lake_key if own else None, passed))

    def _passing(self, row: int, touched: set[int]) -> list[str]:
        """Lakes touched by a cause that have changed sides with this one, the best placed first."""
        side = np.sign(self.then - self.then[row]) != np.sign(self.now - self.now[row])
        mine = [other for other in np.flatnonzero(side).tolist() if other != row and int(self.keys[other]) in touched]
        return [self.between.labels[int(self.keys[other])] for other in sorted(mine, key=lambda other: self.now[other])[:MOST_PASSING]]


def _listed(ranking: Ranking, keys: NDArray[np.int32]) -> Values:
    """(U,) 1 for lakes on the list."""
    return np.isin(keys, ranking.lake_key[ranking.listed]).astype(np.float64)


def _places(ranking: Ranking, keys: NDArray[np.int32]) -> Values:
    """(U,) places; a lake that is not ranked, or not there, stands behind all that are."""
    out = np.full(len(keys), len(ranking.order) + 1.0)
    held = ranking.rank != UNRANKED
    out[np.searchsorted(keys, ranking.lake_key[held])] = ranking.rank[held]
    return out


def _place(ranking: Ranking, lake_key: int) -> int | None:
    row = int(np.searchsorted(ranking.lake_key, lake_key))
    there = row < len(ranking.lake_key) and ranking.lake_key[row] == lake_key and ranking.rank[row] != UNRANKED
    return int(ranking.rank[row]) if there else None


def _cautions(between: Between, first: Ranking, last: Ranking) -> list[str]:
    found: list[str] = []
    for saved, ranking, which in ((between.then, first, "earlier"), (between.now, last, "later")):
        again = {int(ranking.lake_key[row]): int(ranking.rank[row]) for row in ranking.listed}
        apart = len({key for key in again.keys() | saved.ranks.keys() if again.get(key) != saved.ranks.get(key)})
        if apart:
            found.append(
                f"Of the {which} list {apart} places come out otherwise here than in its file: another version of Moraine made it, or it "
                "was changed by hand. What is said is of the list as this version ranks it."
            )
    if not between.same_source and between.then.dataset.digest != between.now.dataset.digest:
        found.append("The source is another one and the dataset has changed as well: new observations are counted under the setting.")
    return found
