"""`Saved`: a watch-list with everything that it was made of, so that it can be ranked again with one thing changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from data.errors import InputError
from data.records import TrendSettings
from data.reviews.latest import Observation
from data.store import Store
from data.watchlist.columns_json import LONGEST, Kept
from data.watchlist.given import Given
from data.watchlist.opened import rows_by
from data.watchlist.rank import Ranking
from data.watchlist.roles import ROLES
from data.watchlist.wish import Wish

MOST_LAKES, MOST_ROWS = 50_000, 200_000
"""A watch-list of a larger inventory would not be a file that anybody mails."""

LAKES: dict[str, Kept] = {
    "lake_key": Kept("int"), "lake_id": Kept("text", null=True), "label": Kept("text"), "basin": Kept("text", null=True),
    "sub_basin": Kept("text", null=True), "lon": Kept("float", null=True), "lat": Kept("float", null=True),
    "elevation_m": Kept("float", null=True), "dam_type": Kept("text", null=True),
    **{f"role:{role}": Kept("float", null=True) for role in ROLES},
}  # fmt: skip
ROWS: dict[str, Kept] = {
    "lake_key": Kept("int"), "date": Kept("date"), "threshold": Kept("float", null=True), "area_km2": Kept("float"),
    "area_sd_km2": Kept("float", null=True), "valid_share": Kept("float", null=True), "reason": Kept("text"),
    "sensor": Kept("text", null=True), "date_nominal": Kept("bool"), "date_image": Kept("date", null=True),
}  # fmt: skip
FLOODS: dict[str, Kept] = {"lake_key": Kept("int"), "date": Kept("date", null=True)}
REVIEWS: dict[str, Kept] = {
    "lake_key": Kept("int"), "date": Kept("date"), "source": Kept("text"), "by": Kept("text"), "note": Kept("text"),
}  # fmt: skip
"""Observations that a review left out of the fits."""
Reviewers = Mapping[Observation, tuple[str, str]]


@dataclass(frozen=True)
class Dataset:
    """Which dataset a watch-list is of."""

    name: str
    title: str
    digest: str
    simulated: bool
    licence: str
    citation: str


@dataclass(frozen=True)
class Saved:
    """A watch-list and what it was made of.

    Args:
        made: The day, ISO.
        dataset: Of what.
        settings: Of the trends; `without` is empty, since what reviews leave out stands in `reviews`.
        wish: Weights, length, and the columns that the person mapped.
        columns: Role → column that played it.
        lakes: Columns of LAKES, in lake_key order.
        rows: Columns of ROWS, of the source of the settings, ordered by lake and date, their reasons as the dataset has them.
        floods: Columns of FLOODS; None where there is no record of floods.
        reviews: Columns of REVIEWS.
        ranks: lake_key → place, of the lakes on the list.
    """

    made: str
    dataset: Dataset
    settings: TrendSettings
    wish: Wish
    columns: dict[str, str]
    lakes: pd.DataFrame
    rows: pd.DataFrame
    floods: pd.DataFrame | None
    reviews: pd.DataFrame
    ranks: dict[int, int]

    @cached_property
    def labels(self) -> dict[int, str]:
        """lake_key → what a person calls the lake."""
        return dict(zip(self.lakes["lake_key"].tolist(), self.lakes["label"].tolist(), strict=True))


def saved_of(store: Store, given: Given, ranking: Ranking, wish: Wish, *, day: date, reviewers: Reviewers | None = None) -> Saved:
    """The watch-list of an open dataset.

    Args:
        store: The dataset.
        given: What the ranking was made from.
        ranking: The order.
        wish: Weights and mapped columns.
        day: Today.
        reviewers: (lake_key, day, source) → name and note, where they are known of observations that reviews leave out.

    Raises:
        InputError: The inventory is too large to go into a file whole.
    """
    settings = replace(given.table.settings, without="")
    refuse_large(len(given.lakes), store.observations(settings.source))
    rows = rows_by(store, settings).loc[:, list(ROWS)].reset_index(drop=True)
    meta = store.meta
    dataset = Dataset(meta.name, meta.title, store.digest, meta.simulated, meta.licence, meta.citation)
    lakes = _short(given.lakes.assign(label=list(store.labels), **_roles(given)).loc[:, list(LAKES)], LAKES)
    listed = {int(ranking.lake_key[row]): int(ranking.rank[row]) for row in ranking.listed}
    floods = None if given.floods is None else given.floods.loc[:, list(FLOODS)].reset_index(drop=True)
    reviews = _reviews(store.left_out.named(given.table.settings.without), reviewers or {})
    return Saved(day.isoformat(), dataset, settings, wish, dict(given.columns), lakes, rows, floods, reviews, listed)


def refuse_large(lakes: int, rows: int) -> None:
    """Raise InputError where an inventory is too large to go into a file whole."""
    if lakes > MOST_LAKES or rows > MOST_ROWS:
        what = f"{lakes:,} lakes with {rows:,} observations are too many for one file"
        raise InputError(what, f"export the list as CSV; files hold up to {MOST_LAKES:,} lakes and {MOST_ROWS:,} observations")


def _short(frame: pd.DataFrame, columns: Mapping[str, Kept]) -> pd.DataFrame:
    """With texts as long as a file holds them: a list on screen would else differ from the same one read back."""
    texts = [name for name, kept in columns.items() if kept.kind == "text"]
    return frame.assign(**{name: frame[name].map(lambda held: held[:LONGEST] if isinstance(held, str) else held) for name in texts})


def _reviews(out: frozenset[Observation], reviewers: Reviewers) -> pd.DataFrame:
    told = [(*each, *reviewers.get(each, ("", ""))) for each in sorted(out)]
    frame = pd.DataFrame(told, columns=list(REVIEWS))
    return frame.assign(date=pd.to_datetime(frame["date"]).astype("datetime64[ms]"))


def _roles(given: Given) -> dict[str, np.ndarray]:
    nothing = np.full(len(given.lakes), np.nan)
    return {
        f"role:{role}": given.lakes[given.columns[role]].to_numpy(dtype=np.float64, na_value=np.nan) if role in given.columns else nothing
        for role in ROLES
    }


def roles_held(columns: Iterable[str]) -> dict[str, str]:
    """Role → the column of `Saved.lakes` that holds it."""
    return {role: f"role:{role}" for role in columns}
