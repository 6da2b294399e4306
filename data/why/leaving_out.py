"""The same trend without each of its dates in turn: which one it hangs on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from data.records import SeriesBatch
from data.trends.fit import Shared
from data.trends.method import Method
from data.why.by_method import fit_alone
from data.why.estimate import Estimate, of_fit


def without_each(batch: SeriesBatch, response: str, method: Method, shared: Shared | None) -> tuple[Estimate, ...]:
    """One row an observation, named by its place (0 is the first), fitted without it.

    Args:
        batch: One lake.
        response: `log` or `area`.
        method: How the lake is fitted; never `auto`, which might take another method once a date is missing.
        shared: `Fit.shared` of all lakes.
    """
    held = np.flatnonzero(~np.isnan(batch.area[0]))
    if not len(held):
        return ()
    fit = fit_alone(method, without_one(batch, held), response, shared)
    return () if fit is None else of_fit([str(place) for place in range(len(held))], fit, response)


def without_one(batch: SeriesBatch, columns: np.ndarray) -> SeriesBatch:
    """(K, T) K times the one lake, the k-th without the observation in column k.

    Args:
        batch: One lake.
        columns: (K,) of its observations.
    """
    rows = np.arange(len(columns))

    def spread(values: np.ndarray) -> np.ndarray:
        out = np.repeat(values, len(columns), axis=0)
        out[rows, columns] = np.nan
        return out

    sd = None if batch.area_sd is None else spread(batch.area_sd)
    return replace(batch, lake_key=np.repeat(batch.lake_key, len(columns)), year=spread(batch.year), area=spread(batch.area), area_sd=sd)
