"""A hindcast: what a ranking of a past day would have been worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.hindcast.known import Days, Known, known_by
from data.hindcast.measures import FEWEST, Values, auc, auc_interval, ranks
from data.hindcast.scores import SCORES
from data.records import TrendSettings
from data.store import Store

COLUMNS = ["lake_key", "rank", "score", "floods", "words", "date_from", "last_image", "matched", "distance_km", "evidence"]


@dataclass(frozen=True)
class Rules:
    """Which floods count.

    Args:
        gap: Those too that happened before the day picked, but after the last image used of their lake.
        by_id: Those only that were matched to their lake by id.
    """

    gap: bool = False
    by_id: bool = False


@dataclass(frozen=True)
class Hindcast:
    """L lakes, ranked by what was known on a day.

    Args:
        known: What was known.
        rules: Which floods count.
        score: (L,) NaN for a lake that is not ranked.
        rank: (L,) from 1, ties sharing the mean; NaN likewise.
        later: (L,) lakes that burst later.
        table: `COLUMNS`, a row for each lake that burst later, the highest rank first: its rank (NaN where it is not ranked), the first of
            its later floods, and how many there were.
        undecided: Ranked lakes with a flood of which nobody knows whether it was later; they count as lakes that did not burst.
        auc: NaN with fewer than FEWEST ranked lakes that burst later.
        interval: 95 %, likewise.
    """

    known: Known
    rules: Rules
    score: Values
    rank: Values
    later: NDArray[np.bool_]
    table: pd.DataFrame
    undecided: int
    auc: float
    interval: tuple[float, float]

    @property
    def ranked(self) -> int:
        """Lakes with a rank."""
        return int(np.isfinite(self.rank).sum())

    @property
    def positives(self) -> int:
        """Ranked lakes that burst later."""
        return int((np.isfinite(self.rank) & self.later).sum())


def hindcast(
    store: Store, settings: TrendSettings, until: np.datetime64, score: Callable[[Known], Values] = SCORES["evidence"].score,
    rules: Rules | None = None, *, seed: int = 0,
) -> Hindcast:  # fmt: skip
    """Rank the lakes by what was known on a day, and mark those that burst later.

    A flood is later only if the earliest day that its record allows comes after the day picked and after the last image that the trend of
    its lake uses; with `Rules.gap` the image alone decides. Slow for large inventories: call it in a thread.

    Args:
        store: The dataset, with floods.
        settings: How trends are fitted.
        until: The day.
        score: Ranks what was known, the highest first.
        rules: Which floods count.
        seed: Of the bootstrap.
    """
    chosen, known = rules or Rules(), known_by(store, settings, until)
    values = np.asarray(score(known), dtype=np.float64)
    after = bound(known.last_image, until, chosen)
    floods = counting(store.floods.rows, chosen)
    later, maybe = later_floods(floods, store.lake_keys, after)
    rank = ranks(values)
    table = _table(floods.loc[later], store.lake_keys, values, rank, known.last_image)
    mine = np.isin(store.lake_keys, table["lake_key"])
    open_lakes = np.isin(store.lake_keys, floods["lake_key"][maybe]) & ~mine & np.isfinite(rank)
    enough = (np.isfinite(values) & mine).sum() >= FEWEST
    area, interval = (auc(values, mine), auc_interval(values, mine, seed)) if enough else (np.nan, (np.nan, np.nan))
    return Hindcast(known, chosen, values, rank, mine, table, int(open_lakes.sum()), area, interval)


def bound(last_image: Days, until: np.datetime64, rules: Rules) -> Days:
    """(L,) the day after which a flood of each lake is later; NaT, so that none is, for a lake that nobody had seen by then."""
    return last_image if rules.gap else np.where(np.isnat(last_image), last_image, np.maximum(last_image, until))


def counting(floods: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """The floods that the rules let count."""
    return floods.loc[(floods["matched"] == "id").to_numpy(dtype=bool)] if rules.by_id else floods


def later_floods(floods: pd.DataFrame, lake_keys: NDArray[np.int32], since: Days) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(F,) which floods are sure to be later than the day of their lake, (L,) of `bound`, and of which that may be or not."""
    of = since[np.searchsorted(lake_keys, floods["lake_key"].to_numpy())]
    first, last = (floods[name].to_numpy(dtype="datetime64[D]") for name in ("date_from", "date_to"))
    seen, after = ~np.isnat(of), first > of  # NaT is after nothing
    return seen & after, seen & ~after & (np.isnat(last) | (last > of))


def _table(floods: pd.DataFrame, lake_keys: NDArray[np.int32], score: Values, rank: Values, last_image: Days) -> pd.DataFrame:
    first = floods.sort_values(["lake_key", "date_from"], kind="stable").drop_duplicates("lake_key")
    rows = np.searchsorted(lake_keys, first["lake_key"].to_numpy())
    counts = floods.groupby("lake_key").size()
    found = first.assign(
        rank=rank[rows], score=score[rows], last_image=last_image[rows], floods=counts.reindex(first["lake_key"]).to_numpy()
    )
    return found.sort_values(["rank", "date_from", "lake_key"], kind="stable", ignore_index=True).loc[:, COLUMNS]
