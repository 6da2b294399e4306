"""What the line leaves over, date by date, and how much each year's remainder resembles the one before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.records import SeriesBatch
from data.trends.ols import R1_MIN_PAIRS

LEAST_PAIRS = R1_MIN_PAIRS
"""Pairs of neighbouring years below which the lag-1 correlation says nothing (as for the effective sample size)."""


@dataclass(frozen=True)
class Residuals:
    """The observations about their line.

    Args:
        year: (N,) decimal years.
        value: (N,) log area less its fit, or km² less it.
        error: (N,) mapping error in the same unit, 1 sd; NaN where unknown.
        lag1: Correlation over pairs of neighbouring nominal years; NaN where there are fewer than LEAST_PAIRS.
        pairs: How many pairs there are.
    """

    year: NDArray[np.float64]
    value: NDArray[np.float64]
    error: NDArray[np.float64]
    lag1: float
    pairs: int


def residuals(batch: SeriesBatch, row: Mapping[str, Any], response: str) -> Residuals:
    """Residuals of one lake about the line of its row.

    lag1 is Σ e_i e_j over the pairs whose nominal years differ by exactly 1, divided by the number of pairs × mean(e²), not corrected
    for the bias of a short series: for least squares it is the table's `r1`.

    Args:
        batch: One lake.
        row: Its row of a trend table's frame.
        response: `log` or `area`.
    """
    held = ~np.isnan(batch.area[0])
    year, area, nominal = batch.year[0][held], batch.area[0][held], batch.nominal_year[held]
    sd = np.full(len(area), np.nan) if batch.area_sd is None else batch.area_sd[0][held]
    y, error = (np.log(area), sd / area) if response == "log" else (area, sd)
    value = y - (row["mean_response"] + row["slope"] * (year - row["mean_year"]))
    apart = nominal[None] - nominal[:, None] == 1.0
    pairs = int(apart.sum())
    mean_square = np.square(value).mean() if len(value) else np.nan
    known = pairs >= LEAST_PAIRS and mean_square > 0
    lag1 = float((apart * np.outer(value, value)).sum() / (pairs * mean_square)) if known else float("nan")
    return Residuals(year, value, error, lag1, pairs)
