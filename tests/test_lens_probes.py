"""Probes against scikit-learn and planted concepts; that no lake is learned from and judged by at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score, roc_auc_score

from data.lens import probes
from data.lens.probes import Target, area_under_curve, explained, foretold, probe, target_of

LAKES = np.repeat(np.arange(40), 8)


def activations(rng: np.random.Generator, channels: int = 6) -> np.ndarray:
    """Each lake has a look of its own, its scenes scatter about it."""
    return rng.normal(size=(40, channels))[LAKES] + 0.5 * rng.normal(size=(len(LAKES), channels))


def test_a_planted_concept_is_read_and_an_absent_one_is_not() -> None:
    rng = np.random.default_rng(1)
    values = activations(rng)
    there = Target(values @ [1.0, -1, 0.5, 0, 0, 0] + 0.3 * rng.normal(size=len(values)), False, "")
    read = probe(values, there, LAKES)
    assert read is not None
    assert read.low > 0.9
    assert read.low < read.score < read.high
    assert read.chance < 0.1
    seen = Target((there.values > np.quantile(there.values, 0.7)).astype(float), True, "")
    found = probe(values, seen, LAKES)
    assert found is not None
    assert found.low > 0.9
    assert abs(found.chance - 0.5) < 0.1


def test_what_only_names_the_lake_is_not_read() -> None:
    """A value that every lake has by chance: a probe that may see other scenes of the lake reads it, ours does not."""
    rng = np.random.default_rng(2)
    values = np.hstack([activations(rng, 30), np.eye(40)[LAKES]])
    own = Target(rng.normal(size=40)[LAKES], False, "")
    honest, naive = probe(values, own, LAKES), probe(values, own, np.arange(len(LAKES)))
    assert honest is not None
    assert naive is not None
    assert honest.score < 0.1
    assert naive.score > 0.8
    assert honest.groups == 40


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_ridge_equals_the_reference(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values, wanted, asked = rng.normal(size=(30, 5)), rng.normal(size=(30, 2)), rng.normal(size=(7, 5))
    made = probes._ridge(values, wanted, asked)
    for place, penalty in enumerate(probes.PENALTIES):
        np.testing.assert_allclose(made[place], Ridge(penalty).fit(values, wanted).predict(asked), atol=1e-8)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), levels=st.integers(2, 30))
def test_scores_equal_the_reference(seed: int, levels: int) -> None:
    rng = np.random.default_rng(seed)
    told = rng.integers(0, levels, 40).astype(float)
    truth, seen = told + rng.normal(size=40), np.r_[0.0, 1.0, rng.integers(0, 2, 38)]
    weights = np.vstack([np.ones(40), rng.integers(0, 4, (3, 40))]).astype(float)
    weights[:, :2] = np.maximum(weights[:, :2], 1)
    for each in weights:
        mean = np.average(truth, weights=each)
        [made] = explained(truth - mean, told - mean, each[None])
        assert made == pytest.approx(r2_score(truth, told, sample_weight=each), abs=1e-9)
    for made, each in zip(area_under_curve(seen, told, weights), weights, strict=True):
        assert made == pytest.approx(roc_auc_score(seen, told, sample_weight=each), abs=1e-9)


def test_no_group_is_learned_from_and_judged_by() -> None:
    """A scene's reading does not move when its own lake's values do."""
    rng = np.random.default_rng(4)
    values, wanted = activations(rng), rng.normal(size=(len(LAKES), 1))
    changed = wanted.copy()
    changed[LAKES == 7] += 100
    first, second = (foretold(values, each, LAKES, np.random.default_rng(0))[0] for each in (wanted, changed))
    np.testing.assert_allclose(first[LAKES == 7], second[LAKES == 7])
    assert np.abs(first - second).max() > 0.1


def test_what_a_column_is_read_as() -> None:
    rng = np.random.default_rng(6)
    area = target_of("size_km2", np.r_[rng.lognormal(size=40), 0.0, np.nan])
    assert area is not None
    assert not area.binary
    assert np.isfinite(area.values).sum() == 40
    snow = target_of("snow", np.r_[np.zeros(60), rng.random(20), np.nan])
    assert snow is not None
    assert snow.binary
    assert np.nansum(snow.values) == 20
    assert target_of("snow", np.zeros(80)) is None
    assert target_of("snow", np.full(80, np.nan)) is None
    assert target_of("snow", np.r_[np.zeros(80), 0.5]) is None
    lonely = Target(rng.normal(size=len(LAKES)), False, "")
    assert probe(activations(rng), lonely, np.zeros(len(LAKES))) is None
