"""The same observations by every trend method."""

from __future__ import annotations

from collections.abc import Mapping

from data.records import SeriesBatch
from data.trends import METHODS
from data.trends.fit import Fit, Shared
from data.trends.method import Method
from data.why.estimate import Estimate, nothing, of_fit

NEEDS_ALL = "needs a fit of all lakes"


def by_method(batch: SeriesBatch, response: str, shared: Mapping[str, Shared]) -> tuple[Estimate, ...]:
    """One row a method. One that learns from all lakes is fitted only with what it learnt, never from this lake alone.

    Args:
        batch: The lake.
        response: `log` or `area`.
        shared: Method → `Fit.shared` of all lakes, for those that have been fitted by it.
    """
    return tuple(_one(method, batch, response, shared.get(name)) for name, method in METHODS.items())


def _one(method: Method, batch: SeriesBatch, response: str, shared: Shared | None) -> Estimate:
    fit = fit_alone(method, batch, response, shared)
    return nothing(method.name, NEEDS_ALL) if fit is None else of_fit([method.name], fit, response)[0]


def fit_alone(method: Method, batch: SeriesBatch, response: str, shared: Shared | None) -> Fit | None:
    """A few lakes by a method, None where it needs what all lakes share and nobody has worked that out.

    Args:
        method: How.
        batch: The lakes.
        response: `log` or `area`.
        shared: `Fit.shared` of all lakes.
    """
    if method.given is None:
        return method.fit(batch, response)
    return None if shared is None else method.given(batch, response, shared)
