"""False discoveries where lakes share their weather: years are shuffled for all lakes of a sub-basin at once, and the tests counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from data.records import SeriesBatch
from data.trends.student import probability

SEED = 1999
MOST, FEWEST, WORK = 999, 199, 50_000_000
"""Shuffles, at most and at least, and the number of lakes times shuffles beyond which fewer are made: 500 for 100,000 lakes."""
LEAST_N = 5
"""Observations that a lake needs: fewer can hardly be shuffled, and their tests are taken for independent."""
THRESHOLDS = 400
CELLS = 2_000_000


@dataclass(frozen=True)
class Counts:
    """How many lakes pass each of K thresholds in each of B shuffles.

    Args:
        log_p: (K,) thresholds, ascending, natural logarithms.
        passed: (B, K).
    """

    log_p: NDArray[np.float64]
    passed: NDArray[np.int64]

    def log_q(self, log_p: NDArray[np.float64]) -> NDArray[np.float64]:
        """Adjusted p values from counts, as Yekutieli and Benjamini (1999, J. Stat. Plan. Inference 82, 171) resample them.

        Where r lakes pass a threshold and R do in a shuffle, the share of false discoveries is the mean of min(R/r, 1); q is the least
        share at any threshold that the lake passes. No lake is held for changing beforehand, as their R/(R + s) does: in small families
        that finds twice as much by chance as promised. Without dependence the mean is m·p/r, which is Benjamini and Hochberg's; at r = 1
        it is the chance that any lake passes, Westfall and Young's (1993).

        Args:
            log_p: (L,) natural logarithms of p, NaN outside the family.

        Returns:
            (L,) natural logarithms of q, NaN outside the family; none is below 1/((B + 1)r).
        """
        member = ~np.isnan(log_p)
        if np.count_nonzero(member) < 2:
            return log_p.copy()
        r = np.searchsorted(np.sort(log_p[member]), self.log_p, side="right")
        once_more = np.concatenate([self.passed, np.ones((1, len(r)), dtype=np.int64)])  # so that nothing is impossible
        q = np.minimum(once_more / np.maximum(r, 1), 1.0).mean(axis=0)
        q = np.minimum.accumulate(np.where(r > 0, q, 1.0)[::-1])[::-1]
        out = np.full_like(log_p, np.nan)
        out[member] = np.log(q)[np.minimum(np.searchsorted(self.log_p, log_p[member]), len(q) - 1)]
        return out


def shuffled(batch: SeriesBatch, response: str, group: NDArray[np.int64], families: list[NDArray[np.float64]]) -> Counts:
    """Shuffle and count.

    In each shuffle the whole years of a sub-basin change places, one order for all its lakes, and each lake keeps its gaps; plain
    least squares of each lake on the shuffled years then passes a threshold or not. Lakes with fewer than LEAST_N observations pass it
    as often as p says, each for itself.

    Args:
        batch: L lakes × T observations.
        response: `log` or `area`.
        group: (L,) number of each lake's sub-basin.
        families: (L,) log p each; lakes with one are shuffled, and the thresholds are theirs.
    """
    shuffle, lakes = planned((~np.isnan(batch.area)).sum(axis=1), families)
    passed = shuffle.alone
    for number, rows in groups_of(lakes, group):
        passed = passed + shuffle.of_group(batch.of(rows), response, number)
    return shuffle.counts(passed)


@dataclass(frozen=True)
class Shuffle:
    """How years are shuffled and passes counted, once it is known who is tested.

    Args:
        log_p: (K,) thresholds.
        barriers: Observations → (K,) the squared correlations at them, negated.
        alone: (B, K + 1) at which threshold lakes too short to shuffle pass first.
    """

    log_p: NDArray[np.float64]
    barriers: dict[int, NDArray[np.float64]]
    alone: NDArray[np.int64]

    def of_group(self, batch: SeriesBatch, response: str, number: int) -> NDArray[np.int64]:
        """(B, K + 1) at which threshold the lakes of a sub-basin pass first: all of them at once, so that they share the order of years.

        Args:
            batch: The series of its lakes that are shuffled.
            response: `log` or `area`.
            number: Of the sub-basin.
        """
        columns = (~np.isnan(batch.area)).any(axis=0)
        y, passed = batch.area[:, columns], np.zeros_like(self.alone)
        orders = _orders(batch.nominal_year[columns], len(passed), number)
        _count(np.log(y) if response == "log" else y, orders, self.barriers, passed)
        return passed

    def counts(self, passed: NDArray[np.int64]) -> Counts:
        """From the sum of `alone` and every group's."""
        return Counts(self.log_p, np.cumsum(passed, axis=1)[:, :-1])


def planned(n: NDArray[np.integer], families: list[NDArray[np.float64]]) -> tuple[Shuffle, NDArray[np.intp]]:
    """How to shuffle, and the rows of the lakes that are shuffled.

    Args:
        n: (L,) observations.
        families: (L,) log p each.
    """
    member = np.any([~np.isnan(each) for each in families], axis=0)
    thresholds = _thresholds(np.concatenate([each[~np.isnan(each)] for each in families]))
    count = int(np.clip(WORK // max(int(member.sum()), 1), FEWEST, MOST))
    within = np.diff(np.exp(thresholds), prepend=0.0, append=1.0)
    lonely = np.count_nonzero(member & (n < LEAST_N))
    alone = np.random.default_rng(SEED).multinomial(lonely, within / within.sum(), size=count)
    shuffle = member & (n >= LEAST_N)
    barriers = {size: -_least_r2(thresholds, size - 2.0) for size in np.unique(n[shuffle]).tolist()}
    return Shuffle(thresholds, barriers, alone.astype(np.int64)), np.flatnonzero(shuffle)


def groups_of(rows: NDArray[np.intp], group: NDArray[np.int64]) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """The number of each sub-basin that has some of these lakes, and their rows.

    Args:
        rows: (S,) ascending.
        group: (L,) number of each lake's sub-basin.
    """
    order = rows[np.argsort(group[rows], kind="stable")]
    numbers, begins = np.unique(group[order], return_index=True)
    if len(order):
        yield from zip(numbers.tolist(), np.split(order, begins[1:]), strict=True)


def _thresholds(log_p: NDArray[np.float64]) -> NDArray[np.float64]:
    """The smallest half of THRESHOLDS p values, and evenly spaced ranks (by their ratio) of the others."""
    each = np.unique(log_p)
    if len(each) <= THRESHOLDS:
        return each
    half = THRESHOLDS // 2
    ranks = np.unique(np.round(np.geomspace(half, len(each) - 1, half)).astype(np.intp))
    return np.concatenate([each[:half], each[ranks]])


def _orders(nominal_year: NDArray[np.float64], count: int, number: int) -> NDArray[np.float64]:
    """(C, B) the year that takes the place of each column's, about their mean: whole years move, whatever lies in them."""
    years, of_column = np.unique(nominal_year, return_inverse=True)
    places = np.tile(np.arange(len(years)), (count, 1))
    return (years - years.mean())[np.random.default_rng([SEED, number]).permuted(places, axis=1)].T[of_column]


def _count(y: NDArray[np.float64], year: NDArray[np.float64], barriers: dict[int, NDArray[np.float64]], passed: NDArray[np.int64]) -> None:
    """Add to `passed` (B, K + 1) at which threshold each lake of a sub-basin passes first. y: (L, C), NaN for gaps; year: (C, B)."""
    n = (~np.isnan(y)).sum(axis=1)
    count, bins = passed.shape
    square = year**2
    for part in np.array_split(np.arange(len(y)), max(1, len(y) * count // CELLS)):
        r2 = _r2(y[part], year, square)
        first = np.empty(r2.shape, dtype=np.int64)
        for size in np.unique(n[part]).tolist():
            alike = n[part] == size
            first[alike] = np.searchsorted(barriers[size], -r2[alike])
        passed += np.bincount((first + np.arange(count) * bins).ravel(), minlength=passed.size).reshape(passed.shape)


def _r2(y: NDArray[np.float64], year: NDArray[np.float64], square: NDArray[np.float64]) -> NDArray[np.float64]:
    """(L, B) squared correlations of each lake with each order of the years; 0 where there is none."""
    held = (~np.isnan(y)).astype(np.float64)
    away = np.nan_to_num(y - np.nanmean(y, axis=1, keepdims=True))
    sxx = held @ square - np.square(held @ year) / held.sum(axis=1)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(np.square(away @ year) / (sxx * np.vecdot(away, away)[:, None]), posinf=0.0)


def _least_r2(log_p: NDArray[np.float64], df: float) -> NDArray[np.float64]:
    """(K,) the squared correlation whose plain t test has each p."""
    t2 = np.square(stdtrit(df, 0.5 * probability(log_p)))
    with np.errstate(invalid="ignore"):  # a p below the smallest float: no order of the years passes it
        return np.where(np.isfinite(t2), t2 / (t2 + df), 2.0)
