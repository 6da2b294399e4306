"""Ranking: components weighed into one number, and everything beside it that the number hides."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from data.watchlist.component import Values
from data.watchlist.components import COMPONENTS
from data.watchlist.given import Given
from data.watchlist.wish import Wish

LEAST_KNOWN = 0.5
"""A lake is ranked where at least this share of the weight is known of it."""
ROUNDING = 1e-9
"""Weights such as .1 + .2 are half of .6 but for this."""
UNRANKED = 0


@dataclass(frozen=True)
class Ranking:
    """L lakes in lake_key order, C components that have weight and that these data can tell.

    Args:
        lake_key: (L,).
        raw: Component → (L,) values in its unit, NaN where missing: every component these data can tell, weighed or not.
        names: The C components.
        weights: (C,) as the wish gives them.
        scaled: (L, C) 0 to 1, NaN where missing.
        parts: (L, C) contributions to the score; NaN where missing. They sum to the score.
        known: (L,) share of the weight that is known.
        score: (L,) 0 to 1, NaN where the lake is not ranked.
        rank: (L,) from 1, ties by key; UNRANKED where too little is known.
        absent: Components with weight that these data cannot tell of any lake; they count for nobody.
        top: Lakes on the list.
    """

    lake_key: NDArray[np.int32]
    raw: dict[str, Values]
    names: tuple[str, ...]
    weights: Values
    scaled: Values
    parts: Values
    known: Values
    score: Values
    rank: NDArray[np.int32]
    absent: tuple[str, ...]
    top: int

    @property
    def listed(self) -> NDArray[np.intp]:
        """Rows of the lakes on the list, the first first."""
        return self.order[: self.top]

    @cached_property
    def order(self) -> NDArray[np.intp]:
        """Rows of all ranked lakes, the first first."""
        ranked = np.flatnonzero(self.rank != UNRANKED)
        return ranked[np.argsort(self.rank[ranked], kind="stable")]

    @cached_property
    def tied(self) -> NDArray[np.bool_]:
        """(L,) lakes whose score another one has too: their order among themselves says nothing."""
        values, counts = np.unique(self.score[np.isfinite(self.score)], return_counts=True)
        return np.isin(self.score, values[counts > 1])

    @cached_property
    def every_scaled(self) -> dict[str, Values]:
        """Component → (L,) 0 to 1, NaN where missing: every one of `raw`, weighed or not; worked out for who looks beside the score."""
        weighed = dict(zip(self.names, self.scaled.T, strict=True))
        return {name: weighed[name] if name in weighed else COMPONENTS[name].scaled(values) for name, values in self.raw.items()}

    def bounds(self) -> tuple[Values, Values]:
        """(L,) the score if every missing component were 0, and if every one were 1."""
        share = self.weights / self.weights.sum() if len(self.weights) else self.weights
        low = np.nansum(self.scaled * share, axis=1)
        return low, low + (np.isnan(self.scaled) * share).sum(axis=1)


def raw_components(given: Given, names: Collection[str] = COMPONENTS) -> dict[str, Values]:
    """Component → (L,) values, for every one of these components that the data can tell of at least one lake."""
    found = {name: component.raw(given) for name, component in COMPONENTS.items() if name in names}
    return {name: values for name, values in found.items() if values is not None and np.isfinite(values).any()}


def ranked(lake_key: NDArray[np.int32], raw: dict[str, Values], wish: Wish) -> Ranking:
    """Rank lakes.

    The score of a lake is the mean of its scaled components, weighed; a component that is missing for it counts neither for nor against
    it. Components are scaled over all lakes given, never over the few that somebody looks at.

    Args:
        lake_key: (L,) ascending.
        raw: Of `raw_components`.
        wish: Weights and length of the list.
    """
    weights = {name: weight for name, weight in wish.weights if name in raw}
    names, w = tuple(weights), np.array(list(weights.values()), dtype=np.float64)
    scaled = np.stack([COMPONENTS[name].scaled(raw[name]) for name in names], axis=1) if names else np.empty((len(lake_key), 0))
    weighed = np.where(np.isnan(scaled), 0.0, w)
    held = weighed.sum(axis=1)
    known = held / w.sum() if names else np.zeros(len(lake_key))
    enough = known >= LEAST_KNOWN - ROUNDING
    parts = scaled * w / np.where(enough, held, np.nan)[:, None]
    # Rounded, so that ties are ties whatever the order of addition.
    score = np.where(enough, np.round(np.nansum(parts, axis=1), 12), np.nan)
    order = np.lexsort((lake_key, -score))[: int(enough.sum())]
    rank = np.full(len(lake_key), UNRANKED, dtype=np.int32)
    rank[order] = np.arange(1, len(order) + 1, dtype=np.int32)
    absent = tuple(name for name, _ in wish.weights if name not in raw)
    return Ranking(lake_key, raw, names, w, scaled, parts, known, score, rank, absent, wish.top)
