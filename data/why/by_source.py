"""The same lake by every source that has areas of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from data.trends import AUTO, resolve
from data.trends.fit import Shared
from data.trends.series import series
from data.why.by_method import NEEDS_ALL
from data.why.estimate import Estimate, nothing, of_fit

if TYPE_CHECKING:
    import pandas as pd

    from data.records import TrendSettings

NO_AREAS = "no area of this lake"
ALONE = "without what all its lakes share, which have not been fitted yet"


def by_source(
    rows: pd.DataFrame, lake_key: int, settings: TrendSettings, sources: Sequence[str], shared: Mapping[str, Shared]
) -> tuple[Estimate, ...]:
    """One row a source, as the same method sees it: the one under test at its threshold in use, every other at the dataset's own for it.

    Args:
        rows: The area rows of the lake, of every source, each at that threshold.
        lake_key: The lake.
        settings: What is under test.
        sources: Their names, in order.
        shared: Source → `TrendTable.shared` of all its lakes, for those that have been fitted.
    """
    return tuple(_one(rows, lake_key, replace(settings, source=source), shared.get(source)) for source in sources)


def of_source(settings: TrendSettings, source: str) -> TrendSettings:
    """The same settings for a source, at the dataset's own threshold where it is another one."""
    return replace(settings, source=source, threshold=settings.above(source))


def _one(rows: pd.DataFrame, lake_key: int, settings: TrendSettings, shared: Shared | None) -> Estimate:
    mine = rows.loc[(rows["source"] == settings.source).to_numpy(dtype=bool)]
    batch, _ = series(mine, np.array([lake_key], dtype=np.int32), settings)
    if not np.isfinite(batch.area).any():
        return nothing(settings.source, NO_AREAS)
    method = resolve(settings)
    if shared and method.given is not None:
        return of_fit([settings.source], method.given(batch, settings.response, shared), settings.response)[0]
    if method.given is not None and shared is None and settings.method != AUTO:
        return nothing(settings.source, NEEDS_ALL)
    fit = method.fit(batch, settings.response)
    found = of_fit([settings.source], fit, settings.response)[0]
    return replace(found, note=ALONE) if fit.shared else found
