"""Causes in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from data.watchlist.between import DATASET, OBSERVATION, SETTING, WEIGHT, Between
from data.watchlist.components import COMPONENTS
from data.watchlist.roles import ROLES

MOST = 3
"""Observations or reviews that are named."""
OTHERS = {OBSERVATION: "new observations of other lakes", DATASET: "changes in the dataset of other lakes"}


def reason(between: Between, kind: str, lake_key: int | None, passing: Sequence[str]) -> str:
    """What a cause was.

    Args:
        between: The two lists.
        kind: The cause.
        lake_key: The lake whose own data it changed, or any lake for settings and weights; None: it changed other lakes'.
        passing: Of those the lakes that changed sides with it.
    """
    if lake_key is None:
        others = OTHERS.get(kind, "reviews of other lakes")
        return f"{others}: {', '.join(passing)} changed sides with it" if passing else f"{others}, through the scale that all lakes share"
    if kind == SETTING:
        return setting_words(between)
    if kind == WEIGHT:
        return weight_words(between)
    if kind == OBSERVATION:
        return _observations(between, lake_key)
    if kind == DATASET:
        return f"dataset: {between.revised.get(lake_key, 'changed')}"
    return _reviews(between, lake_key)


def setting_words(between: Between) -> str:
    """`setting: method ols → auto, season 9-11 → all`."""
    one, other = between.settings
    names = ("method", "correction", "response", "season", "dates", "source", "threshold")
    fields = [name for name in [*names, *(vars(other).keys() - set(names))] if getattr(one, name) != getattr(other, name)]
    return "setting: " + ", ".join(f"{name} {_said(getattr(one, name))} → {_said(getattr(other, name))}" for name in fields)


def _said(value: object) -> str:
    token = getattr(value, "token", value)
    return "none" if token is None or token == "" else f"{token:g}" if isinstance(token, float) else str(token)


def weight_words(between: Between) -> str:
    """`weight: growth 2 → 1; list of 25 → 30 lakes`."""
    one, other = dict(between.then.wish.weights), dict(between.now.wish.weights)
    apart = [name for name in COMPONENTS if one.get(name, 0.0) != other.get(name, 0.0)]
    parts = [f"{COMPONENTS[name].title.lower()} {one.get(name, 0):g} → {other.get(name, 0):g}" for name in apart]
    if between.then.wish.top != between.now.wish.top:
        parts.append(f"list of {between.then.wish.top} → {between.now.wish.top} lakes")
    for role in sorted(between.remapped):
        was, is_ = (saved.columns.get(role, "none") for saved in (between.then, between.now))
        parts.append(f"column for {ROLES[role].title.lower()} {was} → {is_}")
    return "weight: " + "; ".join(parts)


def _observations(between: Between, lake_key: int) -> str:
    mine = between.added.loc[(between.added["lake_key"] == lake_key).to_numpy(dtype=bool)]
    days = [f"{day:%Y-%m-%d} ({area:.4g} km²)" for day, area in zip(mine["date"].tolist(), mine["area_km2"].tolist(), strict=True)]
    return f"new observation{'s' * (len(days) > 1)} of {_few(days)}"


def _reviews(between: Between, lake_key: int) -> str:
    said: list[str] = []
    for (key, day, source), now in between.reviewed.items():
        if key == lake_key:
            reviews = (between.now if now else between.then).reviews
            mine = (reviews["lake_key"] == key) & (reviews["date"].dt.date == day) & (reviews["source"] == source)
            name = reviews.loc[mine.to_numpy(dtype=bool), "by"].iloc[0]
            by = f" by {name}" if name else ""
            said.append(f"{day} was reviewed bad{by} and left out" if now else f"{day} is no longer left out")
    return f"review: {_few(said)}"


def _few(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - MOST} more" if len(texts) > MOST else ""
    return ", ".join(texts[:MOST]) + more
