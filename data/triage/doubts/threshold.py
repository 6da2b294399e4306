"""A trend that hangs on how sure the segmenter has to be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from data.trends.series import series
from data.triage.case import LOG_ALPHA, Case
from data.triage.doubt import Doubt, Found

LOWEST, HIGHEST = 0.1, 0.9
"""Between these thresholds a trend has to hold; beyond, next to everything or nothing is water."""
BLOCK = 5_000
"""Lakes worked on at a time: with their thresholds they are seventeen times as many."""
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
    """(K,) thresholds that find the trend, and that have a slope. Each lake stands once a threshold, as lakes of one batch."""
    keys, settings = case.batch.lake_key, replace(case.settings, threshold=None)
    rows = case.areas.at_thresholds(settings.source, keys, held)
    if settings.without:
        rows = case.store.left_out.told(rows.astype({"reason": "str"}), settings.without)
    place = np.searchsorted(keys, rows["lake_key"]) * len(held) + np.searchsorted(held, rows["threshold"])
    batch, _ = series(rows.assign(lake_key=place, threshold=np.nan), np.arange(len(keys) * len(held), dtype=np.int32), settings)
    each = case.some(np.repeat(np.arange(len(keys)), len(held)))
    slope, log_p = each.refitted(batch)
    own = case.table.frame["slope"].to_numpy(dtype=float)[each.rows]
    agree = (np.sign(slope) == each.sign) & ((log_p < LOG_ALPHA) | (slope / own >= LEFT))
    return agree.reshape(-1, len(held)).sum(axis=1), (~np.isnan(slope)).reshape(-1, len(held)).sum(axis=1)


DOUBT = Doubt("threshold", "at four of five thresholds", threshold)
