"""Detectable change: planted trends of just that size, in fresh noise, and how often each method then finds them.

In full 20,000 lakes a design: 5, 10, 20 or 35 yearly dates, white noise or noise that resembles that of the year before (ρ = .3).
`true noise`: the plain t test and a trend worked out from the noise as it is. `estimated`: the plain t test and k(df) times the standard
error that one batch of lakes showed, planted in another. The methods: their own column `detectable` in place of that. Lakes that have none
are left out. The table is printed as it stands in docs/trends.md; a rate of .8 is known to ± .003.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from data.records import SeriesBatch
from data.trends import METHODS
from data.trends.detectable import POWER, detectable, factor, noncentrality
from data.trends.line import lines, log_p_plain
from tests.harness import Figures
from tests.soak.soak_sizes import ALPHA, SIGMA, null_series

LAKES = 20_000
DATES, LIKENESS = (5, 10, 20, 35), (0.0, 0.3)
TRUE, ESTIMATED = "true noise", "estimated"


def growing(batch: SeriesBatch, slope: NDArray[np.float64] | float) -> SeriesBatch:
    """The same lakes with a trend of log area on top."""
    growth = np.exp(np.broadcast_to(slope, len(batch.area))[:, None] * (batch.year - batch.year.mean()))
    return replace(batch, area=batch.area * growth, area_sd=None if batch.area_sd is None else batch.area_sd * growth)


def plain(batch: SeriesBatch) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """(L,) standard errors of plain least squares, and whether its t test finds a trend."""
    fit = lines(batch, "log")
    return np.sqrt(fit.ssr / (fit.n - 2) / fit.sxx), log_p_plain(fit, np.ones(len(fit.n), dtype=bool)) < math.log(ALPHA)


def powers(random: np.random.Generator, lakes: int, dates: int, likeness: float) -> dict[str, float]:
    """The share of planted trends that is found, by the way in which their size was worked out."""
    first, fresh = (null_series(random, lakes, dates, likeness, 0.0) for _ in range(2))
    true = SIGMA * noncentrality(dates - 2) / math.sqrt(dates * (dates**2 - 1) / 12)
    found = {TRUE: float(plain(growing(fresh, true))[1].mean())}
    found[ESTIMATED] = float(plain(growing(fresh, factor(np.array([dates - 2.0])) * plain(first)[0]))[1].mean())
    for name, method in METHODS.items():
        told = detectable(method.fit(first, "log").columns, "log")["detectable"]
        log_p = method.fit(growing(fresh, np.nan_to_num(told)), "log").columns["log_p"]
        found[name] = float((log_p < math.log(ALPHA))[np.isfinite(told)].mean()) if np.isfinite(told).any() else math.nan
    return found


def detectable_change(seed: int, scale: float) -> Figures:
    """The suite."""
    lakes = max(round(LAKES * scale), 200)
    designs = [(likeness, dates) for likeness in LIKENESS for dates in DATES]
    found = {
        (likeness, dates): powers(np.random.default_rng([seed, place]), lakes, dates, likeness)
        for place, (likeness, dates) in enumerate(designs)
    }
    slack = 0.0 if scale == 1.0 else 4 * math.sqrt(POWER * (1 - POWER) / lakes)
    for dates in DATES:
        assert abs(found[0.0, dates][TRUE] - POWER) <= 0.02 + slack, (dates, found[0.0, dates])
        assert abs(found[0.0, dates][ESTIMATED] - POWER) <= 0.03 + slack, (dates, found[0.0, dates])
    if scale == 1.0:
        print(table(found))
    return {
        f"{name}, {dates} dates, rho {likeness:g}": round(rate, 4) for (likeness, dates), row in found.items() for name, rate in row.items()
    }


def table(found: dict[tuple[float, int], dict[str, float]]) -> str:
    """The rates as a table of Markdown."""
    names = list(next(iter(found.values())))
    rows = ["| ρ | dates | " + " | ".join(name if name in {TRUE, ESTIMATED} else f"`{name}`" for name in names) + " |"]
    rows.append("|---" * (2 + len(names)) + "|")
    for (likeness, dates), row in found.items():
        rows.append(f"| {likeness:g} | {dates} | " + " | ".join(f"{row[name]:.3f}".replace("0.", ".") for name in names) + " |")
    return "\n".join(rows)


SUITES = {"detectable.power": detectable_change}
