"""Weighted least squares: areas that are known well count for more, and their scatter says how far to trust the line."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from data.records import SeriesBatch
from data.trends.excess import EXCESS_POOLING, excess_of, shared_excess
from data.trends.fit import CONSTANT, INSUFFICIENT, Fit, Shared
from data.trends.line import EPS, Lines, lines, log_p_plain, neighbours
from data.trends.method import GROUPS, Method
from data.trends.ols import held_against_scatter
from data.trends.weighted_line import Known, known, weighted_lines


def weighted(batch: SeriesBatch, response: str) -> Fit:
    """Slopes of all lakes by weighted least squares, and their t tests.

    An observation weighs w = 1/(v + τ²), v being (area_sd/area)² for log area and area_sd² for area, τ² what residuals of lakes of that
    size show beyond (`excess_by_size`). The weights are relative: the scale is estimated, s² = Σw·residual²/(n_eff - 2),
    se = s/√Σw(x - x̄)², t on n_eff - 2 degrees of freedom. n_eff is that of least squares (see `data.trends.ols`), from the residuals
    times √w.

    Observations without area_sd are left out. `p_ols` is plain least squares'. `resid_sd` and `sxx` are those of an observation of middling
    weight, so that the line's band follows from them as for any method. Status as for least squares.

    Args:
        batch: L lakes × T observations.
        response: `log` or `area`.
    """
    return weighted_given(batch, response, shared_excess(batch, response))


def weighted_given(batch: SeriesBatch, response: str, shared: Shared) -> Fit:
    """The same for a few lakes of many, with the τ² that was found over all of them."""
    return _fit(batch, response, known(batch, response), shared)


def _fit(batch: SeriesBatch, response: str, seen: Known, shared: Shared) -> Fit:
    plain = lines(batch, response)
    fit = held_against_scatter(_lines(seen, excess_of(shared, batch), plain, batch.nominal_year))
    in_family = (fit.status != INSUFFICIENT) & (fit.status != CONSTANT)
    return Fit({**fit.columns, "log_p_ols": log_p_plain(plain, in_family)}, fit.status, shared)


def _lines(seen: Known, excess: NDArray[np.float64], plain: Lines, nominal_year: NDArray[np.float64]) -> Lines:
    """The weighted lines as plain ones, in units of an observation of middling weight, so that n, s² and Sxx mean what they always do."""
    found, n = weighted_lines(seen, excess), seen.n
    with np.errstate(divide="ignore", invalid="ignore"):
        typical = n / found.weight
        fitted = found.mean_response[:, None] + found.slope[:, None] * (seen.x - found.mean_year[:, None])
        residual = (seen.y - fitted) * np.sqrt(typical[:, None] / (seen.variance + excess[:, None]))
        residual[~np.isfinite(residual)] = 0.0
        sxx = found.sxx * typical
        hidden = n * np.square(EPS * found.mean_response) + np.square(EPS * found.slope) * sxx
    held = (~np.isnan(seen.y)).astype(np.float64)
    return replace(
        plain, n=n, mean_year=found.mean_year, mean_response=found.mean_response, slope=found.slope, sxx=sxx,
        ssr=np.maximum(found.chi2 * typical, hidden), r2=found.r2, lag_sum=neighbours(residual, nominal_year),
        lag_pairs=neighbours(held, nominal_year), first_year=np.fmin.reduce(seen.x, axis=1, initial=np.nan),
        last_year=np.fmax.reduce(seen.x, axis=1, initial=np.nan),
    )  # fmt: skip


METHOD = Method(
    name="weighted",
    group=GROUPS[1],
    title="Weighted least squares",
    version=1,
    help=(
        "Straight line on which an area with a small mapping error (its ±) counts for more than one with a large error; what scatters "
        "beyond those errors is added to all, more for small lakes than for large ones. Errors only weigh: the uncertainty comes from how "
        "the points scatter, so errors that are all too small or too large do no harm. For five observations and more of differing "
        "quality. Where all errors of a lake are alike it is least squares, with the same known limits."
    ),
    fit=weighted,
    given=weighted_given,
    pooling=EXCESS_POOLING,
)
