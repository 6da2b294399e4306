"""Ranking against a plain loop, with ties, missing components and wishes that make no sense."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from data.errors import InputError
from data.watchlist.components import COMPONENTS
from data.watchlist.rank import LEAST_KNOWN, ranked
from data.watchlist.wish import PRESETS, Wish, opening, weighed

NAMES = ("growth", "evidence", "last_change", "unseen")


def plainly(raw: dict[str, np.ndarray], weights: dict[str, float]) -> list[float]:
    """Scores by loops; NaN where too little is known."""
    used = {name: weight for name, weight in weights.items() if name in raw and np.isfinite(raw[name]).any()}
    scaled = {name: COMPONENTS[name].scaled(raw[name]) for name in used}
    scores = []
    for row in range(len(next(iter(raw.values())))):
        known = {name: weight for name, weight in used.items() if not math.isnan(scaled[name][row])}
        enough = used and sum(known.values()) >= LEAST_KNOWN * sum(used.values())
        mean = sum(weight * scaled[name][row] for name, weight in known.items()) / sum(known.values()) if enough else math.nan
        scores.append(mean)
    return scores


VALUES = st.lists(st.one_of(st.just(math.nan), st.integers(-4, 4).map(float)), min_size=6, max_size=6)


@examples(values=st.lists(VALUES, min_size=4, max_size=4), weights=st.lists(st.integers(0, 5), min_size=4, max_size=4))
def test_scores_and_ranks_are_those_of_a_plain_loop(values: list[list[float]], weights: list[int]) -> None:
    raw = {name: np.array(column) for name, column in zip(NAMES, values, strict=True)}
    raw = {name: column for name, column in raw.items() if np.isfinite(column).any()}
    wish = Wish(weighed({name: float(w) for name, w in zip(NAMES, weights, strict=True)}), top=3)
    found = ranked(np.arange(6, dtype=np.int32), raw, wish)
    if not raw:
        return
    expected = np.array(plainly(raw, dict(wish.weights)))
    np.testing.assert_allclose(found.score, expected, atol=1e-11)
    sums = np.nansum(found.parts, axis=1)
    np.testing.assert_allclose(sums[found.rank > 0], found.score[found.rank > 0], atol=1e-11)
    order = sorted(np.flatnonzero(~np.isnan(expected)), key=lambda row: (-round(expected[row], 12), row))
    assert found.order.tolist() == order
    assert found.listed.tolist() == order[:3]
    low, high = found.bounds()
    held = found.rank > 0
    assert (low[held] <= found.score[held] + 1e-9).all()
    assert (found.score[held] <= high[held] + 1e-9).all()


def test_a_missing_component_counts_neither_for_nor_against() -> None:
    raw = {"growth": np.array([3.0, 2.0, 1.0]), "evidence": np.array([1.0, np.nan, 3.0])}
    found = ranked(np.arange(3, dtype=np.int32), raw, Wish((("growth", 1.0), ("evidence", 1.0))))
    assert found.score.tolist() == [0.5, 0.5, 0.5]
    assert found.known.tolist() == [1.0, 0.5, 1.0]
    assert found.tied.all()
    assert [float(each[1]) for each in found.bounds()] == [0.25, 0.75]


def test_components_that_no_lake_has_count_for_nobody() -> None:
    found = ranked(np.arange(2, dtype=np.int32), {"growth": np.array([1.0, 2.0])}, Wish((("growth", 1.0), ("floods", 5.0))))
    assert (found.absent, found.names) == (("floods",), ("growth",))
    assert found.order.tolist() == [1, 0]


def test_without_weights_nobody_is_ranked() -> None:
    found = ranked(np.arange(2, dtype=np.int32), {"growth": np.array([1.0, 2.0])}, Wish())
    assert found.rank.tolist() == [0, 0]
    assert len(found.listed) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"weights": (("nonsense", 1.0),)}, {"weights": (("growth", -1.0),)}, {"weights": (("growth", math.nan),)},
        {"weights": (("growth", 1e9),)}, {"weights": (("growth", 1.0), ("growth", 2.0))}, {"top": 0}, {"top": 10**6},
        {"columns": (("nonsense", "a"),)},
    ],
)  # fmt: skip
def test_wishes_that_make_no_sense_are_refused(wrong: dict) -> None:
    with pytest.raises(InputError):
        Wish(**wrong)


def test_presets_are_wishes_and_the_page_opens_with_one() -> None:
    assert all(Wish(preset.weights).weights == preset.weights and preset.help for preset in PRESETS.values())
    assert opening().weights == PRESETS["growth"].weights


def test_just_half_of_the_weight_is_enough_whatever_the_order_of_addition() -> None:
    raw = {"growth": np.array([1.0, np.nan, 2.0]), "evidence": np.array([1.0, np.nan, 2.0]), "unseen": np.array([np.nan, 1.0, 2.0])}
    found = ranked(np.arange(3, dtype=np.int32), raw, Wish(weighed({"growth": 0.1, "evidence": 0.2, "unseen": 0.3})))
    assert (found.rank > 0).all()
