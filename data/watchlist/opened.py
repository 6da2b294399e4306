"""A watch-list of an open dataset."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import pandas as pd

from data.records import TrendSettings, TrendTable
from data.store import Store
from data.watchlist.given import Given
from data.watchlist.roles import candidates, recognised

COLUMNS = ("area_km2", "valid_share", "reason", "date_nominal", "date_image", "source")
"""What a watch-list looks at in area rows."""


def columns_of(store: Store, mapped: Mapping[str, str]) -> dict[str, str]:
    """Role → column: those recognised by their names, and what a person mapped instead; a column that is not there is passed over."""
    usable = candidates(store.lakes, store.extra_columns)
    chosen = recognised(usable) | dict(mapped)
    return {role: name for role, name in chosen.items() if name in usable}


def given_by(store: Store, table: TrendTable, mapped: Mapping[str, str]) -> Given:
    """What components are worked out from.

    Args:
        store: The dataset.
        table: Its trends.
        mapped: Role → column, as the person mapped them.
    """
    settings = table.settings
    blocks = partial(store.row_blocks, settings, COLUMNS)
    floods = store.floods.rows.loc[:, ["lake_key", "date"]]
    columns = columns_of(store, mapped)
    return Given(
        store.lakes, table, blocks, floods if len(floods) else None, columns, lambda: store.flags(settings)
    )  # fmt: skip


def rows_by(store: Store, settings: TrendSettings) -> pd.DataFrame:
    """The area rows of the source of these settings, ordered by lake_key and date: all of them at once."""
    held = store.rows_of(settings)
    mine = (held["source"] == settings.source).to_numpy(dtype=bool)
    return held if mine.all() else held.loc[mine]
