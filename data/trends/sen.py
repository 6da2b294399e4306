"""Theil–Sen lines of all lakes, and a trend table's columns of a rank test about them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.records import SeriesBatch
from data.trends.fit import CONSTANT, FEW, FEW_N, INSUFFICIENT, MIN_N, OK, R1_UNKNOWN, Fit
from data.trends.gathered import gathered
from data.trends.line import Lines, log_p_plain
from data.trends.mann_kendall import variances
from data.trends.pair_slopes import pair_slopes
from data.trends.student import MAD, NORMAL, log_p_normal


@dataclass(frozen=True)
class SenLines:
    """Theil–Sen lines of L lakes, each array (L,); NaN for lakes with fewer than two observations.

    Args:
        slope: The middle of the slopes of all pairs of different dates.
        low, high: Sen's 95 % interval.
        s: Pairs that rise less pairs that fall.
        variance: Of S under no trend, with ties of areas and of dates.
        mean_year, mean_response: Medians, through which the line goes.
        resid_sd: Scaled median absolute residual.
    """

    slope: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    s: NDArray[np.float64]
    variance: NDArray[np.float64]
    mean_year: NDArray[np.float64]
    mean_response: NDArray[np.float64]
    resid_sd: NDArray[np.float64]


@dataclass(frozen=True)
class RankTest:
    """A rank test of L lakes, each array (L,).

    Args:
        z: Its statistic.
        n_eff: Observations that count.
        r1: Serial correlation allowed for, NaN where none is.
        unknown: Where it should have been, and could not be known; None where the test allows for none.
    """

    z: NDArray[np.float64]
    n_eff: NDArray[np.float64]
    r1: NDArray[np.float64]
    unknown: NDArray[np.bool_] | None = None


def sen_lines(batch: SeriesBatch, response: str, inflation: NDArray[np.float64] | None = None) -> SenLines:
    """Theil–Sen lines.

    Args:
        batch: L lakes × T observations.
        response: `log` or `area`.
        inflation: (L,) by what the variance of S is multiplied for the interval; None: by 1.
    """
    out = {name: np.full(len(batch.area), np.nan) for name in SenLines.__dataclass_fields__}
    for rows, x, area in gathered(batch.year, batch.area):
        wider = np.ones(len(rows)) if inflation is None else inflation[rows]
        for name, values in _block(x, np.log(area) if response == "log" else area, wider).items():
            out[name][rows] = values
    return SenLines(**out)


def _block(x: NDArray[np.float64], y: NDArray[np.float64], inflation: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Of a block of lakes: x, y (B, n), no gaps."""
    ordered_y = np.sort(y, axis=1)
    ordered_x = np.sort(x, axis=1) if (x[:, 1:] < x[:, :-1]).any() else x
    variance, untied = variances(ordered_x, ordered_y, np.full(len(x), float(x.shape[1])))
    s, found = pair_slopes(x, y, ordered_y, NORMAL * np.sqrt(untied * inflation))
    middle_x, middle_y = _middle(ordered_x), _middle(ordered_y)
    residual = np.abs(y - middle_y[:, None] - found[:, :1] * (x - middle_x[:, None]))
    residual.sort(axis=1)
    return {
        "slope": found[:, 0], "low": found[:, 1], "high": found[:, 2], "s": s, "variance": variance, "mean_year": middle_x,
        "mean_response": middle_y, "resid_sd": MAD * _middle(residual),
    }  # fmt: skip


def _middle(ordered: NDArray[np.float64]) -> NDArray[np.float64]:
    """(B,) medians of ascending rows."""
    n = ordered.shape[1]
    return 0.5 * (ordered[:, (n - 1) // 2] + ordered[:, n // 2])


def rank_fit(plain: Lines, line: SenLines, test: RankTest) -> Fit:
    """The columns of a trend table. `t` is z; `se` the half width of the interval in standard errors of a normal.

    Status, the first that holds: `insufficient` n < 3 or all on one date; `constant` range(area) ≤ 1e-9 mean(area) (slope, but no
    test); `few` n ≤ 4; `r1 unknown`; `ok`.
    """
    unknown = np.zeros(len(plain.n), dtype=bool) if test.unknown is None else test.unknown
    cases = [(plain.n < MIN_N) | ~(plain.sxx > 0), plain.is_constant > 0, plain.n <= FEW_N, unknown]
    status = np.select(cases, [INSUFFICIENT, CONSTANT, FEW, R1_UNKNOWN], OK).astype(np.int8)
    fitted, tested = status != INSUFFICIENT, (status != INSUFFICIENT) & (status != CONSTANT)
    z, n_eff, r1, resid_sd, low, high = (
        np.where(tested, values, np.nan) for values in (test.z, test.n_eff, test.r1, line.resid_sd, line.low, line.high)
    )
    slope, mean_year, mean_response, sxx = (
        np.where(fitted, values, np.nan) for values in (line.slope, line.mean_year, line.mean_response, plain.sxx)
    )
    none = np.full(len(z), np.nan)
    return Fit({
        "slope": slope, "se": (high - low) / (2 * NORMAL), "t": z, "df": none, "ci_low": low, "ci_high": high,
        "log_p": log_p_normal(z), "log_p_ols": log_p_plain(plain, tested), "r2": none, "n": plain.n,
        "first_year": plain.first_year, "last_year": plain.last_year, "n_eff": n_eff, "r1": r1, "mean_year": mean_year,
        "mean_response": mean_response, "resid_sd": resid_sd, "sxx": sxx,
    }, status)  # fmt: skip
