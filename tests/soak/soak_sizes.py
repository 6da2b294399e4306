"""Size: how often each method calls a lake that does not change a trend, at p < .05, over many series that wander by themselves.

In full 20,000 series a design: 10, 20 or 35 yearly dates, with or without a quarter of the years missing between them (the number of dates
is the same), noise of .1 in log area that resembles that of the year before (AR(1), ρ = 0, .3, .6). Methods that need area_sd have the true
one. The table is printed as it stands in docs/trends.md; a rate of .05 is known to ± .0015.
"""

from __future__ import annotations

import math

import numpy as np

from data.records import SeriesBatch, TrendSettings
from data.trends import AUTO, METHODS, resolve
from tests.harness import Figures

SERIES, SIGMA, ALPHA = 20_000, 0.1, 0.05
DATES, LIKENESS, GAPS = (10, 20, 35), (0.0, 0.3, 0.6), (0.0, 0.25)
MOST = 0.075
"""What the default may reject of series with 20 dates or more and ρ of .3 or less."""


def null_series(random: np.random.Generator, series: int, dates: int, likeness: float, gaps: float) -> SeriesBatch:
    """Lakes of 1 km² that do not change, seen with AR(1) noise.

    Args:
        random: Where chance comes from.
        series: How many.
        dates: Observations of each.
        likeness: ρ.
        gaps: Share of the years between the first and the last that each lake, by itself, was not seen in.
    """
    years = round(dates / (1 - gaps))
    noise = random.normal(size=(series, years))
    for year in range(1, years):
        noise[:, year] = likeness * noise[:, year - 1] + math.sqrt(1 - likeness**2) * noise[:, year]
    unseen = np.argsort(np.argsort(random.random(noise.shape), axis=1), axis=1) >= dates
    area = np.where(unseen, np.nan, np.exp(SIGMA * noise))
    nominal = 1986.0 + np.arange(years)
    return SeriesBatch(np.arange(series, dtype=np.int32), nominal, np.where(unseen, np.nan, nominal), area, SIGMA * area)


def rate(name: str, batch: SeriesBatch) -> float:
    """The share of all series in which a method finds a trend."""
    log_p = resolve(TrendSettings(method=name)).fit(batch, "log").columns["log_p"]
    return float((log_p < math.log(ALPHA)).mean())


def sizes(seed: int, scale: float) -> Figures:
    """The suite."""
    series = max(round(SERIES * scale), 200)
    designs = [(gaps, likeness, dates) for gaps in GAPS for likeness in LIKENESS for dates in DATES]
    found: dict[str, list[float]] = {name: [] for name in (AUTO, *METHODS)}
    for place, (gaps, likeness, dates) in enumerate(designs):
        batch = null_series(np.random.default_rng([seed, place]), series, dates, likeness, gaps)
        for name, rates in found.items():
            rates.append(rate(name, batch))
    if scale == 1.0:
        print(table(designs, found, series))
    allowed = MOST if scale == 1.0 else MOST + 4 * math.sqrt(MOST / series)
    for (_, likeness, dates), default in zip(designs, found[AUTO], strict=True):
        promised = dates >= DATES[1] and likeness <= LIKENESS[1]
        assert default <= allowed or not promised, f"{AUTO} rejects {default:.3f} at {dates} dates, rho {likeness:g}"
    return {
        f"{name}, {_words(design)}": round(each, 4) for name, rates in found.items() for design, each in zip(designs, rates, strict=True)
    }


def table(designs: list[tuple[float, float, int]], found: dict[str, list[float]], series: int) -> str:
    """The rates as a table of Markdown, each with its Monte Carlo error."""
    rows = ["| gaps | ρ | dates | " + " | ".join(f"`{name}`" for name in found) + " |", "|---" * (3 + len(found)) + "|"]
    for place, (gaps, likeness, dates) in enumerate(designs):
        cells = [f"{rates[place]:.3f} ± {math.sqrt(rates[place] * (1 - rates[place]) / series):.4f}" for rates in found.values()]
        rows.append(f"| {gaps:.0%} | {likeness:g} | {dates} | " + " | ".join(cells).replace("0.", ".") + " |")
    return "\n".join(rows)


def _words(design: tuple[float, float, int]) -> str:
    gaps, likeness, dates = design
    return f"{dates} dates, rho {likeness:g}, {gaps:.0%} gaps"


SUITES = {"sizes.null": sizes}
