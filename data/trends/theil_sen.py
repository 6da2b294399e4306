"""Theil–Sen slope with the test of Mann and Kendall: the middle of all slopes between two observations, and how many of them rise."""

from __future__ import annotations

import numpy as np

from data.records import SeriesBatch
from data.trends.fit import Fit
from data.trends.line import lines
from data.trends.mann_kendall import z_of
from data.trends.method import GROUPS, Method
from data.trends.sen import RankTest, rank_fit, sen_lines


def theil_sen(batch: SeriesBatch, response: str) -> Fit:
    """Slopes of all lakes with their tests.

    The slope is the median of (y_j - y_i)/(x_j - x_i) over all pairs of different dates (Theil 1950; Sen 1968, JASA 63); its interval are
    the order statistics that Sen gives. S is the number of pairs that rise less that of those that fall; with its variance under no
    trend, corrected for ties of areas and of dates (Kendall 1970, eq. 5.6), z = (S ∓ 1)/√var, two-sided normal p. Serial correlation is
    not allowed for. Columns and statuses: `data.trends.sen.rank_fit`.

    Args:
        batch: L lakes × T observations.
        response: `log` or `area`.
    """
    plain, line = lines(batch, response), sen_lines(batch, response)
    return rank_fit(plain, line, RankTest(z_of(line.s, line.variance), plain.n, np.full(len(plain.n), np.nan)))


METHOD = Method(
    name="theil-sen",
    group=GROUPS[2],
    title="Theil–Sen",
    version=1,
    help=(
        "The middle of the slopes between all pairs of observations, with the rank test of Mann and Kendall: a bad observation or two "
        "hardly move either. Known limits: with four observations or fewer no trend can pass the test (p is never below 0.09), and it "
        "does not allow for observations that resemble their neighbours in time: with autocorrelation 0.3 and 20 years it rejects 14 % "
        "of trendless series at a nominal 5 %."
    ),
    fit=theil_sen,
)
