"""What the doubts look at: the lakes that show a trend, and all that was fitted so far."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from data.trends import METHODS
from data.trends.fit import Fit
from data.why.by_method import fit_alone

if TYPE_CHECKING:
    from data.area_table import AreaTable
    from data.records import SeriesBatch, TrendSettings, TrendTable
    from data.store import Store

LOG_ALPHA = math.log(0.05)


@dataclass(frozen=True)
class Case:
    """K lakes that show a trend.

    Args:
        store: The dataset.
        areas: Its areas at every threshold.
        table: The trends of all its lakes.
        batch: The observations of the K lakes.
        rows: (K,) their rows in the table.
        method: (K,) the method that each has in the table.
        slope: (K,) as in the table.
        sure: (K,) whether the trend stands at q < .05; else it does by plain least squares alone, its dates being much alike.
    """

    store: Store
    areas: AreaTable
    table: TrendTable
    batch: SeriesBatch
    rows: NDArray[np.intp]
    method: NDArray[np.object_]
    slope: NDArray[np.float64]
    sure: NDArray[np.bool_]

    @property
    def settings(self) -> TrendSettings:
        """Of the table."""
        return self.table.settings

    @property
    def sign(self) -> NDArray[np.float64]:
        """(K,) 1 growing, -1 shrinking."""
        return np.sign(self.slope)

    def some(self, wanted: NDArray[np.intp]) -> Case:
        """Some of the K lakes, by their places; one may be named more than once."""
        held = {name: getattr(self, name)[wanted] for name in ("rows", "method", "slope", "sure")}
        return replace(self, batch=self.batch.of(wanted), **held)

    def refitted(self, batch: SeriesBatch) -> NDArray[np.float64]:
        """(2, K) slope and log p of the K lakes under other conditions, each by the method that it has in the table.

        Where the trend is not sure log p is that of plain least squares, by which it was found.
        """
        slope, log_p = np.full((2, len(self.rows)), np.nan)
        for name in set(self.method):
            mine = self.method == name
            fit = fit_alone(METHODS[str(name)], batch.of(mine), self.settings.response, self.table.shared)
            if fit is not None:
                slope[mine], log_p[mine] = fit.columns["slope"], _log_p(fit, self.sure[mine])
        return np.array([slope, log_p])


def _log_p(fit: Fit, sure: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.where(sure, fit.columns["log_p"], fit.columns["log_p_ols"])
