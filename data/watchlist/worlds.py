"""Worlds between two watch-lists: as it was then, with some things as they are now. Each is ranked again, exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from data.leaving_out import LeftOut
from data.records import TrendTable
from data.trends import resolve
from data.watchlist.between import DATASET, OBSERVATION, REVIEW, SETTING, WEIGHT, Between, keyed, left_out
from data.watchlist.given import Given
from data.watchlist.rank import Ranking, ranked, raw_components
from data.watchlist.saved import roles_held
from data.watchlist.wish import Wish

World = frozenset[str]
"""The causes that are as they are now; all others are as they were then."""


def silent(done: int, of: int) -> None:
    """Tells nobody."""


def rankings(between: Between, tell: Callable[[int, int], None] = silent) -> dict[World, Ranking]:
    """Every world between then and now, ranked; each is fitted once however many weights it is ranked by.

    Args:
        between: The two watch-lists.
        tell: Called with how many worlds are done, of how many; an exception that it raises ends the work.
    """
    causes = between.causes
    worlds = [frozenset(cause for n, cause in enumerate(causes) if number >> n & 1) for number in range(2 ** len(causes))]
    weighed = {name for wish in (between.then.wish, between.now.wish) for name, _ in wish.weights}
    fitted: dict[World, TrendTable] = {}
    found: dict[World, Ranking] = {}
    for done, world in enumerate(worlds):
        tell(done, len(worlds))
        given = given_in(between, world, fitted.get(world - {WEIGHT}))
        fitted[world - {WEIGHT}] = given.table
        found[world] = ranked(given.lake_keys, raw_components(given, weighed), wish_in(between, world))
    return found


def wish_in(between: Between, world: World) -> Wish:
    """Weights and length of the list."""
    return (between.now if WEIGHT in world else between.then).wish


def given_in(between: Between, world: World, table: TrendTable | None = None) -> Given:
    """What components are worked out from in a world; fitted unless its table is handed in."""
    lakes = lakes_in(between, world)
    rows = rows_in(between, world, set(lakes["lake_key"].tolist()))
    # Without a threshold: the rows that are kept are those of one already.
    settings = replace((between.now if SETTING in world else between.then).settings, threshold=None)
    floods = (between.now if DATASET in world else between.then).floods
    columns = roles_held((between.now if WEIGHT in world else between.then).columns)
    return Given(lakes, table or resolve(settings).table(rows, lakes, settings), lambda: [rows], floods, columns)


def lakes_in(between: Between, world: World) -> pd.DataFrame:
    """The lakes; a column that was mapped otherwise comes with the mapping, not with the dataset."""
    lakes = (between.now if DATASET in world else between.then).lakes
    played = (between.now if WEIGHT in world else between.then).lakes.set_index("lake_key")
    mapped = {f"role:{role}": played[f"role:{role}"].reindex(lakes["lake_key"]).to_numpy() for role in between.remapped}
    return lakes.assign(**mapped) if mapped else lakes


def rows_in(between: Between, world: World, lakes: set[int]) -> pd.DataFrame:
    """The area rows of these lakes, those that a review leaves out marked so, as an open dataset marks them."""
    # Another source has other observations: they come with the setting that names it.
    rows = (between.now if (DATASET if between.same_source else SETTING) in world else between.then).rows
    if between.same_source:
        rows = rows.loc[~keyed(rows).index.isin(keyed(between.added).index)]
        rows = pd.concat([rows, between.added]) if OBSERVATION in world else rows
    rows = rows.loc[rows["lake_key"].isin(list(lakes)).to_numpy(dtype=bool)]
    source = (between.now if SETTING in world else between.then).settings.source
    rows = rows.sort_values(["lake_key", "date"], ignore_index=True, kind="stable").assign(source=source)
    out = left_out(between.now if REVIEW in world else between.then)
    marks = LeftOut()
    return marks.told(rows, marks.name(out))
