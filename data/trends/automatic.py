"""What `auto` does: each lake by the method that its observations can carry."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from data.records import SeriesBatch
from data.trends.excess import concluded_excess, excess_said, shared_excess
from data.trends.fit import Evidence, Fit, Shared
from data.trends.known_error import METHOD as KNOWN_ERROR
from data.trends.known_error import known_error_given
from data.trends.method import Method
from data.trends.ols import METHOD as OLS
from data.trends.ols import ordinary_least_squares
from data.trends.pooling import Pooling

FEWEST = 5
"""Observations from which least squares can estimate a lake's own scatter."""
NAMES = (OLS.name, KNOWN_ERROR.name)


def automatic(batch: SeriesBatch, response: str) -> Fit:
    """Known error where a lake has fewer than FEWEST observations and each has its area_sd, else least squares.

    What known-error trends share is estimated over all lakes of the batch. All lakes are one family.

    Args:
        batch: L lakes × T observations.
        response: `log` or `area`.
    """
    return _mixed(batch, response, None)


def automatic_given(batch: SeriesBatch, response: str, shared: Shared) -> Fit:
    """The same for a few lakes of many."""
    return _mixed(batch, response, shared)


def _mixed(batch: SeriesBatch, response: str, shared: Shared | None) -> Fit:
    plain = ordinary_least_squares(batch, response)
    few = _few(batch, plain.columns["n"])
    by, names = np.zeros(len(plain.status), dtype=np.int8), NAMES if len(few) else NAMES[:1]
    if not len(few):
        return replace(plain, shared=shared or {}, method=by, methods=names)
    known = known_error_given(batch.of(few), response, shared or shared_excess(batch, response))
    columns = {name: values.copy() for name, values in plain.columns.items()}
    status = plain.status.copy()
    for name, values in columns.items():
        values[few] = known.columns[name]
    status[few], by[few] = known.status, 1
    return Fit(columns, status, known.shared, by, names)


def _said(batch: SeriesBatch, response: str) -> Evidence:
    """What each lake says of the errors' excess, and `few` (L,) 1 where that will be asked."""
    few = np.zeros(len(batch.lake_key))
    few[_few(batch, (~np.isnan(batch.area)).sum(axis=1).astype(np.float64))] = 1.0
    return {**excess_said(batch, response), "few": few}


def _concluded(said: Evidence) -> Shared:
    """What all lakes share; nothing where no lake has few observations."""
    return concluded_excess(said) if said["few"].any() else {}


def _few(batch: SeriesBatch, n: NDArray[np.float64]) -> NDArray[np.intp]:
    """The lakes that known-error is for, of those with n (L,) observations."""
    if batch.area_sd is None:
        return np.empty(0, dtype=np.intp)
    rows = np.flatnonzero((n > 0) & (n < FEWEST))
    return rows[(~np.isnan(batch.area[rows]) == (batch.area_sd[rows] > 0)).all(axis=1)]


AUTOMATIC = Method(
    name="auto",
    title="Automatic",
    version=1,
    help=(
        "Least squares with the effective sample size, which learns a lake's scatter from its own observations. A lake with fewer than "
        "five of them teaches too little: where each of its areas has an error, the trend is held against those errors instead (Known "
        "error). The table says which method each lake has."
    ),
    fit=automatic,
    given=automatic_given,
    pooling=Pooling(_said, _concluded),
)
