"""AUC against scikit-learn, its interval against the plain bootstrap, recall and ranks against counting."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from data.hindcast.measures import auc, auc_interval, ranks, recall_at

CASES = st.lists(st.tuples(st.one_of(st.integers(-5, 5).map(float), st.floats(-10, 10), st.just(float("nan"))), st.booleans()), max_size=60)


def case(seed: int, lakes: int, positives: int, shift: float) -> tuple[np.ndarray, np.ndarray]:
    """Rounded scores, so that there are ties, of lakes of which some burst."""
    random = np.random.default_rng(seed)
    later = np.arange(lakes) < positives
    return np.round(random.normal(0, 1, lakes) + shift * later, 1), later


@given(CASES)
def test_auc_is_that_of_scikit_learn(lakes: list[tuple[float, bool]]) -> None:
    score, later = np.array([each[0] for each in lakes], dtype=float), np.array([each[1] for each in lakes], dtype=bool)
    known = np.isfinite(score)
    if later[known].any() and not later[known].all():
        assert auc(score, later) == pytest.approx(roc_auc_score(later[known], score[known]), abs=1e-12)
    else:
        assert np.isnan(auc(score, later))
        assert np.isnan(auc_interval(score, later)).all()


@pytest.mark.parametrize(("lakes", "positives", "shift"), [(300, 12, 0.8), (120, 30, 0.0), (400, 10, 2.0)])
def test_the_interval_is_that_of_the_plain_bootstrap(lakes: int, positives: int, shift: float) -> None:
    """Percentiles of 4,000 plain draws of either kind; both are Monte Carlo, hence .015."""
    score, later = case(5, lakes, positives, shift)
    random = np.random.default_rng(9)
    mine, others = score[later], score[~later]
    drawn = []
    for _ in range(4000):
        a, b = random.choice(mine, len(mine)), np.sort(random.choice(others, len(others)))
        drawn.append(np.mean(np.searchsorted(b, a) + np.searchsorted(b, a, side="right")) / 2 / len(b))
    plain = np.quantile(drawn, [0.025, 0.975])
    found = auc_interval(score, later, seed=1, draws=4000)
    np.testing.assert_allclose(found, plain, atol=0.015)
    assert found[0] <= auc(score, later) <= found[1]
    assert found == auc_interval(score, later, seed=1, draws=4000), "seeded"
    assert found != auc_interval(score, later, seed=2, draws=4000)


def test_an_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Normal scores one apart: AUC is Φ(1/√2) = .760. 300 inventories; 95 % ± 3 standard errors, less what the percentile method lacks."""
    held = 0
    for seed in range(300):
        random = np.random.default_rng(seed)
        later = np.arange(230) < 30
        low, high = auc_interval(random.normal(later * 1.0, 1.0), later, seed, draws=400)
        held += low <= 0.7602499 <= high
    assert 0.89 <= held / 300 <= 0.985


def test_ranks_and_recall_by_counting() -> None:
    score = np.array([3.0, np.nan, 1.0, 3.0, 2.0, 0.0])
    rank = ranks(score)
    np.testing.assert_array_equal(rank, [1.5, np.nan, 4, 1.5, 3, 5])
    later = np.array([True, True, True, False, False, True])
    assert recall_at(rank, later, [1, 2, 3, 4, 5]) == [0, 1 / 3, 1 / 3, 2 / 3, 1], "a lake without a rank is no miss"
    assert np.isnan(recall_at(rank, np.zeros(6, dtype=bool), [1])[0])
