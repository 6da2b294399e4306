"""The slopes between all pairs of observations: those in the middle and at the ends of Sen's interval, and how many rise.

Sorting them is all the cost. In single precision it costs a fifth; each number then carries, in the last bits of its mantissa, which pair
it is. Where its neighbours in the order are further off than those bits and all rounding can move it, the pair found is the right one, and
its slope is worked out in double precision; where not, the lake is sorted in double precision. No answer differs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CELLS = 60_000
"""Slopes of a block: what is at work fits the second-level cache."""
FEW = 4_000
"""Slopes that are sorted in double precision at once: numbering them would take longer."""
WIDEST = 64
"""Observations up to which pairs are numbered in the mantissa; more leave too little of it."""
REACHES = (1, 4)
"""Places on each side that are looked at: first few, for most lakes, then more."""
ROUNDING = 2.0**-24
LEAST, MOST = 1e-30, 1e30
"""Values beyond are not for single precision."""

Chosen = tuple[NDArray[np.float64], NDArray[np.float64]]


def pair_slopes(x: NDArray[np.float64], y: NDArray[np.float64], ordered: NDArray[np.float64], half: NDArray[np.float64]) -> Chosen:
    """S, the rising less the falling pairs (B,), and (B, 3): the median slope and both ends of the interval.

    Pairs of one date are none.

    Args:
        x: (B, n) decimal years, no gaps.
        y: (B, n) response.
        ordered: (B, n) y in ascending order.
        half: (B,) half the width of the interval, in places of the order.
    """
    lakes, n = x.shape
    s, found = np.empty(lakes), np.empty((lakes, 4))
    rest, pairs = np.arange(lakes), n * (n - 1) // 2
    theirs = x, y, ordered, half
    for reach in REACHES if n <= WIDEST else ():
        if len(rest) * pairs <= FEW:
            break
        s[rest], found[rest], sure = _numbered(*theirs, reach)
        rest = rest[~sure]
        theirs = x[rest], y[rest], ordered[rest], half[rest]
    step = max(1, CELLS // max(pairs, 1))
    for start in range(0, len(rest), step):
        rows = rest[start : start + step]
        s[rows], found[rows] = _sorted(x[rows], y[rows], half[rows])
    return s, np.column_stack([0.5 * (found[:, 0] + found[:, 1]), found[:, 2:]])


def _places(pairs: NDArray[np.float64], half: NDArray[np.float64]) -> NDArray[np.intp]:
    """(B, 4) places, from 0, of the two in the middle, the lower and the upper end (scipy's rounding of Sen's formulas)."""
    most = np.maximum(pairs - 1, 0)
    lower, upper = np.maximum(np.round((pairs - half) / 2) - 1, 0), np.minimum(np.round((pairs + half) / 2), most)
    return np.column_stack([most // 2, pairs // 2, lower, upper]).astype(np.intp)


def _sorted(x: NDArray[np.float64], y: NDArray[np.float64], half: NDArray[np.float64]) -> Chosen:
    """S and the four slopes, by sorting in double precision."""
    first, second = np.triu_indices(x.shape[1], 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = x[:, second] - x[:, first]
        slopes = np.where(apart == 0, np.nan, (y[:, second] - y[:, first]) / apart)
    s = (slopes > 0).sum(axis=1) - (slopes < 0).sum(axis=1).astype(np.float64)
    slopes.sort(axis=1)  # NaN last
    pairs = (~np.isnan(slopes)).sum(axis=1).astype(np.float64)
    return s, np.take_along_axis(slopes, _places(pairs, half), axis=1)


def _numbered(
    x: NDArray[np.float64], y: NDArray[np.float64], ordered: NDArray[np.float64], half: NDArray[np.float64], reach: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """The same by sorting numbered slopes in single precision, and (B,) for which lakes that was enough.

    The neighbours that are `reach` places off must lie apart for sure; those between are put in order in double precision.
    """
    first, second = np.triu_indices(x.shape[1], 1)
    bits = len(first).bit_length()
    places = _places(np.full(len(x), float(len(first))), half)
    keys, falling = _keys(x, y, places[:, :, None] + np.arange(-reach, reach + 1), bits)
    pair = (keys[:, :, 1:-1].view(np.int32) & ((1 << bits) - 1)) - 1
    i, j = first.take(pair, mode="clip"), second.take(pair, mode="clip")
    gaps = ordered[:, 1:] - ordered[:, :-1]
    y_span, nearest = ordered[:, -1] - ordered[:, 0], (x[:, 1:] - x[:, :-1]).min(axis=1)
    with np.errstate(all="ignore"):
        found = _differences(y, j, i) / _differences(x, j, i)
        if reach > 1:
            found.sort(axis=2)
        sure = _told_apart(gaps, 8 * ROUNDING * y_span) & (nearest > 0) & (y_span / nearest < MOST) & (y_span > LEAST)
        sure &= _apart(keys, bits, (x[:, -1] - x[:, 0]) / nearest, y_span / nearest).all(axis=1)
    return len(first) - 2.0 * falling - _equal_pairs(gaps), found[:, :, reach - 1], sure


def _apart(keys: NDArray[np.float32], bits: int, x_span: NDArray[np.float64], y_span: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(B, 4) whether the outer keys lie further from the middle one than rounding reaches.

    Rounded are both differences, each by as much as its span (in units of the shortest time), their quotient, and the key, whose number is
    taken for half its range here; all of it with a tenth to spare.
    """
    bare = keys[:, :, [0, keys.shape[2] // 2, -1]]
    number = bare.view(np.int32)
    number &= -(1 << bits)
    number |= 1 << (bits - 1)
    share = (1.1 * (ROUNDING * (3 + 2 * x_span) + 2.0 ** (bits - 24)))[:, None, None]
    off = share * np.abs(bare) + (2.2 * ROUNDING * y_span)[:, None, None] + 1e-37
    low, high = bare - off, bare + off
    return (high[:, :, 0] < low[:, :, 1]) & (low[:, :, 2] > high[:, :, 1]) & (share[:, :, 0] < 0.5)


def _keys(
    x: NDArray[np.float64], y: NDArray[np.float64], places: NDArray[np.intp], bits: int
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """(B, 4, K) numbered slopes at places of their order, and (B,) how many are below 0."""
    lakes, n = x.shape
    first, second = np.triu_indices(n, 1)
    pairs = len(first)
    difference = np.zeros((n, pairs), dtype=np.float32)  # a product with it subtracts exactly: all its other terms are 0
    difference[second, np.arange(pairs)], difference[first, np.arange(pairs)] = 1, -1
    number = np.arange(1, pairs + 1, dtype=np.int32)
    step = max(1, min(CELLS // pairs, lakes))
    around = np.clip(places, 0, pairs - 1).reshape(lakes, -1)
    around += (np.arange(lakes) % step * pairs)[:, None]
    keys, falling = np.empty(around.shape, dtype=np.float32), np.empty(lakes)
    rise, run = np.empty((step, pairs), dtype=np.float32), np.empty((step, pairs), dtype=np.float32)
    with np.errstate(all="ignore"):
        small_x, small_y = ((values - values[:, :1]).astype(np.float32) for values in (x, y))
        for start in range(0, lakes, step):
            rows = slice(start, start + step)
            slopes = np.matmul(small_y[rows], difference, out=rise[: len(small_y[rows])])
            np.divide(slopes, np.matmul(small_x[rows], difference, out=run[: len(slopes)]), out=slopes)
            bare = slopes.view(np.int32)
            bare &= -(1 << bits)
            bare |= number
            slopes.sort(axis=1)
            falling[rows] = np.where(slopes[:, -1] < 0, pairs, (slopes >= 0).argmax(axis=1))
            slopes.take(around[rows], out=keys[rows], mode="clip")
    return keys.reshape(places.shape), falling


def _differences(values: NDArray[np.float64], second: NDArray[np.intp], first: NDArray[np.intp]) -> NDArray[np.float64]:
    """(B, 4, K) differences of each row between two places."""
    begin = np.arange(0, values.size, values.shape[1])[:, None, None]
    return values.take(begin + second) - values.take(begin + first)


def _told_apart(gaps: NDArray[np.float64], least: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(B,) whether all values of each row are equal or further apart than `least`."""
    apart = np.logical_and.reduce(gaps > least[:, None], axis=1)
    rest = np.flatnonzero(~apart)
    apart[rest] = np.logical_and.reduce((gaps[rest] == 0) | (gaps[rest] > least[rest, None]), axis=1)
    return apart


def _equal_pairs(gaps: NDArray[np.float64]) -> NDArray[np.float64]:
    """(B,) pairs of equal values, from the gaps of each ascending row."""
    equal, run = np.zeros(len(gaps)), np.zeros(len(gaps))
    same = gaps == 0
    if not same.any():  # told at once, row by row it would take ten times as long
        return equal
    tied = np.flatnonzero(same.any(axis=1))
    for column in gaps[tied].T:
        run[tied] = np.where(column == 0, run[tied] + 1, 0)
        equal[tied] += run[tied]
    return equal
