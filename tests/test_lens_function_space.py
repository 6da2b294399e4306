"""Runs as paths in the space of functions: against a plain singular value decomposition, and where the answer is known."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from data.errors import LensError
from data.lens.function_space import LAYOUTS, Functions, function_space, isomap, principal


def run(seed: int, keys: Sequence[int], epochs: int = 6, side: int = 4) -> Functions:
    values = np.random.default_rng(seed).integers(0, 256, (epochs, len(keys), side, side), dtype=np.uint8)
    return Functions(np.array(keys), tuple(range(1, epochs + 1)), values)


def test_components_are_those_of_the_singular_value_decomposition() -> None:
    runs = {"a": run(0, [3, 1, 2]), "b": run(1, [1, 2, 3, 9], epochs=4)}
    found = function_space(runs)
    order = {"a": [1, 2, 0], "b": [0, 1, 2]}
    vectors = np.concatenate([held.probability[:, order[name]].reshape(len(held.epochs), -1) / 255 for name, held in runs.items()])
    u, s, _ = np.linalg.svd(vectors - vectors.mean(axis=0), full_matrices=False)
    place = found.points[["x", "y"]].to_numpy()
    np.testing.assert_allclose(np.abs(place), np.abs(u[:, :2] * s[:2]), atol=1e-9)
    np.testing.assert_allclose(found.explained, (s**2 / (s**2).sum())[:2], rtol=1e-9)
    assert found.scenes == 3
    assert found.points[["run", "epoch"]].to_numpy().tolist() == [["a", e] for e in range(1, 7)] + [["b", e] for e in range(1, 5)]
    assert (place[5] > place[0]).all(), "the first run goes to the right, and up"


@pytest.mark.parametrize("how", LAYOUTS)
def test_the_order_of_scenes_does_not_matter(how: str) -> None:
    keys = [4, 8, 15, 16, 23]
    first, order = run(2, keys), [3, 0, 4, 1, 2]
    other = Functions(first.scene_key[order], first.epochs, first.probability[:, order])
    found = function_space({"a": first, "b": other, "c": run(5, keys)}, how)
    points = found.points.set_index(["run", "epoch"])
    np.testing.assert_allclose(points.loc["a"].to_numpy(), points.loc["b"].to_numpy(), atol=1e-6)
    assert 0 < found.explained[1] <= found.explained[0] < 1


def test_disagreement_is_the_distance_of_masks() -> None:
    values = np.full((3, 2, 4, 4), 20, dtype=np.uint8)
    values[1, 0, :2] = 240
    values[2, 1, :, :2] = 140
    found = function_space({"a": Functions(np.array([1, 2]), (1, 2, 3), values)}, "disagreement")
    place = found.points[["x", "y"]].to_numpy()
    apart = ((place[:, None] - place[None]) ** 2).sum(axis=-1)
    np.testing.assert_allclose(apart, [[0, 8, 8], [8, 0, 16], [8, 16, 0]], atol=1e-9)
    assert sum(found.explained) == pytest.approx(1)


def test_isomap_unrolls_a_spiral_where_principal_components_do_not() -> None:
    turn = np.linspace(0, 3 * np.pi, 120)
    spiral = np.column_stack([(4 + turn) * np.cos(turn), (4 + turn) * np.sin(turn), np.zeros(120)])
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(spiral, axis=0), axis=1))])
    along = [abs(np.corrcoef(place(spiral)[0][:, 0], length)[0, 1]) for place in (isomap, principal)]
    assert along[0] > 0.999
    assert along[1] < 0.9


def test_far_groups_and_equal_functions_still_have_a_place() -> None:
    points = np.concatenate([np.zeros((8, 3)), np.full((8, 3), 100.0) + np.random.default_rng(0).normal(size=(8, 3))])
    place, explained = isomap(points)
    assert np.isfinite(place).all()
    assert explained[0] > 0.9
    same = np.full((2, 1, 4, 4), 7, dtype=np.uint8)
    found = function_space({"a": Functions(np.array([1]), (1, 2), same)})
    assert found.points[["x", "y"]].to_numpy().tolist() == [[0, 0], [0, 0]]
    assert found.explained == (0, 0)
    alone = function_space({"a": Functions(np.array([1]), (1,), same[:1])}, "isomap")
    assert alone.points[["x", "y"]].to_numpy().tolist() == [[0, 0]]


def test_what_cannot_be_compared_is_named() -> None:
    with pytest.raises(LensError, match="a, b share no scene"):
        function_space({"a": run(0, [1, 2]), "b": run(1, [3, 4])})
    with pytest.raises(LensError, match="a 4 × 4, b 8 × 8"):
        function_space({"a": run(0, [1]), "b": run(1, [1], side=8)})
    with pytest.raises(LensError, match="no run has predictions"):
        function_space({})
