"""A trend that one date makes: without it there is none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from data.records import SeriesBatch
from data.trends.fit import MIN_N
from data.triage.case import LOG_ALPHA, Case
from data.triage.doubt import Doubt, Found

LEFT = 0.5
"""Share of the slope, at most, that is left without the date: a trend that barely passes would else fall with any."""


def one_date(case: Case) -> Found:
    """The trend is gone (p ≥ .05, or of the other sign) without one of its dates, and half the slope with it."""
    held = ~np.isnan(case.batch.area)
    n = held.sum(axis=1)
    order = np.argsort(~held, axis=1, kind="stable")
    worst, place = np.full(len(n), np.inf), np.full(len(n), -1)
    for nth in range(int(n.max(initial=0))):
        column = np.where(n > nth, order[:, min(nth, order.shape[1] - 1)], -1)
        other, log_p = case.refitted(_without(case.batch, column))
        share = other / case.slope
        gone = (column >= 0) & ((log_p >= LOG_ALPHA) | (share < 0)) & (share < LEFT)
        better = gone & (share < worst)
        worst[better], place[better] = share[better], column[better]
    rows = np.flatnonzero(place >= 0)
    years = case.batch.year[rows, place[rows]]
    words = [
        f"hangs on one date, that of {year:.0f}: {100 * share:.0f} % of its slope is left without it"
        for year, share in zip(np.floor(years).tolist(), worst[rows].tolist(), strict=True)
    ]
    return Found(n > MIN_N, dict(zip(rows.tolist(), words, strict=True)))


def _without(batch: SeriesBatch, column: NDArray[np.intp]) -> SeriesBatch:
    rows = np.flatnonzero(column >= 0)

    def emptied(values: NDArray[np.float64]) -> NDArray[np.float64]:
        out = values.copy()
        out[rows, column[rows]] = np.nan
        return out

    sd = None if batch.area_sd is None else emptied(batch.area_sd)
    return replace(batch, year=emptied(batch.year), area=emptied(batch.area), area_sd=sd)


DOUBT = Doubt("one date", "whichever date is left out", one_date)
