"""What was known of a dataset's lakes on a day: no image that had not been taken yet, and no flood that had not happened yet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.records import TrendSettings, TrendTable
from data.store import Store
from data.trends import resolve
from data.trends.series import barred
from data.watchlist.opened import rows_by

Days = NDArray[np.datetime64]


@dataclass(frozen=True)
class Known:
    """L lakes in lake_key order, as they were known on a day. Never change what it holds.

    Args:
        until: The day; it counts.
        lakes: As `Store.lakes`: names, places and joined columns are those of today.
        rows: The area rows of the source, of images taken up to the day, ordered by lake_key and date.
        table: Trends fitted on these rows alone.
        floods: Floods that are sure to have happened by then (see `data.floods.history`).
        last_image: (L,) days of the last image that the trend uses; NaT for a lake without one.
    """

    until: np.datetime64
    lakes: pd.DataFrame
    rows: pd.DataFrame
    table: TrendTable
    floods: pd.DataFrame
    last_image: Days


def image_days(rows: pd.DataFrame) -> Days:
    """(N,) the day of each row's image: as its scene id tells, else its date; of a bare year the last day, since it may be any."""
    image, day = (rows[name].to_numpy(dtype="datetime64[D]") for name in ("date_image", "date"))
    year_end = (day.astype("datetime64[Y]") + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    dated = np.where(rows["date_nominal"].to_numpy(dtype=bool), year_end, day)
    return np.where(np.isnat(image), dated, image)


def known_by(store: Store, settings: TrendSettings, until: np.datetime64) -> Known:
    """Fit what was known on a day. Slow for large inventories: call it in a thread.

    Args:
        store: The dataset.
        settings: How trends are fitted.
        until: The day.

    Raises:
        TrendError: See `data.trends.series.series`.
    """
    rows = rows_by(store, settings)
    rows = rows.loc[image_days(rows) <= until]
    floods = store.floods.rows.loc[store.floods.rows["date_to"].to_numpy(dtype="datetime64[D]") <= until]
    table = resolve(settings).table(rows, store.lakes, settings)
    return Known(until, store.lakes, rows, table, floods, last_images(store, rows.loc[barred(rows, settings.season) == ""]))


def last_images(store: Store, used: pd.DataFrame) -> Days:
    """(L,) the day of each lake's last image among the area rows that trends use; NaT where there is none."""
    last = np.full(len(store.lake_keys), np.datetime64("NaT"), dtype="datetime64[D]")
    np.fmax.at(last, np.searchsorted(store.lake_keys, used["lake_key"].to_numpy()), image_days(used))
    return last
