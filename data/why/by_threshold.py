"""The same lake at every probability threshold of its source."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from data.trends import resolve
from data.why.estimate import Estimate, of_table

if TYPE_CHECKING:
    from data.records import TrendSettings, TrendTable
    from data.store import Store


@dataclass(frozen=True)
class Stability:
    """How many thresholds say what the one in use says.

    Args:
        same: How many agree in sign and in whether p < .05.
        of: How many have a trend.
    """

    same: int
    of: int

    @property
    def proof(self) -> bool:
        """Threshold-proof: every threshold that has a trend says the same."""
        return self.of > 1 and self.same == self.of


def threshold_table(store: Store, lake_key: int, settings: TrendSettings, shared: dict[str, list[float]] | None = None) -> TrendTable:
    """One row a threshold of the source under test: the thresholds stand as lakes of one table, so that one fit does for all.

    Args:
        store: The dataset.
        lake_key: The lake.
        settings: As ever; their threshold does not matter.
        shared: `TrendTable.shared` of all lakes.
    """
    held = store.thresholds.get(settings.source, ())
    rows = store.areas(lake_key, replace(settings, threshold=None))
    drawn = rows.loc[((rows["source"] == settings.source) & rows["threshold"].isna()).to_numpy(dtype=bool)]
    probable = store.left_out.told(store.areas_by_threshold(lake_key, settings.source), settings.without)
    place = {threshold: at for at, threshold in enumerate(held)}
    at_each = probable.assign(lake_key=[place[each] for each in probable["threshold"].tolist()])
    parts = [at_each, *(drawn.assign(lake_key=at) for at in place.values())]
    frame = pd.concat([part for part in parts if len(part)] or [drawn]).assign(threshold=np.nan)
    lakes = pd.DataFrame({"lake_key": np.arange(len(held), dtype=np.int32), "lake_id": ""})
    return resolve(settings).table(frame, lakes, replace(settings, threshold=None), shared)


def by_threshold(store: Store, lake_key: int, settings: TrendSettings, shared: dict[str, list[float]] | None) -> tuple[Estimate, ...]:
    """One row a threshold, ascending; () where the source has no probabilities of this lake."""
    held = store.thresholds.get(settings.source, ())
    if not held or not len(store.areas_by_threshold(lake_key, settings.source)):
        return ()
    return of_table([f"{threshold:g}" for threshold in held], threshold_table(store, lake_key, settings, shared))


def stability(rows: tuple[Estimate, ...], own: str) -> Stability:
    """How many of the thresholds say what the one called `own` says."""
    mine = next((row for row in rows if row.name == own), None)
    told = [row for row in rows if not math.isnan(row.log_p)]
    same = 0 if mine is None else sum(_says(row) == _says(mine) for row in told)
    return Stability(same, len(told))


def _says(row: Estimate) -> int:
    return row.sign if row.significant else 0
