"""Weighted straight lines through the gapped series of all lakes at once, and what their errors leave unexplained."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.records import SeriesBatch
from data.trends.line import ONE_DATE, bits_of, zero_gaps

BINS = 8
"""Size classes, at most, in which unexplained variance is sought."""
CELLS = 32_768
"""Observations of a block."""
LEAST_DF = 60
"""Degrees of freedom that a size class must have."""


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


def excess_by_size(batch: SeriesBatch, response: str, size: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Variance of the response beyond the known errors, shared by all lakes and never larger for larger ones: sizes, variances.

    In each of up to BINS classes of lake size the method of moments of DerSimonian and Laird (1986), for a regression: (ΣQ - Σdf)/Σc
    over its lakes, with Q their weighted residual sums and c = tr W - tr((X'WX)⁻¹ X'W²X); 0 where residuals do not exceed the errors.
    Classes that rise with size are pooled (isotonic regression), since what a mapper misses weighs less the larger a lake is.

    Lakes are taken in blocks that fit the caches: of a million lakes nothing of the batch's own size is made.

    Args:
        batch: L lakes × T observations; those without area_sd are left out.
        response: `log` or `area`.
        size: (L,) log of the mean area.

    Returns:
        (K,) log areas, ascending, and (K,) variances for `np.interp`; (0,) both where nothing can be told.
    """
    step = max(1, CELLS // max(batch.area.shape[1], 1))
    moments = np.full((3, len(size)), np.nan)
    for start in range(0, len(size), step):
        rows = slice(start, start + step)
        moments[:, rows] = _moments(*_weights(rows_of(batch, rows), response))
    return _pooled(moments, size)


def rows_of(batch: SeriesBatch, rows: slice | NDArray[np.intp]) -> SeriesBatch:
    """The batch of some of its lakes."""
    sd = None if batch.area_sd is None else batch.area_sd[rows]
    return SeriesBatch(batch.lake_key[rows], batch.nominal_year, batch.year[rows], batch.area[rows], sd)


def _weights(batch: SeriesBatch, response: str) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """(L, T) years, response and 1/variance of `known`, 0 in the gaps: made by bits, in a third of the time."""
    none = np.zeros_like(batch.area)
    sd = none if batch.area_sd is None else batch.area_sd
    held = (batch.area < np.inf) & (sd > 0) & (sd < np.inf)
    bits, x, area, w = bits_of(held), none, np.empty_like(none), np.empty_like(none)
    zero_gaps(batch.year, bits, out=x)
    zero_gaps(batch.area, bits, out=area)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = area / sd if response == "log" else 1.0 / sd
        zero_gaps(np.square(relative), bits, out=w)
    return x, np.log(area + ~held) if response == "log" else area, w  # log 1 = 0 in the gaps


def _moments(x: NDArray[np.float64], y: NDArray[np.float64], w: NDArray[np.float64]) -> NDArray[np.float64]:
    """(3, L) df, Q - df and c of `excess_by_size`; NaN for a lake that can tell nothing.

    With centred x the hat matrix is diagonal in (Σw, Sxx): c = Σw - Σw²/Σw - Σw²x²/Sxx.

    Args:
        x, y, w: (L, T) years, response and 1/variance, w 0 in the gaps.
    """
    df = (w > 0).sum(axis=1) - 2.0
    with np.errstate(divide="ignore", invalid="ignore"):
        weight = w.sum(axis=1)
        mean_year = np.vecdot(w, x) / weight
        x = x - mean_year[:, None]
        y = y - (np.vecdot(w, y) / weight)[:, None]
        wx = w * x
        sxx = np.vecdot(wx, x)
        dates = sxx > weight * np.square(ONE_DATE * mean_year)
        residual = y - (np.vecdot(wx, y) / sxx)[:, None] * x
        chi2 = np.vecdot(w * residual, residual)
        c = weight - np.vecdot(w, w) / weight - np.vecdot(wx, wx) / sxx
    return np.where((df > 0) & dates & np.isfinite(chi2), [df, chi2 - df, c], np.nan)


def _pooled(moments: NDArray[np.float64], size: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sizes and variances of the classes."""
    usable = np.flatnonzero(np.isfinite(moments[0]) & np.isfinite(size))
    usable = usable[np.argsort(size[usable], kind="stable")]
    df, surplus, c = moments[:, usable]
    bins = int(min(BINS, df.sum() // LEAST_DF))
    if bins < 1:
        return np.empty(0), np.empty(0)
    parts = np.array_split(np.arange(len(usable)), bins)
    at = np.array([np.median(size[usable[part]]) for part in parts])
    weight = np.array([c[part].sum() for part in parts])
    raw = np.array([surplus[part].sum() for part in parts]) / weight
    return at, np.maximum(_falling(raw, weight), 0.0)


def excess_of(shared: tuple[NDArray[np.float64], NDArray[np.float64]], size: NDArray[np.float64]) -> NDArray[np.float64]:
    """(L,) the variance of each lake by its size; 0 where nothing is shared."""
    at, variance = shared
    return np.interp(np.nan_to_num(size), at, variance) if len(at) else np.zeros(len(size))


def _falling(values: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """The nearest sequence that never rises, by pooling neighbours (Ayer et al. 1955)."""
    pools: list[list[float]] = []  # mean, weight, how many
    for value, mass in zip(values.tolist(), weight.tolist(), strict=True):
        pools.append([value, mass, 1])
        while len(pools) > 1 and pools[-2][0] < pools[-1][0]:
            mean, more, count = pools.pop()
            before = pools[-1]
            pools[-1] = [(before[0] * before[1] + mean * more) / (before[1] + more), before[1] + more, before[2] + count]
    return np.concatenate([np.full(int(count), mean) for mean, _, count in pools])
