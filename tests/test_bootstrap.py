"""Intervals against a bootstrap written out in plain loops, with the same seed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import bootstrap
from models.bootstrap import mean_interval, paired_interval

DRAWS = 300


def plain_interval(values: list[float], clusters: list[str], draws: int, seed: int) -> tuple[float, float, float]:
    """Mean, low and high: scene by scene, draw by draw, percentiles between the two nearest by hand."""
    scenes: dict[str, list[float]] = {}
    for value, cluster in zip(values, clusters, strict=True):
        if not math.isnan(value):
            scenes.setdefault(cluster, []).append(value)
    names = sorted(scenes)
    if not names:
        return math.nan, math.nan, math.nan
    every = [value for name in names for value in scenes[name]]
    mean = math.fsum(every) / len(every)
    if len(names) < 2:
        return mean, math.nan, math.nan
    rng, means = np.random.default_rng(seed), []
    for _ in range(draws):
        drawn = [value for place in rng.integers(0, len(names), size=len(names)) for value in scenes[names[int(place)]]]
        means.append(math.fsum(drawn) / len(drawn))
    means.sort()

    def at(share: float) -> float:
        place = share * (len(means) - 1)
        below = math.floor(place)
        return means[below] + (place - below) * (means[min(below + 1, len(means) - 1)] - means[below])

    return mean, at(0.025), at(0.975)


def close(ours: float, theirs: float) -> bool:
    return (math.isnan(ours) and math.isnan(theirs)) or abs(ours - theirs) <= 1e-9


SCORES = st.one_of(st.floats(0, 1), st.just(math.nan))


@given(
    rows=st.lists(st.tuples(SCORES, SCORES, st.sampled_from(["Teesta", "Koshi", "Arun", "Dudh Koshi", "SA"])), max_size=40),
    seed=st.integers(0, 1000),
)
def test_intervals_equal_plain_loops(rows: list[tuple[float, float, str]], seed: int) -> None:
    first, second = (np.array([row[place] for row in rows], dtype=float) for place in (0, 1))
    names = [row[2] for row in rows]
    clusters = np.array(names, dtype=object)
    ours = mean_interval(first, clusters, DRAWS, seed)
    assert all(map(close, (ours.mean, ours.low, ours.high), plain_interval(first.tolist(), names, DRAWS, seed)))
    both = paired_interval(first, second, clusters, DRAWS, seed)
    gaps = [a - b for a, b in zip(first.tolist(), second.tolist(), strict=True)]
    assert all(map(close, (both.mean, both.low, both.high), plain_interval(gaps, names, DRAWS, seed)))
    assert both.scenes == sum(not math.isnan(gap) for gap in gaps)
    assert both.clusters == len({name for name, gap in zip(names, gaps, strict=True) if not math.isnan(gap)})


def test_draws_in_blocks_are_the_same_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    values, clusters = rng.random(200), np.array([f"basin {place}" for place in rng.integers(0, 17, 200)], dtype=object)
    whole = mean_interval(values, clusters)
    monkeypatch.setattr(bootstrap, "BLOCK", 100)
    assert mean_interval(values, clusters) == whole


def test_scenes_of_one_cluster_count_as_one_where_they_agree() -> None:
    """Twenty scenes a cluster, alike within it: the interval is as wide as that of the clusters' means, not narrower by √20."""
    rng = np.random.default_rng(4)
    means = rng.normal(0.7, 0.1, 30)
    names = np.array([f"basin {place}" for place in range(30)], dtype=object)
    many = mean_interval(np.repeat(means, 20), np.repeat(names, 20))
    one = mean_interval(means, names)
    assert many.high - many.low == pytest.approx(one.high - one.low)
    assert (many.high - many.low) / 2 == pytest.approx(1.96 * means.std(ddof=1) / math.sqrt(30), rel=0.15)


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng, covered, runs = np.random.default_rng(5), 0, 300
    for run in range(runs):
        basins = np.repeat(rng.normal(0.6, 0.1, 25), 8)
        found = mean_interval(basins + rng.normal(0, 0.1, 200), np.repeat(np.arange(25).astype(str), 8).astype(object), 400, run)
        covered += found.low <= 0.6 <= found.high
    assert 0.88 <= covered / runs <= 0.98


def test_what_cannot_be_resampled_has_no_interval() -> None:
    alone = mean_interval(np.array([0.5, 0.7]), np.array(["Koshi", "Koshi"], dtype=object))
    assert alone.mean == pytest.approx(0.6)
    assert math.isnan(alone.low)
    assert (alone.scenes, alone.clusters) == (2, 1)
    none = mean_interval(np.array([math.nan]), np.array(["Koshi"], dtype=object))
    assert math.isnan(none.mean)
    assert none.scenes == 0
