"""All the reasons of one lake, in one pure calculation (a few fits of one lake: tens of milliseconds)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from data.trends import METHODS
from data.trends.fit import Shared
from data.trends.series import barred, series, years_of
from data.why.by_method import by_method
from data.why.by_source import by_source, of_source
from data.why.by_threshold import Stability, by_threshold, stability
from data.why.estimate import Estimate, of_table
from data.why.leaving_out import without_each
from data.why.residuals import Residuals, residuals

if TYPE_CHECKING:
    import pandas as pd

    from data.records import TrendSettings, TrendTable
    from data.store import Store


@dataclass(frozen=True)
class Why:
    """What a verdict rests on.

    Args:
        settings: What was asked.
        method: How the lake is fitted under them.
        own: The fit itself, as the table has it.
        methods: The same observations by every method.
        left_out: The same method without each date, named by that date.
        thresholds: The same at every threshold; () where the source has no probabilities of the lake.
        stability: How many of those agree; None where there are none.
        sources: The same by every source.
        residuals: About the line; None where there is none.
    """

    settings: TrendSettings
    method: str
    own: Estimate
    methods: tuple[Estimate, ...]
    left_out: tuple[Estimate, ...]
    thresholds: tuple[Estimate, ...]
    stability: Stability | None
    sources: tuple[Estimate, ...]
    residuals: Residuals | None


def why(store: Store, lake_key: int, settings: TrendSettings, table: TrendTable) -> Why:
    """Work out the reasons of one lake. No table of all lakes is fitted; what methods learn from one is taken where it is held.

    Args:
        store: The dataset.
        lake_key: The lake.
        settings: Those the lake is looked at under: of `table`, or at another threshold.
        table: The trend table on screen.
    """
    rows = store.areas(lake_key, settings)
    mine = rows.loc[(rows["source"] == settings.source).to_numpy(dtype=bool)]
    batch, _ = series(mine, np.array([lake_key], dtype=np.int32), settings)
    alone = store.lake_trends(lake_key, settings, table.shared)
    row, shared = alone.frame.iloc[0].to_dict(), shared_by_method(store, settings, table)
    method = str(row["method"])
    thresholds = by_threshold(store, lake_key, settings, table.shared)
    own = f"{store.threshold(settings.source, settings.threshold):g}"
    return Why(
        settings=settings,
        method=method,
        own=of_table([method], alone)[0],
        methods=by_method(batch, settings.response, shared),
        left_out=_dated(without_each(batch, settings.response, METHODS[method], shared.get(method)), mine, settings),
        thresholds=thresholds,
        stability=stability(thresholds, own) if thresholds else None,
        sources=by_source(rows, lake_key, settings, store.sources, _shared_by_source(store, settings, table)),
        residuals=residuals(batch, row, settings.response) if np.isfinite(row["slope"]) else None,
    )


def shared_by_method(store: Store, settings: TrendSettings, table: TrendTable) -> dict[str, Shared]:
    """Method → what it learnt from all lakes, of the tables that a cache holds; nothing is fitted."""
    found: dict[str, Shared] = {}
    for name, method in METHODS.items():
        if method.given is None:
            continue
        held = store.shared_held(replace(settings, method=name))
        if held is not None:
            found[name] = held
        elif table.shared and name in table.frame["method"].cat.categories:  # `auto` learnt it for the lakes that it gave to this method
            found[name] = table.shared
    return found


def _shared_by_source(store: Store, settings: TrendSettings, table: TrendTable) -> Mapping[str, Shared]:
    held = {source: store.shared_held(of_source(settings, source)) for source in store.sources}
    return {source: each for source, each in held.items() if each is not None} | {table.settings.source: table.shared}


def _dated(rows: tuple[Estimate, ...], areas: pd.DataFrame, settings: TrendSettings) -> tuple[Estimate, ...]:
    """The rows named by the dates of their observations: by the year alone where only that is known."""
    if not rows:  # the method learns from all lakes, and nobody has asked it to
        return rows
    used = areas.loc[barred(areas, settings.season) == ""]
    year, whole = years_of(used, settings)
    order = np.lexsort((year, whole))
    by_image = (settings.dates == "image") & used["date_image"].notna()
    day = used["date"].where(~by_image, used["date_image"])
    nominal = used["date_nominal"].to_numpy(dtype=bool) & ~by_image.to_numpy(dtype=bool)
    names = np.where(nominal, day.dt.strftime("%Y"), day.dt.strftime("%Y-%m-%d"))[order]
    return tuple(replace(row, name=str(name)) for row, name in zip(rows, names, strict=True))
