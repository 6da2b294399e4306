"""Theil–Sen slope with the test of Mann and Kendall: the middle of all slopes between two observations, and how many of them rise."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data.records import SeriesBatch
from data.trends.fit import CONSTANT, FEW, FEW_N, INSUFFICIENT, MIN_N, OK, Fit
from data.trends.line import lines, log_p_plain
from data.trends.method import Method
from data.trends.student import NORMAL, log_p_normal

CELLS = 200_000
"""Slopes of a block: they fit the caches. Four times as many take 1.3 times as long."""
MAD = 1.482602218505602
"""Median absolute deviation of normal errors → their standard deviation."""


def theil_sen(batch: SeriesBatch, response: str) -> Fit:
    """Slopes of all lakes with their tests.

    The slope is the median of (y_j - y_i)/(x_j - x_i) over all pairs of different dates (Theil 1950; Sen 1968, JASA 63); its interval are
    the order statistics that Sen gives. S is the number of pairs that rise less that of those that fall; with its variance under no
    trend, corrected for ties of areas and of dates (Kendall 1970, eq. 5.6), z = (S ∓ 1)/√var, two-sided normal p. `t` is z; `se` is the
    interval's half width in standard errors of a normal; `resid_sd` the scaled median absolute residual.

    Status, the first that holds: `insufficient` n < 3 or all on one date; `constant` range(area) ≤ 1e-9 mean(area) (slope, but no
    test); `few` n ≤ 4; `ok`. Serial correlation is not allowed for.

    Args:
        batch: L lakes × T observations.
        response: `log` or `area`.
    """
    plain = lines(batch, response)
    status = np.select(
        [(plain.n < MIN_N) | ~(plain.sxx > 0), plain.is_constant > 0, plain.n <= FEW_N], [INSUFFICIENT, CONSTANT, FEW], OK
    ).astype(np.int8)
    found = _all(batch, response, plain.n)
    fitted, tested = status != INSUFFICIENT, (status != INSUFFICIENT) & (status != CONSTANT)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(tested, (found["s"] - np.sign(found["s"])) / np.sqrt(found["variance"]), np.nan)
    held = {name: np.where(fitted, values, np.nan) for name, values in found.items()}
    low, high = (np.where(tested, held[name], np.nan) for name in ("low", "high"))
    none = np.full(len(z), np.nan)
    return Fit({
        "slope": held["slope"], "se": (high - low) / (2 * NORMAL), "t": z, "df": none, "ci_low": low, "ci_high": high,
        "log_p": log_p_normal(z), "log_p_ols": log_p_plain(plain, tested), "r2": none, "n": plain.n,
        "first_year": plain.first_year, "last_year": plain.last_year, "n_eff": np.where(tested, plain.n, np.nan), "r1": none,
        "mean_year": held["mean_year"], "mean_response": held["mean_response"], "resid_sd": np.where(tested, held["resid_sd"], np.nan),
        "sxx": np.where(fitted, plain.sxx, np.nan),
    }, status)  # fmt: skip


NAMES = ("slope", "low", "high", "s", "variance", "mean_year", "mean_response", "resid_sd")


def _all(batch: SeriesBatch, response: str, n: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """The statistics of every lake with two observations or more, NaN for the others.

    Lakes are taken in the order of n, their observations moved together: a block is then only as wide as its longest series, and has
    few gaps to carry along.
    """
    out = {name: np.full(len(n), np.nan) for name in NAMES}
    order = np.argsort(n, kind="stable")
    start = int(np.searchsorted(n[order], 2.0))
    while start < len(order):
        width = int(n[order[start]])
        stop = start + max(1, CELLS // max(width * (width - 1) // 2, 1))
        width = int(n[order[min(stop, len(order)) - 1]])  # of the longest in the block
        rows = order[start:stop]
        held = ~np.isnan(batch.area[rows])
        place = np.argsort(~held, axis=1, kind="stable")[:, :width]
        x, area = (np.take_along_axis(values[rows], place, axis=1) for values in (batch.year, batch.area))
        with np.errstate(divide="ignore", invalid="ignore"):
            block = _block(x, np.log(area) if response == "log" else area, n[rows])
        for name, values in block.items():
            out[name][rows] = values
        start = stop
    return out


def _block(x: NDArray[np.float64], y: NDArray[np.float64], n: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
    """Of a block of lakes: x, y (B, W), the observations first, NaN behind them; n (B,)."""
    slopes = _slopes(x, y)
    s = (slopes > 0).sum(axis=1) - (slopes < 0).sum(axis=1).astype(np.float64)
    slopes.sort(axis=1)  # NaN last
    pairs = (~np.isnan(slopes)).sum(axis=1)
    variance, untied = _variances(x, y, n)
    half = NORMAL * np.sqrt(untied)
    most = np.maximum(pairs - 1, 0)
    upper = np.minimum(np.round((pairs + half) / 2), most)
    lower = np.maximum(np.round((pairs - half) / 2) - 1, 0)
    slope = _middle(slopes, pairs)
    middle_x, middle_y = _middle(np.sort(x, axis=1), n), _middle(np.sort(y, axis=1), n)
    residual = np.abs(y - middle_y[:, None] - slope[:, None] * (x - middle_x[:, None]))
    rows = np.arange(len(n))
    return {
        "slope": slope, "low": slopes[rows, lower.astype(np.intp)], "high": slopes[rows, upper.astype(np.intp)], "s": s,
        "variance": variance, "mean_year": middle_x, "mean_response": middle_y,
        "resid_sd": MAD * _middle(np.sort(residual, axis=1), n),
    }  # fmt: skip


def _slopes(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """(B, W (W - 1)/2) of all pairs, NaN where one is missing or both are of one date."""
    width = x.shape[1]
    slopes = np.empty((len(x), width * (width - 1) // 2))
    twice = bool((x[:, 1:] == x[:, :-1]).any())
    begin = 0
    for lag in range(1, width):
        part = slopes[:, begin : begin + width - lag]
        apart = x[:, lag:] - x[:, :-lag]
        np.divide(y[:, lag:] - y[:, :-lag], apart, out=part)
        if twice:
            part[apart == 0] = np.nan
        begin += width - lag
    return slopes


def _middle(ordered: NDArray[np.float64], count: NDArray[np.float64] | NDArray[np.int64]) -> NDArray[np.float64]:
    """(B,) medians of the first `count` of each ascending row."""
    rows, whole = np.arange(len(ordered)), np.maximum(np.asarray(count, dtype=np.intp), 1)
    return 0.5 * (ordered[rows, (whole - 1) // 2] + ordered[rows, whole // 2])


def _variances(x: NDArray[np.float64], y: NDArray[np.float64], n: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(B,) variance of S with ties of either kind, and as Sen's interval takes it, without the products of both."""
    whole = n * (n - 1) * (2 * n + 5)
    (t5, t2, t1), (u5, u2, u1) = _ties(x), _ties(y)
    untied = (whole - t5 - u5) / 18.0
    both = t2 * u2 / (9.0 * n * (n - 1) * np.maximum(n - 2, 1)) + t1 * u1 / (2.0 * n * (n - 1))
    return untied + both, untied


def _ties(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """(B,) Σ k(k - 1)(2k + 5), Σ k(k - 1)(k - 2) and Σ k(k - 1) over the groups of k equal values of each row."""
    sums = np.zeros((3, len(values)))
    ordered = np.sort(values, axis=1)
    same = ordered[:, 1:] == ordered[:, :-1]
    tied = np.flatnonzero(same.any(axis=1))
    if len(tied):
        begins = np.concatenate([np.ones((len(tied), 1), dtype=bool), ~same[tied]], axis=1)
        row, _ = np.nonzero(begins)
        k = np.diff(np.append(np.flatnonzero(begins.ravel()), begins.size)).astype(np.float64)
        for place, each in enumerate((k * (k - 1) * (2 * k + 5), k * (k - 1) * (k - 2), k * (k - 1))):
            sums[place, tied] = np.bincount(row, weights=each, minlength=len(tied))
    return sums[0], sums[1], sums[2]


METHOD = Method(
    name="theil-sen",
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
