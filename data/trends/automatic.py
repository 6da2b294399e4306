"""What `auto` does: each lake by the method that its observations can carry."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from data.records import SeriesBatch
from data.trends.fit import Fit, Shared
from data.trends.known_error import METHOD as KNOWN_ERROR
from data.trends.known_error import known_error, known_error_given
from data.trends.method import Method
from data.trends.ols import METHOD as OLS
from data.trends.ols import ordinary_least_squares

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
    plain, few = ordinary_least_squares(batch, response), _few(batch)
    if not few.any():
        return replace(plain, shared=shared or {}, method=few.astype(np.int8), methods=NAMES[:1])
    known = known_error(batch, response) if shared is None or not shared else known_error_given(batch, response, shared)
    columns = {name: np.where(few, known.columns[name], values) for name, values in plain.columns.items()}
    return Fit(columns, np.where(few, known.status, plain.status).astype(np.int8), known.shared, few.astype(np.int8), NAMES)


def _few(batch: SeriesBatch) -> NDArray[np.bool_]:
    """(L,) which lakes known-error is for."""
    held = ~np.isnan(batch.area)
    if batch.area_sd is None:
        return np.zeros(len(held), dtype=bool)
    n = held.sum(axis=1)
    return (n > 0) & (n < FEWEST) & (held == (batch.area_sd > 0)).all(axis=1)


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
)
