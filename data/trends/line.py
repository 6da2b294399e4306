"""Straight lines through the gapped series of all lakes at once: the centred two-pass form, in blocks that fit a cache.

The normal-equation form keeps 3.4 digits of the standard error once the response is offset by 1e6; the centred form keeps 12.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from data.records import SeriesBatch
from data.trends.student import log_p_two_sided

CELLS = 65_536
"""Cells of a block: large enough that calls cost little, small enough for the caches; 16,384 takes 1.4 times as long."""

CONSTANT_RANGE = 1e-9
"""A lake is constant where range(area) ≤ this × mean(area)."""

EPS = float(np.finfo(np.float64).eps)
ONE_DATE = 4 * EPS
"""Decimal years that differ by less than this × their mean are one date: their mean is rounded, and Σ(year - mean)² is not quite 0."""


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
    out = {field.name: np.full(lakes, np.nan) for field in fields(Lines)}
    step = max(1, CELLS // max(width, 1))
    work = [np.empty((min(step, lakes), width)) for _ in range(5)]
    with np.errstate(divide="ignore", invalid="ignore"):
        for start in range(0, lakes if width else 0, step):
            rows = slice(start, start + step)
            block = _block(batch.year[rows], batch.area[rows], batch.nominal_year, response, work)
            for name, values in block.items():
                out[name][rows] = values
    return Lines(**{**out, "n": np.nan_to_num(out["n"])})


def log_p_plain(fit: Lines, family: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(L,) log p of the plain t test of a slope, on n - 2 degrees of freedom; NaN outside the family.

    Args:
        fit: L lakes.
        family: (L,) which of them are tested.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(family, fit.slope * np.sqrt(fit.sxx * (fit.n - 2.0) / fit.ssr), np.nan)
    return log_p_two_sided(t, fit.n - 2.0)


def _block(
    year: NDArray[np.float64], area: NDArray[np.float64], nominal_year: NDArray[np.float64], response: str, work: list[NDArray[np.float64]]
) -> dict[str, NDArray[np.float64]]:
    """The lines of a block of lakes. All (B, T) floats live in `work`: taking fresh memory for each costs more than the arithmetic."""
    weight, x, y, product, bits = (array[: len(area)] for array in work)
    missing = np.isnan(area)
    np.subtract(1.0, missing, out=weight)
    held = np.subtract(missing, 1, out=bits.view(np.int64), dtype=np.int64)
    zero_gaps(year, held, out=x)
    zero_gaps(area, held, out=y)
    if response == "log":
        np.log(np.add(y, missing, out=y), out=y)  # log 1 = 0 in the gaps; log NaN takes five times as long
    ones = np.ones(area.shape[1])
    n = weight @ ones
    mean_year, mean_response = x @ ones / n, y @ ones / n
    for values, mean in ((x, mean_year), (y, mean_response)):
        np.subtract(values, mean[:, None], out=values)
        zero_gaps(values, held, out=values)
    sxx, sxy, syy = np.vecdot(x, x), np.vecdot(x, y), np.vecdot(y, y)
    sxx[sxx <= n * np.square(ONE_DATE * mean_year)] = 0.0
    slope = sxy / sxx
    residual = np.subtract(y, np.multiply(x, slope[:, None], out=product), out=y)
    hidden = n * np.square(EPS * mean_response) + np.square(EPS) * syy
    ssr = np.maximum(np.vecdot(residual, residual), hidden)
    rows = np.arange(len(n))
    return {
        "n": n, "mean_year": mean_year, "mean_response": mean_response, "slope": slope, "sxx": sxx, "ssr": ssr, "r2": 1.0 - ssr / syy,
        "lag_sum": neighbours(residual, nominal_year), "lag_pairs": neighbours(weight, nominal_year),
        "first_year": year[rows, missing.argmin(axis=1)], "last_year": year[rows, -1 - missing[:, ::-1].argmin(axis=1)],
        "is_constant": _constant(area, n, syy, mean_response, response),
    }  # fmt: skip


def bits_of(held: NDArray[np.bool_]) -> NDArray[np.int64]:
    """All bits set where an observation is held, none where it is not: what `zero_gaps` takes."""
    return -held.astype(np.int64)


def zero_gaps(values: NDArray[np.float64], held: NDArray[np.int64], out: NDArray[np.float64]) -> None:
    """Write 0.0 where `held` has no bit set, the value where it has all: five times as fast as assigning under a mask."""
    np.bitwise_and(values.view(np.int64), held, out=out.view(np.int64))


def neighbours(values: NDArray[np.float64], nominal_year: NDArray[np.float64]) -> NDArray[np.float64]:
    """(B,) Σ v_i v_j over the pairs of columns whose nominal years differ by exactly 1, by way of the sums of each year."""
    begins = np.flatnonzero(np.diff(nominal_year, prepend=np.nan) != 0)
    sums = values if len(begins) == len(nominal_year) else np.add.reduceat(values, begins, axis=1)
    adjacent = np.diff(nominal_year[begins]) == 1.0
    left, right = sums[:, :-1], sums[:, 1:]
    return np.vecdot(left, right) if adjacent.all() else np.vecdot(left[:, adjacent], right[:, adjacent])


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
