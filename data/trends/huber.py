"""Huber's line: least squares for points near it, a bounded pull for those far off."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data.records import SeriesBatch
from data.trends.fit import CONSTANT, FEW, FEW_N, INSUFFICIENT, MIN_N, OK, UNSETTLED, Fit
from data.trends.gathered import gathered
from data.trends.huber_line import huber_lines
from data.trends.line import Lines, lines, log_p_plain
from data.trends.method import GROUPS, Method
from data.trends.student import log_p_two_sided, quantile

CELLS = 32_768
NAMES = ("mean_year", "at_mean", "slope", "sxx", "sd", "settled")


def huber(batch: SeriesBatch, response: str) -> Fit:
    """Slopes of all lakes with their tests.

    The M-estimate of Huber (1981) with c = 1.345 and the median absolute residual as its scale, found anew with the line (`huber_line`).
    Standard error: the first of Huber's three (statsmodels' H1). The p value and the interval are Student's t on n - 2 degrees of freedom;
    statsmodels takes the normal, which calls more trendless series significant the shorter they are.

    Status, the first that holds: `insufficient` n < 3 or all on one date; `constant` range(area) ≤ 1e-9 mean(area) (slope, but no
    test); `unsettled` more than half of the points lie on the line itself, or the iteration came to no rest (slope, but no test);
    `few` n ≤ 4; `ok`. Serial correlation is not allowed for.

    Args:
        batch: L lakes × T observations.
        response: `log` or `area`.
    """
    plain = lines(batch, response)
    fitted, constant = (plain.n >= MIN_N) & (plain.sxx > 0), plain.is_constant > 0
    found = {name: np.full(len(batch.area), np.nan) for name in NAMES}
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        for rows, x, area in gathered(batch.year, np.where(fitted[:, None], batch.area, np.nan), MIN_N, CELLS):
            block = huber_lines(x, np.log(area) if response == "log" else area)
            for name in NAMES:
                found[name][rows] = getattr(block, name)
        cases = [~fitted, constant, found["settled"] != 1.0, plain.n <= FEW_N]
        status = np.select(cases, [INSUFFICIENT, CONSTANT, UNSETTLED, FEW], OK).astype(np.int8)
        return Fit(_columns(found, plain, status), status)


def _columns(found: dict[str, NDArray[np.float64]], plain: Lines, status: NDArray[np.int8]) -> dict[str, NDArray[np.float64]]:
    tested = (status == OK) | (status == FEW)
    none = np.full(len(status), np.nan)
    slope = np.where(status == CONSTANT, 0.0, found["slope"])
    sd, df = np.where(tested, found["sd"], np.nan), np.where(tested, plain.n - 2.0, np.nan)
    se = sd / np.sqrt(found["sxx"])
    half = se * quantile(0.975, df)
    return {
        "slope": slope, "se": se, "t": slope / se, "df": df, "ci_low": slope - half, "ci_high": slope + half,
        "log_p": log_p_two_sided(slope / se, df), "log_p_ols": log_p_plain(plain, (status != INSUFFICIENT) & (status != CONSTANT)),
        "r2": none, "n": plain.n, "first_year": plain.first_year, "last_year": plain.last_year, "n_eff": np.where(tested, plain.n, np.nan),
        "r1": none, "mean_year": found["mean_year"], "mean_response": found["at_mean"], "resid_sd": sd, "sxx": found["sxx"],
    }  # fmt: skip


METHOD = Method(
    name="huber",
    group=GROUPS[2],
    title="Huber",
    version=1,
    help=(
        "Straight line on which a point far off pulls no harder than one at 1.3 times the usual scatter: nearly as sharp as least squares "
        "where all is well, hardly moved by a bad observation or two in ten. Lakes most of whose points lie on one line exactly have no "
        "test (unsettled). Known limit: it does not allow for observations that resemble their neighbours in time: at a nominal 5 % it "
        "rejects 6 % of trendless series of 10 or 20 years, and 14 % where the autocorrelation is 0.3."
    ),
    fit=huber,
)
