"""Moderated t: each lake's scatter is held together with that of all lakes, so that few observations are not all there is to judge by."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data.records import SeriesBatch
from data.trends.fit import Evidence, Fit, Shared
from data.trends.line import Lines, lines
from data.trends.method import Method
from data.trends.ols import Judged, judged, t_columns
from data.trends.pooling import Pooling
from data.trends.size import log_size
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
    fit = lines(batch, response)
    return _fit(fit, judged(fit), log_size(batch), Prior.of(shared))


def estimated(batch: SeriesBatch, response: str, *, by_size: bool) -> Fit:
    """Fit with a prior found over the batch: one variance for all lakes, or one that changes with their size."""
    fit = lines(batch, response)
    of, size = judged(fit), log_size(batch) if by_size else np.zeros(len(fit.n))
    return _fit(fit, of, size, _prior({"ssr": fit.ssr, "df": of.df, "size": size}, by_size=by_size))


def scatter_pooling(*, by_size: bool) -> Pooling:
    """How the prior is learnt."""

    def said(batch: SeriesBatch, response: str) -> Evidence:
        fit = lines(batch, response)
        return {"ssr": fit.ssr, "df": judged(fit).df, "size": log_size(batch) if by_size else np.zeros(len(fit.n))}

    return Pooling(said, lambda told: _prior(told, by_size=by_size).shared)


def _prior(said: Evidence, *, by_size: bool) -> Prior:
    """From what each of L lakes says: ssr, df (NaN where it was not tested), size."""
    told = ~np.isnan(said["df"])
    df = said["df"][told]
    return variance_prior(said["ssr"][told] / df, df, said["size"][told] if by_size else None)


def _fit(fit: Lines, of: Judged, size: NDArray[np.float64], prior: Prior) -> Fit:
    with np.errstate(divide="ignore", invalid="ignore"):
        resid_sd = np.sqrt((fit.ssr + prior.df * prior.variance(size)) / (of.df + prior.df))
        df = np.minimum(of.df + prior.df, prior.pooled)
        return Fit(t_columns(fit, of, resid_sd, df, np.zeros(len(df), dtype=bool)), of.status, prior.shared)


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
    pooling=scatter_pooling(by_size=False),
)
