"""What a selection shares: against plain loops, and how often it speaks where there is nothing to say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import t

from data.lens.clusters import groups_of, resampled
from data.lens.traits import RESAMPLES, traits


def test_a_trait_equals_a_loop() -> None:
    rng = np.random.default_rng(0)
    lakes = rng.integers(0, 20, 150)
    values = rng.normal(size=150) + (lakes % 3)
    values[:5] = np.nan
    chosen = lakes % 3 == 2
    [made] = traits({"size": values}, chosen, lakes)
    known = np.isfinite(values)
    inside, outside = values[known & chosen].mean(), values[known & ~chosen].mean()
    assert (made.inside, made.outside, made.known) == (pytest.approx(inside), pytest.approx(outside), int((known & chosen).sum()))
    assert made.effect == pytest.approx((inside - outside) / values[known].std())
    gaps = []
    for drawn in resampled(20, RESAMPLES, np.random.default_rng(0)):
        rows = np.concatenate([np.repeat(np.flatnonzero(known & (lakes == lake)), int(times)) for lake, times in enumerate(drawn)])
        gaps.append(values[rows[chosen[rows]]].mean() - values[rows[~chosen[rows]]].mean())
    sizes = [np.unique(lakes[known & rows], return_counts=True)[1] for rows in (chosen, ~chosen)]
    worth = min(each.sum() ** 2 / (each**2).sum() for each in sizes)
    assert made.high - made.low == pytest.approx(2 * t.ppf(0.975, worth - 1) * (worth / (worth - 1)) ** 0.5 * np.std(gaps))
    assert made.apart


def test_selections_at_random_share_nothing() -> None:
    """Lakes chosen at random, scenes of a lake alike, four traits at once: hardly more than one in twenty shows one."""
    rng, spoke = np.random.default_rng(1), 0
    for number in range(60):
        lakes = np.repeat(np.arange(60), 5)
        columns = {str(i): (rng.random(60) < 0.3)[lakes].astype(float) for i in range(4)}
        spoke += any(trait.apart for trait in traits(columns, (rng.random(60) < 0.4)[lakes], lakes, number))
    assert spoke <= 8


def test_selections_of_five_lakes_share_nothing() -> None:
    """By a normal distribution's reach .37 of such selections showed a trait that was not there."""
    spoke, lakes = 0, np.repeat(np.arange(60), 3)
    for number in range(80):
        rng = np.random.default_rng(number)
        columns = {str(i): rng.normal(size=60)[lakes] + 0.5 * rng.normal(size=180) for i in range(8)}
        spoke += any(trait.apart for trait in traits(columns, np.isin(lakes, rng.choice(60, 5, replace=False)), lakes, number))
    assert spoke <= 9


def test_few_lakes_say_nothing_for_sure() -> None:
    lakes = np.repeat(np.arange(30), 4)
    made = traits({"cloud": (lakes < 4).astype(float), "none": np.full(120, np.nan)}, lakes < 4, lakes)
    assert [trait.name for trait in made] == ["cloud", "none"]
    assert (made[0].inside, made[0].outside) == (1.0, 0.0)
    assert not made[0].apart
    assert np.isnan([made[0].low, made[1].inside, made[1].effect]).all()
    assert traits({}, np.zeros(0, dtype=bool), np.zeros(0)) == []


def test_scenes_without_a_lake_stand_alone() -> None:
    made = groups_of(np.array([4, 0, 0, 4]), np.array([True, False, False, True]))
    assert made[0] == made[3]
    assert len(set(made.tolist())) == 3
