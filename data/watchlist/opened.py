"""A watch-list of an open dataset."""

from __future__ import annotations

from collections.abc import Mapping

from data.records import TrendTable
from data.store import Store
from data.watchlist.given import Given
from data.watchlist.roles import candidates, recognised

FLOOD = "flood"


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
    held = store.rows_of(settings)
    rows = held.loc[(held["source"] == settings.source).to_numpy(dtype=bool)]
    events = store.event_rows
    floods = events.loc[(events["kind"] == FLOOD).to_numpy(dtype=bool), ["lake_key", "date"]]
    return Given(store.lakes, table, rows, floods if len(floods) else None, columns_of(store, mapped))
