"""Weighted straight lines through the gapped series of all lakes at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.records import SeriesBatch
from data.trends.line import ONE_DATE


@dataclass(frozen=True)
class Known:
    """Observations whose error is known; NaN in all three where one is missing.

    Args:
        x: (L, T) decimal years.
        y: (L, T) response.
        variance: (L, T) of the response, > 0.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    variance: NDArray[np.float64]

    @property
    def n(self) -> NDArray[np.float64]:
        """(L,) observations."""
        return (~np.isnan(self.y)).sum(axis=1).astype(np.float64)


@dataclass(frozen=True)
class WeightedLines:
    """Weighted least-squares lines of L lakes, each array (L,).

    Args:
        weight: Σw.
        mean_year, mean_response: Weighted means.
        slope: Per year.
        sxx: Σw(x - mean)².
        chi2: Σw residual².
        r2: 1 - chi2/Σw(y - mean)².
    """

    weight: NDArray[np.float64]
    mean_year: NDArray[np.float64]
    mean_response: NDArray[np.float64]
    slope: NDArray[np.float64]
    sxx: NDArray[np.float64]
    chi2: NDArray[np.float64]
    r2: NDArray[np.float64]


def known(batch: SeriesBatch, response: str) -> Known:
    """The observations of a batch that have an area_sd; for the log response its relative size is the error (first order)."""
    sd = np.full_like(batch.area, np.nan) if batch.area_sd is None else batch.area_sd
    held = np.isfinite(batch.area) & (sd > 0) & np.isfinite(sd)
    area, sd, x = (np.where(held, values, np.nan) for values in (batch.area, sd, batch.year))
    return Known(x, np.log(area), np.square(sd / area)) if response == "log" else Known(x, area, np.square(sd))


def weighted_lines(seen: Known, excess: NDArray[np.float64]) -> WeightedLines:
    """Fit every lake; centred two-pass form. Lakes without two dates get NaN.

    Args:
        seen: L lakes × T observations.
        excess: (L,) variance added to each observation's own.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        w = np.nan_to_num(1.0 / (seen.variance + excess[:, None]))
        x, y = np.nan_to_num(seen.x), np.nan_to_num(seen.y)
        weight = w.sum(axis=1)
        mean_year, mean_response = np.vecdot(w, x) / weight, np.vecdot(w, y) / weight
        x, y = x - mean_year[:, None], y - mean_response[:, None]
        sxx, sxy, syy = np.vecdot(w * x, x), np.vecdot(w * x, y), np.vecdot(w * y, y)
        sxx[sxx <= weight * np.square(ONE_DATE * mean_year)] = 0.0
        slope = sxy / sxx
        residual = y - slope[:, None] * x
        chi2 = np.vecdot(w * residual, residual)
        return WeightedLines(weight, mean_year, mean_response, slope, sxx, chi2, 1.0 - chi2 / syy)
