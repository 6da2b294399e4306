"""A trend that hangs on how sure the segmenter has to be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from data.records import SeriesBatch
from data.trends.series import series
from data.triage.case import LOG_ALPHA, Case
from data.triage.doubt import Doubt, Found

LOWEST, HIGHEST = 0.1, 0.9
"""Between these thresholds a trend has to hold; beyond, next to everything or nothing is water."""
BLOCK = 5_000
"""Lakes worked on at a time: each has as many rows as dates times thresholds."""
SHARE = 0.8
"""Share of the thresholds that have to agree."""
LEFT = 0.5
"""Share of the slope that a threshold must find where the trend is not significant at it: noise alone must not speak against a lake."""


def threshold(case: Case) -> Found:
    """Fewer than SHARE of the thresholds from LOWEST to HIGHEST find a trend of the same sign, at p < .05 or with half the slope."""
    held = [each for each in case.store.thresholds.get(case.settings.source, ()) if LOWEST <= each <= HIGHEST]
    agree, known = np.zeros((2, len(case.rows)))
    for start in range(0, len(case.rows) if len(held) > 1 else 0, BLOCK):
        part = np.arange(start, min(start + BLOCK, len(case.rows)))
        agree[part], known[part] = _counted(case.some(part), held)
    gone = np.flatnonzero((known >= 2) & (agree < SHARE * known))
    words = {int(row): f"found at {agree[row]:.0f} of {known[row]:.0f} thresholds from {held[0]:g} to {held[-1]:g}" for row in gone}
    return Found(known >= 2, words)


def _counted(case: Case, held: list[float]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(K,) thresholds that find the trend, and that have a slope."""
    agree, known = np.zeros((2, len(case.rows)))
    for batch in _at_each(case, held):
        slope, log_p = case.refitted(batch)
        known += ~np.isnan(slope)
        agree += (np.sign(slope) == case.sign) & ((log_p < LOG_ALPHA) | (slope / case.slope >= LEFT))
    return agree, known


def _at_each(case: Case, held: list[float]) -> Iterator[SeriesBatch]:
    """The K lakes at each threshold. Their dates are laid out once: only areas and errors differ from threshold to threshold."""
    settings = case.settings
    rows = case.areas.at_thresholds(settings.source, case.batch.lake_key, held)
    if settings.without:
        rows = case.store.left_out.told(rows.astype({"reason": "str"}), settings.without)
    lake, day = rows["lake_key"].to_numpy(), rows["date"].to_numpy()
    begins = np.ones(len(rows), dtype=bool)
    begins[1:] = (lake[1:] != lake[:-1]) | (day[1:] != day[:-1])
    place = np.cumsum(begins) - 1, np.searchsorted(held, rows["threshold"].to_numpy())
    first = rows.loc[begins]
    # The place of an observation among `first`, counted from 1, travels as its area.
    numbered = first.assign(area_km2=np.arange(1.0, len(first) + 1), reason="ok", threshold=np.nan)
    laid, _ = series(numbered, case.batch.lake_key, replace(settings, threshold=None))
    usable = ((rows["reason"] == "ok") & (rows["area_km2"] > 0)).to_numpy(dtype=bool)
    area, sd = (_laid(np.where(usable, rows[name], np.nan), place, len(held), laid.area) for name in ("area_km2", "area_sd_km2"))
    for at in range(len(held)):
        year = np.where(np.isnan(area[at]), np.nan, laid.year)
        yield replace(laid, year=year, area=area[at], area_sd=None if case.batch.area_sd is None else sd[at])


def _laid(
    values: NDArray[np.float64], place: tuple[NDArray[np.intp], NDArray[np.intp]], thresholds: int, numbers: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(H, K, T) values of long rows at each threshold, as the numbers of the observations are laid out; NaN where there is none."""
    table = np.full((thresholds, int(place[0][-1]) + 2 if len(values) else 1), np.nan)
    table[place[1], place[0] + 1] = values
    return table[:, np.nan_to_num(numbers).astype(np.intp)]


DOUBT = Doubt("threshold", "at four of five thresholds", threshold)
