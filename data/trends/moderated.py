"""Moderated t: each lake's scatter is held together with that of all lakes, so that few observations are not all there is to judge by."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data.records import SeriesBatch
from data.trends.fit import AUTOCORRELATED, CONSTANT, INSUFFICIENT, Fit, Shared
from data.trends.line import Lines, lines, log_p_plain
from data.trends.method import Method
from data.trends.ols import CONFIDENCE, effective_size, status_of
from data.trends.size import log_size
from data.trends.student import log_p_two_sided, quantile
from data.trends.variance_prior import Prior, variance_prior


def moderated(batch: SeriesBatch, response: str) -> Fit:
    """Least-squares slopes of all lakes, each tested against its own residual variance and that of all lakes together.

    With s² and d = n_eff - 2 of the lake (see `data.trends.ols`) and the prior s0², d0 of all (see `data.trends.variance_prior`):
    s̃² = (d·s² + d0·s0²)/(d + d0), se = s̃/√Sxx, t on d + d0 degrees of freedom, at most the sum of all lakes' d (Smyth 2004, Stat. Appl.
    Genet. Mol. Biol. 3, 3; limma). Up to five observations n_eff = n, and this is limma's moderated t of plain least squares.

    Status as for least squares. `resid_sd` is s̃, `df` the test's.

    Args:
        batch: L lakes × T observations.
        response: `log` or `area`.
    """
    return estimated(batch, response, by_size=False)


def moderated_given(batch: SeriesBatch, response: str, shared: Shared) -> Fit:
    """The same for a few lakes of many, with the prior that was found over all of them."""
    return _fit(lines(batch, response), log_size(batch), Prior.of(shared))


def estimated(batch: SeriesBatch, response: str, *, by_size: bool) -> Fit:
    """Fit with a prior found over the batch: one variance for all lakes, or one that changes with their size."""
    fit = lines(batch, response)
    size = log_size(batch) if by_size else np.zeros(len(fit.n))
    n_eff, _, status = _state(fit)
    told = _tested(status)
    df = n_eff[told] - 2.0
    return _fit(fit, size, variance_prior(fit.ssr[told] / df, df, size[told] if by_size else None))


def _tested(status: NDArray[np.int8]) -> NDArray[np.bool_]:
    return (status != INSUFFICIENT) & (status != CONSTANT) & (status != AUTOCORRELATED)


def _state(fit: Lines) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int8]]:
    """n_eff, r1 and the status, as for least squares."""
    with np.errstate(divide="ignore", invalid="ignore"):
        r1, n_eff = effective_size(fit)
    return n_eff, r1, status_of(fit, r1, n_eff)


def _fit(fit: Lines, size: NDArray[np.float64], prior: Prior) -> Fit:
    n_eff, r1, status = _state(fit)
    fitted, in_family, tested = status != INSUFFICIENT, (status != INSUFFICIENT) & (status != CONSTANT), _tested(status)
    own = np.where(tested, n_eff - 2.0, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        resid_sd = np.sqrt((fit.ssr + prior.df * prior.variance(size)) / (own + prior.df))
        se = resid_sd / np.sqrt(fit.sxx)
        slope = np.where(fitted, fit.slope, np.nan)
        t = slope / se
    df = np.minimum(own + prior.df, prior.pooled)
    log_p = log_p_two_sided(t, df)
    log_p[status == AUTOCORRELATED] = 0.0
    half = se * quantile(0.5 + 0.5 * CONFIDENCE, df)
    return Fit({
        "slope": slope, "se": se, "t": t, "df": df, "ci_low": slope - half, "ci_high": slope + half, "log_p": log_p,
        "log_p_ols": log_p_plain(fit, in_family), "r2": np.where(in_family, fit.r2, np.nan), "n": fit.n, "first_year": fit.first_year,
        "last_year": fit.last_year, "n_eff": np.where(in_family, n_eff, np.nan), "r1": np.where(in_family, r1, np.nan),
        "mean_year": np.where(fitted, fit.mean_year, np.nan), "mean_response": np.where(fitted, fit.mean_response, np.nan),
        "resid_sd": resid_sd, "sxx": np.where(fitted, fit.sxx, np.nan),
    }, status, prior.shared)  # fmt: skip


METHOD = Method(
    name="moderated",
    title="Moderated t",
    version=1,
    help=(
        "Least squares, but how far a lake's areas scatter is judged from its own residuals and from those of all lakes together: the "
        "fewer observations a lake has, the more it borrows. Worth most with four to eight observations and no mapping errors to go by. "
        "Beware: it takes lakes for alike. Where their scatter differs too much (real inventories of three epochs) little is borrowed and "
        "little gained; a lake that is restless by nature among quiet ones is judged too mildly. Known limit: with autocorrelation 0.3 "
        "it rejects 9 % of trendless series of ten dates at a nominal 5 %, and 7 % of twenty."
    ),
    fit=moderated,
    given=moderated_given,
)
