"""The same lake by every source that has areas of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from data.trends.fit import Shared
from data.why.estimate import Estimate, nothing, of_table

if TYPE_CHECKING:
    from data.records import TrendSettings
    from data.store import Store

NO_AREAS = "no area of this lake"
ALONE = "without what all its lakes share, which have not been fitted yet"


def by_source(store: Store, lake_key: int, settings: TrendSettings, shared: Mapping[str, Shared]) -> tuple[Estimate, ...]:
    """One row a source, as the same method sees it: the one under test at its threshold in use, every other at the dataset's own for it.

    Args:
        store: The dataset.
        lake_key: The lake.
        settings: What is under test.
        shared: Source → `TrendTable.shared` of all its lakes, for those that have been fitted.
    """
    return tuple(_one(store, lake_key, of_source(settings, source), shared.get(source)) for source in store.sources)


def of_source(settings: TrendSettings, source: str) -> TrendSettings:
    """The same settings for a source, at the dataset's own threshold where it is another one."""
    return replace(settings, source=source, threshold=settings.above(source))


def _one(store: Store, lake_key: int, settings: TrendSettings, shared: Shared | None) -> Estimate:
    alone = store.lake_trends(lake_key, settings, shared)
    found = of_table([settings.source], alone)[0]
    if not found.n:
        return nothing(settings.source, NO_AREAS)
    borrows = alone.shared and shared is None
    return replace(found, note=ALONE) if borrows else found
