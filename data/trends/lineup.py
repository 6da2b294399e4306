"""The line-up: a real volcano among nineteen in which nothing grows, so that eyes can be tested as statistics are.

Buja et al. (2009, Phil. Trans. R. Soc. A 367, 4361); Wickham et al. (2010, IEEE Trans. Vis. Comput. Graph. 16, 973). Within each lake the
areas are shuffled over its dates, which takes away the trend and any likeness of neighbours in time, and leaves dates, gaps and sizes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.records import SeriesBatch, TrendTable
from data.trends.method import Method

PANELS = 20
BLOCK = 10_000
"""Lakes shuffled at a time."""


@dataclass(frozen=True)
class Panel:
    """The points of one volcano; lakes without a test are NaN.

    Args:
        slope: (N,) %/yr for log area, km²/yr for area.
        evidence: (N,) -log10 p.
    """

    slope: NDArray[np.float32]
    evidence: NDArray[np.float32]


def seat(seed: int) -> int:
    """Where the real one stands, 0 to PANELS - 1."""
    return int(np.random.default_rng(seed).integers(PANELS))


def real_panel(table: TrendTable, rows: NDArray[np.bool_]) -> Panel:
    """The volcano of a trend table: N of its L lakes.

    Args:
        table: L lakes.
        rows: (L,) which of them.
    """
    frame = table.frame
    return _panel(frame["slope"].to_numpy(dtype=float)[rows], frame["log_p"].to_numpy(dtype=float)[rows], table.settings.response)


def null_panel(batch: SeriesBatch, method: Method, response: str, rows: NDArray[np.bool_], seed: tuple[int, int]) -> Panel:
    """A volcano of the same lakes by the same method, dates shuffled. Every lake is fitted: some methods share what they find.

    Args:
        batch: L lakes × T observations.
        method: By which the real ones were fitted.
        response: `log` or `area`.
        rows: (L,) which lakes are wanted.
        seed: Of the line-up, and which of its volcanoes.
    """
    fit = method.fit(shuffled(batch, np.random.default_rng(seed)), response)
    return _panel(fit.columns["slope"][rows], fit.columns["log_p"][rows], response)


def shuffled(batch: SeriesBatch, random: np.random.Generator) -> SeriesBatch:
    """The same batch with each lake's areas, and their errors with them, in random order over its own dates.

    Args:
        batch: L lakes × T observations.
        random: Where chance comes from.
    """
    area = np.full_like(batch.area, np.nan)
    sd = None if batch.area_sd is None else np.full_like(batch.area_sd, np.nan)
    for start in range(0, len(area), BLOCK):
        block = slice(start, start + BLOCK)
        missing = np.isnan(batch.area[block])
        places = np.argsort(missing, axis=1, kind="stable")  # those that are held, in time order; then the gaps
        drawn = np.argsort(np.where(missing, 2.0, random.random(missing.shape)), axis=1)  # those that are held, in any order; then the gaps
        for values, out in ((batch.area, area), (batch.area_sd, sd)):
            if values is not None and out is not None:
                np.put_along_axis(out[block], places, np.take_along_axis(values[block], drawn, axis=1), axis=1)
    return SeriesBatch(batch.lake_key, batch.nominal_year, batch.year, area, sd)


def _panel(slope: NDArray[np.float64], log_p: NDArray[np.float64], response: str) -> Panel:
    with np.errstate(over="ignore"):
        shown = 100.0 * np.expm1(slope) if response == "log" else slope
    tested = np.isfinite(log_p) & np.isfinite(shown)
    evidence = np.where(tested, 0.0 - log_p / math.log(10), np.nan)
    return Panel(np.where(tested, shown, np.nan).astype(np.float32), evidence.astype(np.float32))
