"""Two watch-lists of the small dataset with one added date, one changed weight and one review between them, and every world between."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa

from data.cache import read_table, write_table
from data.schema import TABLES
from data.store import Store
from data.watchlist.file_in import read_text
from data.watchlist.file_out import file_text
from data.watchlist.opened import given_by
from data.watchlist.rank import Ranking, ranked, raw_components
from data.watchlist.saved import Saved, saved_of
from data.watchlist.wish import Wish, weighed
from tests.datasets import SOURCE, small_dataset

DATED, NEW_DAY, NEW_AREA = 35, date(2024, 10, 15), 2.4
"""The lake that gets a date, and which."""
REVIEWED, BAD_DAY = 33, date(2023, 10, 15)
"""The lake of which an observation is reviewed bad, and which."""
THEN, NOW = (Wish(weighed({"growth": 1.0, "newest_area": weight}), top=8) for weight in (1.0, 1.25))
TODAY = date(2026, 11, 26)


def world(folder: Path, *, dated: bool, reviewed: bool) -> Store:
    """The dataset with the new date or without, its reviewed observation out or in."""
    small_dataset(folder)
    rows = read_table(folder / "areas.parquet").to_pandas()
    if dated:
        new = rows.loc[rows["lake_key"] == DATED].iloc[-1:].assign(date=NEW_DAY, area_km2=NEW_AREA, date_image=None)
        rows = pd.concat([rows, new]).sort_values(["lake_key", "date"], ignore_index=True)
    if reviewed:
        rows.loc[(rows["lake_key"] == REVIEWED) & (rows["date"] == BAD_DAY), "reason"] = "outlier"
    columns = TABLES["areas"].columns
    write_table(folder / "areas.parquet", pa.table({name: pa.array(rows[name], columns[name].type, from_pandas=True) for name in columns}))
    return Store(folder)


def order(store: Store, wish: Wish) -> Ranking:
    """The ranking, by way of the dataset and not of a file."""
    given = given_by(store, store.trends(store.settings()), {})
    return ranked(given.lake_keys, raw_components(given), wish)


def listed(store: Store, wish: Wish, *, review: bool = False) -> Saved:
    """A list saved and read again; with `review`, the observation is left out as the app does it."""
    bad = (REVIEWED, BAD_DAY, SOURCE)
    settings = replace(store.settings(), without=store.left_out.name([bad] if review else []))
    given = given_by(store, store.trends(settings), {})
    ranking = ranked(given.lake_keys, raw_components(given), wish)
    saved = saved_of(store, given, ranking, wish, day=TODAY, reviewers={bad: ("Ann", "ice")})
    return read_text(file_text(saved, given, ranking).encode())
