"""Theil–Sen slope with the test of Mann and Kendall on what each observation adds to those of the year before."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data.records import SeriesBatch
from data.trends.by_year import ByYear, by_year
from data.trends.fit import Fit
from data.trends.gathered import gathered_all
from data.trends.line import lines
from data.trends.mann_kendall import score, variances, z_of
from data.trends.method import GROUPS, Method
from data.trends.sen import RankTest, rank_fit, sen_lines

MOST = 1.0 - 1e-6
"""Serial correlation is taken for no more than this: with gaps its estimate may pass 1."""


def prewhitened(batch: SeriesBatch, response: str) -> Fit:
    """Slopes of all lakes with their tests.

    The test is that of Mann and Kendall on w_j = y_j - r1 y_{j-1} (von Storch 1995; Kulkarni and von Storch 1995): what serial correlation
    carries over is taken off, and with it much of a trend. r1 is the lag-one correlation of the responses about their mean. With gaps it
    comes from pairs of nominal years that differ by exactly 1 (`data.trends.by_year`), and what is taken off an observation is r1^k of
    the mean of the last year seen before, k years earlier; what is left is brought to the variance of one year,
    × √((1 - r1²)/(1 - r1^2k)). Where fewer than six observations or five such pairs say nothing of r1, the plain test stands.

    Slope and interval are Theil and Sen's of the series as it is: the interval does not allow for serial correlation. `n_eff` counts the
    observations that were tested. Else as `data.trends.theil_sen.theil_sen`.

    Args:
        batch: L lakes × T observations.
        response: `log` or `area`.
    """
    plain, line = lines(batch, response), sen_lines(batch, response)
    s, variance, n, r1 = line.s.copy(), line.variance.copy(), plain.n.copy(), np.full(len(plain.n), np.nan)
    held, nominal = ~np.isnan(batch.area), np.broadcast_to(batch.nominal_year, batch.area.shape)
    for rows, (x, area, year) in gathered_all(held, batch.year, batch.area, nominal, least=3):
        y = np.log(area) if response == "log" else area
        seen = by_year(year, y)
        known = seen.known
        some = rows[known]
        r1[some] = np.clip(seen.correlation(1)[known], -MOST, MOST)
        white = _whitened(seen, year, y, r1[rows])[known]
        at = np.where(np.isnan(white), np.nan, x[known])
        n[some] = (~np.isnan(white)).sum(axis=1)
        s[some], variance[some] = score(at, white), variances(np.sort(at, axis=1), np.sort(white, axis=1), n[some])[0]
    return rank_fit(plain, line, RankTest(z_of(s, variance), n, r1, np.isnan(r1)))


def _whitened(seen: ByYear, nominal: NDArray[np.float64], y: NDArray[np.float64], r1: NDArray[np.float64]) -> NDArray[np.float64]:
    """(B, n) what is left of each observation; NaN in a lake's first year."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        before = seen.total / seen.count
        ago = np.ones(before.shape)
        for year in range(before.shape[1] - 1, 0, -1):  # each year is given the one before it
            before[:, year] = before[:, year - 1]
        before[:, 0] = np.nan
        for year in range(2, before.shape[1]):
            missing = np.isnan(before[:, year])
            before[missing, year], ago[missing, year] = before[missing, year - 1], ago[missing, year - 1] + 1
        place = (nominal - nominal[:, :1]).astype(np.intp)
        last, years = (np.take_along_axis(each, place, axis=1) for each in (before, ago))
        kept = r1[:, None] ** years
        even = np.where(years == 1, 1.0, np.sqrt((1.0 - np.square(r1))[:, None] / (1.0 - np.square(kept))))
        return (y - y.mean(axis=1, keepdims=True) - kept * last) * even


METHOD = Method(
    name="mann-kendall-prewhitened",
    group=GROUPS[2],
    title="Mann–Kendall, pre-whitened",
    version=1,
    help=(
        "Theil and Sen's slope; the rank test looks at what is left of each observation once the share that serial correlation carries "
        "over from the year before is taken off. It keeps its promise (at a nominal 5 % it rejects 3 to 5 % of trendless series, at an "
        "autocorrelation of 0.6 and 10 years 7 %), and pays with power: much of a trend is taken off too. A trend that Theil–Sen finds "
        "in 63 of 100 series of 20 years without autocorrelation, it finds in 27, least squares in 59. Where too few years have a "
        "neighbour the plain test stands (r1 unknown)."
    ),
    fit=prewhitened,
)
