"""Which scenes are packed first: those of the lakes that somebody names, then of those that the watch-list ranks first."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from data.records import Scene, TrendTable
from data.store import Store
from data.watchlist.opened import given_by
from data.watchlist.rank import ranked, raw_components
from data.watchlist.wish import DEFAULT, PRESETS, Wish


def groups(store: Store, trends: TrendTable, named: Sequence[int]) -> list[list[Scene]]:
    """Scenes that are packed together or not at all, the first ones first: all of a lake; a scene of no lake by itself.

    Args:
        store: The dataset.
        trends: Its own trends, by which lakes are ranked.
        named: Keys of lakes that go before all others, in this order.
    """
    wanted = dict.fromkeys(chain(named, _ranked(store, trends), store.lake_keys.tolist()))
    of_lakes = [scenes for key in wanted if (scenes := store.scenes.of_lake(key))]
    return of_lakes + [[scene] for scene in store.scenes if scene.lake_key is None]


def _ranked(store: Store, trends: TrendTable) -> list[int]:
    given = given_by(store, trends, {})
    ranking = ranked(given.lake_keys, raw_components(given), Wish(PRESETS[DEFAULT].weights))
    order: NDArray[np.intp] = ranking.order
    return store.lake_keys[order].tolist()
