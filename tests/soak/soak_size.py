"""False alarms: how often each method calls a trendless series significant at p < .05, by length, serial correlation and gaps.

In full 20,000 AR(1) series of log area each, sd .1, levels log-normal; each area's stated error is a tenth of it, which is the truth.
Series with gaps lack a quarter of their years, and are as much longer.
"""

from __future__ import annotations

import math

import numpy as np

from data.records import SeriesBatch, TrendSettings
from data.trends import AUTO, METHODS, resolve
from data.trends.fit import Fit
from tests.harness import Figures

SERIES, SD, MISSING, ALPHA = 20_000, 0.1, 0.25, 0.05
DESIGNS = [(n, rho, gaps) for n in (10, 20, 35) for rho in (0.0, 0.3, 0.6) for gaps in (False, True)]


def trendless(random: np.random.Generator, series: int, years: int, rho: float, *, gaps: bool) -> SeriesBatch:
    """Stationary AR(1) series."""
    noise = random.normal(size=(series, years))
    for year in range(1, years):
        noise[:, year] = rho * noise[:, year - 1] + math.sqrt(1 - rho**2) * noise[:, year]
    area = np.exp(random.normal(-2, 1, (series, 1)) + SD * noise)
    area[random.random(area.shape) < MISSING * gaps] = np.nan
    nominal = 1980.0 + np.arange(years)
    return SeriesBatch(np.arange(series, dtype=np.int32), nominal, np.where(np.isnan(area), np.nan, nominal), area, SD * area)


def false_alarms(fit: Fit) -> float:
    """Share of the tested lakes."""
    log_p = fit.columns["log_p"]
    return float((log_p[~np.isnan(log_p)] < math.log(ALPHA)).mean())


def size(seed: int, scale: float) -> Figures:
    """The suite."""
    series = max(round(SERIES * scale), 200)
    figures: Figures = {"Monte Carlo error at .05": round(math.sqrt(ALPHA * (1 - ALPHA) / series), 4)}
    for n, rho, gaps in DESIGNS if scale > 0.1 else DESIGNS[::5]:
        random = np.random.default_rng([seed, n, int(10 * rho), gaps])
        batch = trendless(random, series, round(n / (1 - MISSING)) if gaps else n, rho, gaps=gaps)
        found = {name: false_alarms(resolve(TrendSettings(method=name)).fit(batch, "log")) for name in (AUTO, *METHODS)}
        figures |= {f"n {n}, rho {rho:g}{', gaps' * gaps}, {name}": round(share, 4) for name, share in found.items()}
        if scale == 1.0 and n >= 20 and rho <= 0.3:
            assert found[AUTO] <= 0.075, (n, rho, gaps, found[AUTO])
    return figures


SUITES = {"size.null": size}
