"""Known-error trend: the mapping error of each area is taken as its variance, so that three epochs are enough for a test."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data.records import SeriesBatch
from data.trends.excess import EXCESS_POOLING, excess_of, shared_excess
from data.trends.fit import CONSTANT, FEW, FEW_N, INSUFFICIENT, MIN_N, OK, Fit, Shared
from data.trends.line import lines, log_p_plain
from data.trends.method import GROUPS, Method
from data.trends.student import NORMAL, log_p_normal
from data.trends.weighted_line import Known, WeightedLines, known, weighted_lines


def known_error(batch: SeriesBatch, response: str) -> Fit:
    """Slopes of all lakes by weighted least squares with known variances, and their z tests.

    An observation weighs 1/(v + τ²), v being (area_sd/area)² for log area and area_sd² for area. The slope's standard error is
    1/√Σw(x - x̄)², whatever the residuals are; z = slope/se, two-sided normal p. τ² is what residuals show beyond the errors, shared by
    lakes of a size (`excess_by_size`); 0 where they show nothing. Lakes that did not change have z = 0, p = 1 and stay in the family.
    Observations without area_sd are left out.

    `t` is z; `df` infinite; `n_eff`, `resid_sd` and `sxx` are such that the line's band follows from them as for any method.

    Status, the first that holds: `insufficient` fewer than 3 observations with an error, or all on one date; `constant`; `few` n ≤ 4; `ok`.

    Args:
        batch: L lakes × T observations.
        response: `log` or `area`.
    """
    return known_error_given(batch, response, shared_excess(batch, response))


def known_error_given(batch: SeriesBatch, response: str, shared: Shared) -> Fit:
    """The same for a few lakes of many, with the τ² that was found over all of them."""
    return _fit(batch, response, known(batch, response), shared)


def _fit(batch: SeriesBatch, response: str, seen: Known, shared: Shared) -> Fit:
    plain = lines(batch, response)
    fit, n = weighted_lines(seen, excess_of(shared, batch)), seen.n
    cases = [(n < MIN_N) | ~(fit.sxx > 0), plain.is_constant > 0, n <= FEW_N]
    status = np.select(cases, [INSUFFICIENT, CONSTANT, FEW], OK).astype(np.int8)
    log_p_ols = log_p_plain(plain, (status != INSUFFICIENT) & (status != CONSTANT))
    with np.errstate(divide="ignore", invalid="ignore"):
        return Fit(_columns(fit, n, status, (plain.first_year, plain.last_year), log_p_ols), status, shared)


def _columns(
    fit: WeightedLines, n: NDArray[np.float64], status: NDArray[np.int8], years: tuple[NDArray[np.float64], NDArray[np.float64]],
    log_p_ols: NDArray[np.float64],
) -> dict[str, NDArray[np.float64]]:  # fmt: skip
    fitted, constant = status != INSUFFICIENT, status == CONSTANT
    slope = np.where(constant, 0.0, np.where(fitted, fit.slope, np.nan))
    se = np.where(fitted, 1.0 / np.sqrt(fit.sxx), np.nan)
    z = slope / se
    typical = n / fit.weight  # variance of an observation of middling weight
    return {
        "slope": slope, "se": se, "t": z, "df": np.where(fitted, np.inf, np.nan), "ci_low": slope - NORMAL * se,
        "ci_high": slope + NORMAL * se, "log_p": log_p_normal(z), "log_p_ols": log_p_ols,
        "r2": np.where(fitted & ~constant, fit.r2, np.nan), "n": n, "first_year": years[0], "last_year": years[1],
        "n_eff": np.where(fitted, n, np.nan), "r1": np.full(len(n), np.nan), "mean_year": np.where(fitted, fit.mean_year, np.nan),
        "mean_response": np.where(fitted, fit.mean_response, np.nan), "resid_sd": np.where(fitted, np.sqrt(typical), np.nan),
        "sxx": np.where(fitted, fit.sxx * typical, np.nan),
    }  # fmt: skip


METHOD = Method(
    name="known-error",
    group=GROUPS[1],
    title="Known error",
    version=1,
    help=(
        "Straight line whose uncertainty comes from the mapping error of each area (its ±), not from how the points scatter: what makes "
        "inventories of three epochs usable. Where points scatter more than those errors allow, what is missing is added, more for small "
        "lakes than for large ones. Beware: the answer is as good as the errors. Outlines of successive epochs that were drawn from each "
        "other share much of their error, and then the test is cautious; errors that are stated too small make it rash."
    ),
    fit=known_error,
    given=known_error_given,
    pooling=EXCESS_POOLING,
)
