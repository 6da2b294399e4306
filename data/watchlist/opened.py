"""A watch-list of an open dataset."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from data.records import TrendSettings, TrendTable
from data.store import Store
from data.watchlist.given import Given
from data.watchlist.roles import candidates, recognised


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
    floods = store.floods.rows.loc[:, ["lake_key", "date"]]
    columns = columns_of(store, mapped)
    return Given(
        store.lakes, table, lambda: rows_by(store, settings), floods if len(floods) else None, columns, lambda: store.flags(settings)
    )  # fmt: skip


def rows_by(store: Store, settings: TrendSettings) -> pd.DataFrame:
    """The area rows of the source of these settings, ordered by lake_key and date."""
    held = store.rows_of(settings)
    mine = (held["source"] == settings.source).to_numpy(dtype=bool)
    return held if mine.all() else held.loc[mine]
