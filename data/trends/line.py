"""Straight lines through the gapped series of all lakes at once: the centred two-pass form, in blocks that fit a cache.

The normal-equation form keeps 3.4 digits of the standard error once the response is offset by 1e6; the centred form keeps 12.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from data.records import SeriesBatch

CELLS = 16_384
"""Cells of a block: its half-dozen working arrays of 128 kB stay within a core's second-level cache."""

CONSTANT_RANGE = 1e-9
"""A lake is constant where range(area) ≤ this × mean(area)."""

EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Lines:
    """Least-squares lines of L lakes, each array (L,); what needs more observations than a lake has is NaN.

    Args:
        n: Observations.
        mean_year: Mean decimal year.
        mean_response: Mean of log area, or of area in km².
        slope: Response per year.
        sxx: Σ(year - mean)².
        ssr: Σ residual², not below what rounding of the response can hide.
        r2: 1 - SSR/Σ(response - mean)².
        lag_sum: Σ of residual products over pairs whose nominal years differ by exactly 1.
        lag_pairs: The number of those pairs.
        first_year: First decimal year.
        last_year: Last decimal year.
        is_constant: 1 where the area does not change, else 0.
    """

    n: NDArray[np.float64]
    mean_year: NDArray[np.float64]
    mean_response: NDArray[np.float64]
    slope: NDArray[np.float64]
    sxx: NDArray[np.float64]
    ssr: NDArray[np.float64]
    r2: NDArray[np.float64]
    lag_sum: NDArray[np.float64]
    lag_pairs: NDArray[np.float64]
    first_year: NDArray[np.float64]
    last_year: NDArray[np.float64]
    is_constant: NDArray[np.float64]


def lines(batch: SeriesBatch, response: str) -> Lines:
    """Fit every lake of the batch.

    Args:
        batch: L lakes × T observations.
        response: `log` or `area`.
    """
    lakes, width = batch.area.shape
    out = {field.name: np.empty(lakes) for field in fields(Lines)}
    step = max(1, CELLS // max(width, 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        for start in range(0, lakes, step):
            rows = slice(start, start + step)
            block = _block(batch.year[rows], batch.nominal_year[rows], batch.area[rows], response)
            for name, values in block.items():
                out[name][rows] = values
    return Lines(**out)


def _block(
    year: NDArray[np.float64], nominal: NDArray[np.float64], area: NDArray[np.float64], response: str
) -> dict[str, NDArray[np.float64]]:
    missing = np.isnan(area)
    weight = (~missing).astype(np.float64)
    ones = np.ones(area.shape[1])
    x = np.where(missing, 0.0, year)
    y = np.where(missing, 0.0, np.log(area) if response == "log" else area)
    n = weight @ ones
    mean_year = x @ ones / n
    mean_response = y @ ones / n
    dx = (x - mean_year[:, None]) * weight
    dy = (y - mean_response[:, None]) * weight
    sxx, sxy, syy = _dots(dx, dx), _dots(dx, dy), _dots(dy, dy)
    slope = sxy / sxx
    residual = dy - slope[:, None] * dx
    hidden = n * np.square(EPS * mean_response) + np.square(EPS) * syy
    ssr = np.maximum(_dots(residual, residual), hidden)
    lag_sum, lag_pairs = _lag_one(residual, weight, np.where(missing, np.nan, nominal))
    rows = np.arange(len(n))
    return {
        "n": n, "mean_year": mean_year, "mean_response": mean_response, "slope": slope, "sxx": sxx, "ssr": ssr,
        "r2": 1.0 - ssr / syy, "lag_sum": lag_sum, "lag_pairs": lag_pairs,
        "first_year": year[rows, weight.argmax(axis=1)], "last_year": year[rows, -1 - weight[:, ::-1].argmax(axis=1)],
        "is_constant": _constant(area, n, syy, mean_response, response),
    }  # fmt: skip


def _dots(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.einsum("ij,ij->i", a, b)


def _lag_one(
    residual: NDArray[np.float64], weight: NDArray[np.float64], nominal: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Σ e_i e_j and the count over pairs one nominal year apart, from per-year sums: a year may hold several observations."""
    if not weight.any():
        return np.zeros(len(weight)), np.zeros(len(weight))
    first = np.nanmin(nominal)
    years = int(np.nanmax(nominal) - first) + 1
    bins = np.where(np.isnan(nominal), 0.0, nominal - first).astype(np.intp) + years * np.arange(len(nominal))[:, None]

    def neighbours(values: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = np.bincount(bins.ravel(), values.ravel(), minlength=bins.shape[0] * years).astype(np.float64, copy=False).reshape(-1, years)
        return _dots(sums[:, :-1], sums[:, 1:])

    return neighbours(residual), neighbours(weight)


def _constant(
    area: NDArray[np.float64], n: NDArray[np.float64], syy: NDArray[np.float64], mean: NDArray[np.float64], response: str
) -> NDArray[np.float64]:
    """1 where range(area) ≤ 1e-9·mean(area). So small a range bounds Σ(response - mean)², which spares most lakes the look."""
    spread = CONSTANT_RANGE * (1.0 if response == "log" else np.abs(mean))
    out = np.zeros(len(n))
    near = np.flatnonzero(syy <= n * np.square(2.0 * spread))
    near = near[n[near] > 0]
    if len(near):
        held = area[near]
        out[near] = np.nanmax(held, axis=1) - np.nanmin(held, axis=1) <= CONSTANT_RANGE * np.nanmean(held, axis=1)
    return out
