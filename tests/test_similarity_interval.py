"""Intervals of similarities: draws against plain repetition of scenes, coverage of a truth that is known, whole lakes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from data.lens.cca import basis, correlations
from data.lens.resampling import cross_products, draws_of
from data.lens.similarity import MEASURES, similarity
from data.lens.similarity_interval import DRAWN, interval

Table = np.ndarray


def world(channels: int, mixed: float, decay: float, seed: int = 1) -> tuple[Table, float]:
    """A linear map of independent parts to two layers, and the CKA of their true covariances."""
    rng = np.random.default_rng(seed)
    scale = np.diag(np.exp(-decay * np.arange(channels)))
    turns = [np.linalg.qr(rng.normal(size=(channels, channels)))[0] for _ in range(2)]
    made = np.block([[scale, mixed * scale @ turns[0]], [np.zeros_like(scale), math.sqrt(1 - mixed**2) * scale @ turns[1]]])
    cov = made.T @ made
    a, b, c = cov[:channels, :channels], cov[channels:, channels:], cov[:channels, channels:]
    return made, float(np.sum(c**2) / math.sqrt(np.sum(a**2) * np.sum(b**2)))


def sample(made: Table, lakes: int, each: int, rng: np.random.Generator) -> tuple[Table, Table, Table]:
    """Scenes of some lakes, alike within a lake."""
    place, shared = np.repeat(np.arange(lakes), each), 0.7 if each > 1 else 0.0
    parts = math.sqrt(shared) * rng.normal(size=(lakes, len(made)))[place]
    drawn = (parts + math.sqrt(1 - shared) * rng.normal(size=(len(place), len(made)))) @ made
    return drawn[:, : len(made) // 2], drawn[:, len(made) // 2 :], place


def test_products_of_draws_equal_those_of_repeated_scenes() -> None:
    x, y, lakes = sample(world(5, 0.5, 0.2)[0], 12, 4, np.random.default_rng(2))
    shuffled = np.random.default_rng(3).permutation(len(x))
    x, y, lakes = x[shuffled] + 50, y[shuffled], np.array([f"lake {at}" for at in lakes[shuffled]], dtype=object)
    draws = draws_of(lakes, 6, 4)
    assert (draws.counts.sum(axis=1) == 12).all()
    found = cross_products(x, y, draws)
    for at, counts in enumerate(draws.weights):
        rows = np.repeat(np.arange(len(x)), counts.astype(int))
        wanted = (x[rows] - x[rows].mean(axis=0)).T @ (y[rows] - y[rows].mean(axis=0))
        assert found[at] == pytest.approx(wanted, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("measure", ["cka", "svcca", "cca"])
def test_each_draw_is_the_measure_of_the_scenes_drawn(measure: str) -> None:
    x, y, lakes = sample(world(5, 0.5, 0.2)[0], 40, 3, np.random.default_rng(5))
    draws = draws_of(lakes, 5, 6)
    kept = [basis(each, 0.99).shape[1] for each in (x, y)]
    for value, counts in zip(DRAWN[measure](x, y, draws), draws.weights, strict=True):
        rows = np.repeat(np.arange(len(x)), counts.astype(int))
        # SVCCA keeps as many directions as it keeps of all scenes: else the draws would jump.
        svcca = correlations(*(basis(each[rows])[:, :k] for each, k in zip((x, y), kept, strict=True))).mean()
        assert value == pytest.approx(svcca if measure == "svcca" else similarity(x[rows], y[rows], measure).value, abs=1e-9)


def test_copies_of_a_scene_are_no_pair_for_the_unbiased_one() -> None:
    """Draws of noise are on average 0, as scenes are; counted as pairs, copies would lift them."""
    rng = np.random.default_rng(7)
    means = []
    for at in range(40):
        x, y = rng.normal(size=(60, 12)), rng.normal(size=(60, 12))
        means.append(DRAWN["cka_unbiased"](x, y, draws_of(np.arange(60), 50, at)).mean() - similarity(x, y, "cka_unbiased").value)
    assert abs(np.mean(means)) < 0.01
    assert DRAWN["cka"](x, y, draws_of(np.arange(60), 50, 1)).mean() - similarity(x, y, "cka").value > 0.1


@pytest.mark.parametrize("measure", ["cka", "cka_unbiased"])
@pytest.mark.parametrize(("lakes", "each", "mixed"), [(120, 5, 0.3), (64, 1, 0.8), (120, 1, 0.98)])
def test_the_interval_covers_the_truth_about_as_often_as_it_says(measure: str, lakes: int, each: int, mixed: float) -> None:
    made, truth = world(10, mixed, 0.2)
    rng, runs = np.random.default_rng(8), 40
    found = [
        interval(*sample(made, lakes, each, rng)[:2], measure, np.repeat(np.arange(lakes), each), draws=100, seed=run)
        for run in range(runs)
    ]
    covered = sum(span.low <= truth <= span.high for span in found)
    assert covered >= 34
    assert np.mean([span.high - span.low for span in found]) < 0.25, "an interval that says nothing covers everything"


def test_lakes_make_wider_intervals_than_scenes_that_are_taken_for_independent() -> None:
    x, y, lakes = sample(world(8, 0.8, 0.2)[0], 60, 10, np.random.default_rng(9))
    whole, scenes = interval(x, y, "cka", lakes), interval(x, y, "cka", np.arange(len(x)))
    assert (whole.lakes, scenes.lakes) == (60, 600)
    assert whole.high - whole.low > 1.5 * (scenes.high - scenes.low)
    assert interval(x, y, "cka", lakes) == whole, "the same draws"


def test_draws_in_which_nothing_varies_are_left_out() -> None:
    """One draw in three misses the only lake in which the second layer varies."""
    x, y = np.random.default_rng(12).normal(size=(40, 3)), np.zeros((40, 2))
    y[3] = 1.0
    missed = ~np.isfinite(DRAWN["cka"](x, y, draws_of(np.arange(40), 200, 0)))
    assert 0.2 < missed.mean() < 0.5
    for measure in ("cka", "cka_unbiased"):
        assert "vary too little" in interval(x, y, measure, np.arange(40)).reason


def test_intervals_stay_within_bounds_and_say_where_there_is_none() -> None:
    assert DRAWN.keys() == MEASURES.keys()
    x, y, lakes = sample(world(4, 0.9, 0.2)[0], 30, 2, np.random.default_rng(10))
    for measure in MEASURES:
        same = interval(x, x, measure, lakes)
        assert same.low == pytest.approx(1, abs=1e-6)
        assert same.high <= 1
        assert -1 <= interval(x, y, measure, lakes).low < interval(x, y, measure, lakes).high < 1
        assert "resembles nothing" in interval(x, np.ones((60, 3)), measure, lakes).reason
        few = interval(x[:18], y[:18], measure, lakes[:18])
        assert (math.isnan(few.low), few.reason) == (True, "9 lakes are too few to draw from")
