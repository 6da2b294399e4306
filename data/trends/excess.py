"""What mapping errors leave unexplained: variance that lakes of a size share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data.records import SeriesBatch
from data.trends.fit import Evidence, Shared
from data.trends.line import ONE_DATE, bits_of, zero_gaps
from data.trends.pooling import Pooling
from data.trends.size import log_size

SIZES, EXCESS = "excess_log_area", "excess_variance"
"""Under which names it is shared."""
BINS = 8
"""Size classes, at most, in which unexplained variance is sought."""
CELLS = 32_768
"""Observations of a block."""
LEAST_DF = 60
"""Degrees of freedom that a size class must have."""


def shared_excess(batch: SeriesBatch, response: str) -> Shared:
    """The τ² that the lakes of a batch share, as sizes and variances."""
    return concluded_excess(excess_said(batch, response))


def excess_said(batch: SeriesBatch, response: str) -> Evidence:
    """What each lake says of it: `size` (L,) and `moments` (3, L)."""
    size = log_size(batch)
    return {"size": size, "moments": _moments_of(batch, response)}


def concluded_excess(said: Evidence) -> Shared:
    """τ² from what all lakes say."""
    at, variance = _pooled(said["moments"], said["size"])
    return {SIZES: at.tolist(), EXCESS: variance.tolist()}


EXCESS_POOLING = Pooling(excess_said, concluded_excess)


def excess_of(shared: Shared, batch: SeriesBatch) -> NDArray[np.float64]:
    """(L,) the variance of each lake by its size; 0 where nothing is shared."""
    at, size = shared[SIZES], log_size(batch)
    return np.interp(np.nan_to_num(size), at, shared[EXCESS]) if at else np.zeros(len(size))


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
    return _pooled(_moments_of(batch, response), size)


def _moments_of(batch: SeriesBatch, response: str) -> NDArray[np.float64]:
    """(3, L) of `_moments`."""
    step = max(1, CELLS // max(batch.area.shape[1], 1))
    moments = np.full((3, len(batch.area)), np.nan)
    for start in range(0, len(batch.area), step):
        rows = slice(start, start + step)
        moments[:, rows] = _moments(*_weights(batch.of(rows), response))
    return moments


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
