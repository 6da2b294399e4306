"""The smoothed error against plain loops, its bandwidth, and a planted cluster of errors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.lens.error_field import FAINTEST, SPREADS, chosen_bandwidth, error_field, grid_over, spread


def by_loop(places: np.ndarray, errors: np.ndarray, bandwidth: float, at: tuple[float, float]) -> tuple[float, float]:
    """Weighted mean and sum of weights, one scene at a time."""
    total = support = 0.0
    for (x, y), error in zip(places.tolist(), errors.tolist(), strict=True):
        if math.isfinite(x + y + error):
            weight = math.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / (2 * bandwidth * bandwidth))
            total, support = total + weight * error, support + weight
    return (total / support if support > FAINTEST else math.nan), support


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), scale=st.floats(0.01, 100), share=st.floats(0.02, 3), gap=st.floats(0, 0.4))
def test_field_equals_a_loop(seed: int, scale: float, share: float, gap: float) -> None:
    rng = np.random.default_rng(seed)
    places, errors = rng.normal(size=(60, 2)) * scale + 5, rng.random(60)
    places[rng.random(60) < gap, 1] = np.nan
    errors[rng.random(60) < gap] = np.nan
    x, y = grid_over(places, 7, margin=1.0)
    made = error_field(places, errors, share * scale, (x, y))
    wanted = np.array([[by_loop(places, errors, share * scale, (a, b)) for a in x] for b in y])
    np.testing.assert_allclose(made.error, wanted[..., 0], rtol=0, atol=1e-9)
    np.testing.assert_allclose(made.support, wanted[..., 1], rtol=1e-9, atol=1e-300)


def test_a_planted_cluster_of_errors_is_the_maximum() -> None:
    """Forty scenes about (2, −1) err; the rest, all over the plane, hardly ever. The field is highest there, and where nobody is, faded."""
    rng = np.random.default_rng(3)
    places = np.vstack([rng.normal(size=(1_160, 2)) * 2, rng.normal(size=(40, 2)) * 0.25 + [2, -1]])
    errors = np.concatenate([rng.beta(1, 12, 1_160), rng.beta(12, 4, 40)])
    share = chosen_bandwidth(places, errors)
    x, y = grid_over(places)
    made = error_field(places, errors, share * spread(places), (x, y))
    counted = np.where(made.certainty > 0.5, made.error, -1.0)
    row, column = np.unravel_index(counted.argmax(), counted.shape)
    assert math.hypot(x[column] - 2, y[row] + 1) < 0.5
    assert made.certainty[0, 0] < 0.5 < made.certainty[row, column]


def test_the_bandwidth_follows_what_there_is_to_see() -> None:
    """Fine structure asks for a narrow kernel, none for a wide one; copies within a lake do not make it narrow."""
    rng = np.random.default_rng(5)
    places = rng.uniform(-1, 1, (600, 2))
    fine = (np.sin(9 * places[:, 0]) > 0).astype(float)
    noise = rng.random(600)
    assert chosen_bandwidth(places, fine) < 0.2
    assert chosen_bandwidth(places, noise) > 0.5
    lakes = np.repeat(np.arange(60), 10)
    copied, outcome = places[lakes] + rng.normal(size=(600, 2)) * 1e-3, noise[lakes]
    assert chosen_bandwidth(copied, outcome) < 0.1
    assert chosen_bandwidth(copied, outcome, lakes) > 0.3


def test_the_bandwidth_is_the_one_a_loop_finds() -> None:
    rng = np.random.default_rng(8)
    places, groups = rng.normal(size=(40, 2)), rng.integers(0, 12, 40)
    errors = np.clip(places[:, 0] + rng.normal(size=40) * 0.3, 0, 1)
    lost = []
    for share in SPREADS:
        told = [by_loop(places[groups != groups[i]], errors[groups != groups[i]], share * spread(places), tuple(places[i]))[0]
                for i in range(40)]  # fmt: skip
        lost.append((np.where(np.isnan(told), errors.mean(), told) - errors) ** 2)
    best = lost[int(np.argmin([each.mean() for each in lost]))]
    widest = 0.0
    for share, each in zip(SPREADS, lost, strict=True):
        more = each - best
        error = math.sqrt(sum(float((more - more.mean())[groups == group].sum()) ** 2 for group in set(groups.tolist()))) / 40
        widest = float(share) if more.mean() <= error else widest
    assert chosen_bandwidth(places, errors, groups) == widest


def test_what_cannot_be_smoothed() -> None:
    with pytest.raises(ValueError, match="bandwidth"):
        error_field(np.zeros((3, 2)), np.zeros(3), 0.0, ([0.0], [0.0]))
    assert chosen_bandwidth(np.zeros((64, 2)), np.full(64, 0.5)) == pytest.approx(0.5)  # Scott: 64^(−1/6)
    nobody = error_field(np.full((3, 2), np.nan), np.ones(3), 1.0, ([0.0, 1.0], [0.0]))
    assert np.isnan(nobody.error).all()
    assert not nobody.certainty.any()
    far = error_field(np.zeros((1, 2)), np.ones(1), 1.0, ([0.0, 11.0, 40.0], [0.0]))
    assert far.error[0].tolist()[:2] == [1.0, 1.0]
    assert math.isnan(far.error[0, 2])
