"""Neighbours against a plain loop, and pairs that were planted."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from data.lens import neighbours
from data.lens.neighbours import nearest, neighbourhoods, opposite_pairs, standardised


def by_loop(features: np.ndarray, row: int) -> list[tuple[float, int]]:
    """Distance and row of every other row, the nearest first."""
    roots = np.sign(features) * np.sqrt(np.abs(features))
    held = [(column - column.mean()) / column.std() for column in roots.T if column.std() > 0]
    return sorted((float(np.sqrt(sum((c[row] - c[other]) ** 2 for c in held))), other) for other in range(len(features)) if other != row)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), rows=st.integers(3, 30), count=st.integers(1, 40))
def test_nearest_equals_a_loop(seed: int, rows: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    features = rng.gamma(1, 1, (rows, 4)) * [100, 1, 0.01, 0] - [0, 1, 0, 0]
    wanted = by_loop(features, 1)[:count]
    found, apart = nearest(features, 1, count)
    assert found.tolist() == [row for _, row in wanted]
    np.testing.assert_allclose(apart, [distance for distance, _ in wanted], atol=1e-9)


def test_blocks_do_not_matter(monkeypatch) -> None:
    values = np.random.default_rng(0).normal(size=(50, 3))
    rows, apart = neighbourhoods(values, 6)
    monkeypatch.setattr(neighbours, "BLOCK", 7)
    again, also = neighbourhoods(values, 6)
    np.testing.assert_array_equal(rows, again)
    np.testing.assert_allclose(apart, also)
    for row in range(50):
        square = ((values - values[row]) ** 2).sum(axis=1)
        square[row] = np.inf
        assert rows[row].tolist() == np.argsort(square)[:6].tolist()


def test_planted_pairs_are_listed_first() -> None:
    """Five clusters, one of them hard to everyone; six scenes of the easy ones fail all the same."""
    rng = np.random.default_rng(2)
    cluster = np.repeat(np.arange(5), 60)
    features = np.abs(rng.normal(size=(5, 12)) * 3)[cluster] + np.abs(rng.normal(size=(300, 12)) * 0.2)
    iou = np.where(cluster == 4, rng.uniform(0, 0.9, 300), rng.uniform(0.85, 0.99, 300))
    planted = rng.choice(np.flatnonzero(cluster < 4), 6, replace=False)
    iou[planted] = rng.uniform(0, 0.2, 6)
    pairs = opposite_pairs(features, iou, 6)
    assert {pair.worse for pair in pairs} == set(planted.tolist())
    for pair in pairs:
        assert cluster[pair.worse] == cluster[pair.better]
        assert pair.gap == iou[pair.better] - iou[pair.worse]
        assert pair.gap >= pair.score
    assert [pair.score for pair in pairs] == sorted((pair.score for pair in pairs), reverse=True)


def test_what_takes_no_part() -> None:
    rng = np.random.default_rng(4)
    features, iou = np.abs(rng.normal(size=(40, 3))), np.full(40, 0.9)
    assert opposite_pairs(features, iou) == []
    iou[3], iou[5] = 0.1, np.nan
    assert [pair.worse for pair in opposite_pairs(features, iou)] == [3]
    features[3] = np.nan
    assert opposite_pairs(features, iou) == []
    assert nearest(features, 3)[0].tolist() == []
    assert 3 not in nearest(features, 0, 99)[0]
    assert opposite_pairs(features[:1], iou[:1]) == []
    assert standardised(np.ones((4, 2))).shape == (4, 0)
