"""Numbered slopes in single precision pick what sorting in double precision does, to the last bit, whatever the series."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.trends import pair_slopes as engine
from data.trends.pair_slopes import WIDEST, pair_slopes

LAKES = 120


def series(kind: str, n: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """x, y (LAKES, n) of one kind."""
    x = np.tile(2000.0 + 287 / 365 + np.arange(n), (LAKES, 1))
    y = random.normal(size=(LAKES, n))
    if kind == "uneven":
        x = np.sort(random.uniform(1985, 2025, (LAKES, n)), axis=1)
    elif kind == "days apart":
        x = 2000 + np.cumsum(random.choice([1 / 365, 2 / 365, 1.0], (LAKES, n)), axis=1)
    elif kind == "same day":
        x = np.sort(2000 + random.integers(0, 12, (LAKES, n)) / 2, axis=1)
    elif kind == "rounded":
        y = np.round(y, 1)
    elif kind == "nearly equal":
        y = np.round(y, 1) + random.normal(0, 1e-9, (LAKES, n))
    elif kind == "straight":
        y = 0.03 * (x - 2000) + random.normal(0, 1e-8, (LAKES, n))
    elif kind == "huge":
        y = 10.0 ** random.uniform(-300, 300, (LAKES, 1)) * y
    elif kind == "far off":
        y = y + 10.0 ** random.uniform(0, 9, (LAKES, 1))
    elif kind == "unordered":
        x = random.permuted(x, axis=1)
    return x, y


KINDS = ("yearly", "uneven", "days apart", "same day", "rounded", "nearly equal", "straight", "huge", "far off", "unordered")


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40)
@given(seed=st.integers(0, 2**32 - 1), n=st.integers(2, 36))
def test_the_numbered_ones_are_those_of_a_plain_sort(kind: str, seed: int, n: int) -> None:
    random = np.random.default_rng(seed)
    x, y = series(kind, n, random)
    half = random.uniform(0, n * (n - 1) / 4, LAKES)
    s, found = pair_slopes(x, y, np.sort(y, axis=1), half)
    plain_s, plain = engine._sorted(x, y, half)
    np.testing.assert_array_equal(s, plain_s)
    np.testing.assert_array_equal(found, np.column_stack([0.5 * (plain[:, 0] + plain[:, 1]), plain[:, 2:]]))


def test_most_lakes_need_no_sort_in_double_precision(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else it would be right, but slow."""
    sorted_ones: list[int] = []
    plain = engine._sorted
    monkeypatch.setattr(engine, "_sorted", lambda x, y, half: (sorted_ones.append(len(x)), plain(x, y, half))[1])
    random = np.random.default_rng(1)
    x, y = np.tile(2000.0 + np.arange(30), (3000, 1)), random.normal(0, 0.1, (3000, 30))
    pair_slopes(x, y, np.sort(y, axis=1), np.full(3000, 110.0))
    assert sum(sorted_ones) < 30


def test_long_series_are_sorted_plainly() -> None:
    random = np.random.default_rng(2)
    x, y = np.tile(np.arange(WIDEST + 6.0), (3, 1)), random.normal(size=(3, WIDEST + 6))
    _, found = pair_slopes(x, y, np.sort(y, axis=1), np.full(3, 100.0))
    for lake in range(3):
        all_pairs = [(y[lake, j] - y[lake, i]) / (j - i) for i in range(WIDEST + 6) for j in range(i + 1, WIDEST + 6)]
        assert found[lake, 0] == pytest.approx(np.median(all_pairs), rel=1e-12)
