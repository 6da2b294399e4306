"""The years at whose end a hindcast may stand, and what each has to offer; counted, nothing is fitted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from data.hindcast.known import Days, image_days, last_images
from data.hindcast.run import Rules, bound, counting, later_floods
from data.records import TrendSettings
from data.store import Store
from data.trends.series import barred
from data.watchlist.opened import rows_by


@dataclass(frozen=True)
class Offer:
    """A year at whose end a hindcast may stand.

    Args:
        year: The year.
        lakes: Lakes with as many observations by then as the score needs.
        later: How many of these burst later.
    """

    year: int
    lakes: int
    later: int


def offers(store: Store, settings: TrendSettings, least: int, rules: Rules | None = None) -> list[Offer]:
    """Every year from the first image to the last flood or image, the ends included.

    Args:
        store: The dataset.
        settings: Source, season and threshold decide which observations count.
        least: Observations that a lake needs.
        rules: Which floods count.
    """
    chosen, rows = rules or Rules(), rows_by(store, settings)
    rows = rows.loc[barred(rows, settings.season) == ""]
    floods, days = counting(store.floods.rows, chosen), image_days(rows)
    if not len(rows):
        return []
    enough = _enough_from(np.searchsorted(store.lake_keys, rows["lake_key"].to_numpy()), days, len(store.lake_keys), least)
    burst = np.isin(rows["lake_key"].to_numpy(), floods["lake_key"])
    ends = np.concatenate([days, floods["date_from"].dropna().to_numpy(dtype="datetime64[D]")])
    years = range(_year(days.min()), _year(ends.max()) + 1)
    return [_offer(store, year, enough, (rows.loc[burst], floods, chosen)) for year in years]


def _offer(store: Store, year: int, enough: Days, counted: tuple[pd.DataFrame, pd.DataFrame, Rules]) -> Offer:
    rows, floods, rules = counted
    until = np.datetime64(f"{year}-12-31", "D")
    seen = last_images(store, rows.loc[image_days(rows) <= until])
    later, _ = later_floods(floods, store.lake_keys, bound(seen, until, rules))
    burst = np.isin(store.lake_keys, floods["lake_key"][later])
    return Offer(year, int((enough <= until).sum()), int((burst & (enough <= until)).sum()))


def _enough_from(lake: np.ndarray, days: Days, lakes: int, least: int) -> Days:
    """(L,) the day on which each lake had its `least`-th observation; NaT where it never has."""
    order = np.lexsort((days, lake))
    starts = np.searchsorted(lake[order], np.arange(lakes))
    counts = np.bincount(lake, minlength=lakes)
    found = np.full(lakes, np.datetime64("NaT"), dtype="datetime64[D]")
    some = counts >= least
    found[some] = days[order][starts[some] + least - 1]
    return found


def _year(day: np.datetime64) -> int:
    return int(day.astype("datetime64[Y]").astype(int)) + 1970


def best(found: list[Offer]) -> Offer | None:
    """The year with the most lakes that burst later, the last of equal ones; None where there is none."""
    return max(found, key=lambda offer: (offer.later, offer.lakes, offer.year), default=None)
