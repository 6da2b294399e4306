"""CKA and canonical correlations against plain loops, statsmodels and a way through QR; what they forgive; what they cannot tell."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cross_decomposition import CCA
from statsmodels.multivariate.cancorr import CanCorr

from data.lens.cca import basis, mean_cca, svcca
from data.lens.cka import batches_of, linear_cka, mean_hsic, minibatch_cka, unbiased_cka, unbiased_hsic
from data.lens.similarity import MEASURES, compared, similarity

Table = np.ndarray


def loop_cka(x: Table, y: Table) -> float:
    """Kornblith's equation by Gram matrices, number by number: HSIC(K, L) = tr(K H L H) with H = 1 - 1/N."""

    def gram(rows: list[list[float]]) -> list[list[float]]:
        return [[math.fsum(a * b for a, b in zip(one, two, strict=True)) for two in rows] for one in rows]

    def doubly_centred(k: list[list[float]]) -> list[list[float]]:
        n = len(k)
        rows, whole = [math.fsum(row) / n for row in k], math.fsum(map(math.fsum, k)) / n**2
        return [[k[i][j] - rows[i] - rows[j] + whole for j in range(n)] for i in range(n)]

    def hsic(k: list[list[float]], other: list[list[float]]) -> float:
        return math.fsum(a * b for one, two in zip(k, other, strict=True) for a, b in zip(one, two, strict=True))

    k, other = doubly_centred(gram(x.tolist())), doubly_centred(gram(y.tolist()))
    return hsic(k, other) / math.sqrt(hsic(k, k) * hsic(other, other))


def loop_unbiased_hsic(x: Table, y: Table) -> float:
    """The definition of Song et al. 2012 as a U-statistic: the mean over all ordered quadruples of different scenes."""
    n, k, m = len(x), (x @ x.T).tolist(), (y @ y.T).tolist()
    terms = [k[i][j] * (m[i][j] + m[q][r] - 2 * m[i][q]) for i, j, q, r in itertools.permutations(range(n), 4)]
    return math.fsum(terms) / len(terms)


def qr_correlations(x: Table, y: Table) -> Table:
    """Björck and Golub 1973 through QR instead of the SVD of the features."""
    first, second = (np.linalg.qr(each - each.mean(axis=0))[0] for each in (x, y))
    return np.linalg.svd(first.T @ second, compute_uv=False)


def eigen_svcca(x: Table, y: Table, share: float) -> float:
    """Raghu et al. 2017 on covariances: leading eigenvectors of each, then the square roots of the eigenvalues of Sxx⁻¹ Sxy Syy⁻¹ Syx."""
    reduced = []
    for each in (x, y):
        held = each - each.mean(axis=0)
        values, axes = np.linalg.eigh(held.T @ held)
        values, axes = values[::-1], axes[:, ::-1]
        count = next(k for k in range(1, len(values) + 1) if values[:k].sum() >= share * values.sum())
        reduced.append(held @ axes[:, :count])
    a, b = reduced
    product = np.linalg.solve(a.T @ a, a.T @ b) @ np.linalg.solve(b.T @ b, b.T @ a)
    squared = np.sort(np.linalg.eigvals(product).real)[::-1][: min(a.shape[1], b.shape[1])]
    return float(np.sqrt(np.clip(squared, 0, 1)).mean())


def pair(seed: int, scenes: int, p: int, q: int, mixed: float = 0.6) -> tuple[Table, Table]:
    """Two layers that share part of what varies, on scales of their own, off centre."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(scenes, p)) * np.exp(-0.3 * np.arange(p)) + rng.normal(size=p)
    y = mixed * x @ rng.normal(size=(p, q)) + rng.normal(size=(scenes, q)) + 3
    return x, y


SHAPES = st.tuples(st.integers(0, 10_000), st.integers(20, 60), st.integers(1, 7), st.integers(1, 7))


@settings(max_examples=25)
@given(SHAPES)
def test_cka_equals_plain_loops(shape: tuple[int, int, int, int]) -> None:
    x, y = pair(*shape)
    assert linear_cka(x, y).value == pytest.approx(loop_cka(x, y), abs=1e-8)


@pytest.mark.parametrize(("scenes", "p", "q"), [(4, 2, 3), (7, 3, 1), (11, 5, 9)])
def test_the_unbiased_one_is_the_mean_over_all_quadruples(scenes: int, p: int, q: int) -> None:
    x, y = pair(scenes, scenes, p, q)
    found = unbiased_hsic(x, y)
    pairs = [(found.cross, (x, y)), (found.first, (x, x)), (found.second, (y, y))]
    assert all(ours == pytest.approx(loop_unbiased_hsic(*tables), rel=1e-8) for ours, tables in pairs)


@settings(max_examples=40)
@given(SHAPES, st.floats(1e-3, 1e3), st.floats(-100, 100))
def test_what_every_measure_forgives(shape: tuple[int, int, int, int], scale: float, shift: float) -> None:
    """Rotation, one scale, shift, order of the scenes: nothing changes; with itself a layer is 1."""
    x, y = pair(*shape)
    rng = np.random.default_rng(shape[0] + 1)
    turn, order = np.linalg.qr(rng.normal(size=(x.shape[1], x.shape[1])))[0], rng.permutation(len(x))
    for name in MEASURES:
        assert similarity(x, x, name).value == pytest.approx(1, abs=1e-9)
        assert similarity(x, scale * x @ turn + shift, name).value == pytest.approx(1, abs=1e-7)
        held = similarity(x, y, name).value
        assert similarity((scale * x @ turn + shift)[order], y[order], name).value == pytest.approx(held, abs=1e-7)
        assert similarity(y, x, name).value == pytest.approx(held, abs=1e-9)


def test_only_cca_forgives_a_stretch() -> None:
    x, y = pair(3, 200, 5, 6)
    stretched = np.column_stack([100 * np.random.default_rng(4).normal(size=200), x])
    plain = np.column_stack([stretched[:, 0] / 100, x])
    assert mean_cca(stretched, y).value == pytest.approx(mean_cca(plain, y).value, abs=1e-9)
    assert linear_cka(stretched, y).value < 0.2 < linear_cka(plain, y).value


@settings(max_examples=30)
@given(SHAPES)
def test_canonical_correlations_equal_statsmodels_and_qr(shape: tuple[int, int, int, int]) -> None:
    seed, scenes, p, q = shape
    x, y = pair(seed, scenes, p + 1, q + 1)  # statsmodels takes a single column for none
    ours = mean_cca(x, y).value
    assert ours == pytest.approx(qr_correlations(x, y).mean(), abs=1e-6)
    assert ours == pytest.approx(np.mean(CanCorr(x, y).cancorr), abs=1e-6)


def test_canonical_correlations_equal_scikit_learn() -> None:
    x, y = pair(21, 150, 4, 3)
    scores = CCA(n_components=3, max_iter=20_000, tol=1e-14).fit(x, y).transform(x, y)
    theirs = [abs(np.corrcoef(scores[0][:, at], scores[1][:, at])[0, 1]) for at in range(3)]
    assert mean_cca(x, y).value == pytest.approx(np.mean(theirs), abs=1e-6)


@settings(max_examples=40)
@given(SHAPES, st.sampled_from([0.5, 0.9, 0.99]))
def test_svcca_equals_the_way_through_covariances(shape: tuple[int, int, int, int], share: float) -> None:
    x, y = pair(*shape)
    assert svcca(x, y, share).value == pytest.approx(eigen_svcca(x, y, share), abs=1e-6)


def test_a_basis_keeps_what_varies() -> None:
    x, _ = pair(5, 50, 6, 1)
    doubled = np.column_stack([x, x @ np.ones(6), np.full(50, 3.0)])
    assert basis(doubled).shape == (50, 6)
    assert basis(doubled).T @ basis(doubled) == pytest.approx(np.eye(6), abs=1e-12)


def test_noise_has_nothing_in_common_only_by_the_unbiased_one() -> None:
    rng = np.random.default_rng(7)
    drawn = [(rng.normal(size=(64, 32)), rng.normal(size=(64, 32))) for _ in range(60)]
    unbiased, plain = (np.array([measure(*each).value for each in drawn]) for measure in (unbiased_cka, linear_cka))
    assert abs(unbiased.mean()) < 3 * unbiased.std() / math.sqrt(60)
    assert plain.min() > 0.25
    assert f"few for 32 channels: the plain CKA is too high, the unbiased one is {unbiased[0]:.2f}" in linear_cka(*drawn[0]).warning
    assert not linear_cka(*pair(1, 400, 3, 4)).warning


def test_batches_give_exactly_the_whole_on_average() -> None:
    """All 126 batches of 5 of 9 scenes: their mean is the estimate from all 9."""
    x, y = pair(11, 9, 3, 4)
    held = mean_hsic([unbiased_hsic(x[list(rows)], y[list(rows)]) for rows in itertools.combinations(range(9), 5)])
    whole = unbiased_hsic(x, y)
    assert (held.cross, held.first, held.second) == pytest.approx((whole.cross, whole.first, whole.second), rel=1e-10)


def test_batches_converge_to_the_whole() -> None:
    x, y = pair(12, 600, 8, 12)
    whole = unbiased_cka(x, y).value

    def error(passes: int) -> float:
        found = [minibatch_cka((x[r], y[r]) for r in batches_of(600, 30, passes, seed)).value for seed in range(20)]
        return float(np.sqrt(np.mean((np.array(found) - whole) ** 2)))

    once, often = error(1), error(16)
    assert often < 0.4 * once
    assert often < 0.005


def test_batches_deal_every_scene_once_a_pass() -> None:
    dealt = list(batches_of(103, 10, passes=2))
    assert [len(each) for each in dealt] == [10] * 20
    assert all(len(set(np.concatenate(dealt[start : start + 10]).tolist())) == 100 for start in (0, 10))
    assert [len(each) for each in batches_of(7, 512)] == [7]


def test_many_scenes_are_compared_in_batches() -> None:
    x, y = pair(13, 5000, 3, 4)
    many, few = compared({"a": x}, {"b": y}, "cka"), compared({"a": x[:4999]}, {"b": y[:4999]}, "cka")
    assert (many.batched, few.batched) == (True, False)
    assert many.cell("a", "b").value == pytest.approx(unbiased_cka(x, y).value, abs=0.01)
    assert not compared({"a": x}, {"b": y}, "svcca").batched
    assert similarity(x[:300], y[:300], "cka", batch=50).value != similarity(x[:300], y[:300], "cka").value


def test_a_grid_holds_every_pair() -> None:
    x, y = pair(14, 80, 4, 6)
    first, second = {"in": x, "out": y, "flat": np.zeros((80, 2))}, {"deep": y[:, :3], "in": x.astype(np.float32)}
    for name in MEASURES:
        grid = compared(first, second, name)
        assert (grid.first, grid.second, grid.scenes) == (("in", "out", "flat"), ("deep", "in"), 80)
        for a, b in itertools.product(("in", "out"), second):
            assert grid.cell(a, b).value == similarity(first[a], second[b], name).value
        assert "resembles nothing" in grid.cell("flat", "in").reason


def test_what_cannot_be_told_says_why() -> None:
    x, y = pair(15, 30, 4, 4)
    broken = np.where(np.arange(4) == 2, np.nan, x)
    for name in MEASURES:
        assert math.isnan(similarity(x, np.full((30, 5), 0.1), name).value)
        assert "the second layer's features are the same" in similarity(x, np.full((30, 5), 0.1), name).reason
        assert "finite" in similarity(broken, y, name).reason
        assert "too few" in similarity(x[:2], y[:2], name).reason
        with pytest.raises(ValueError, match="same scenes"):
            similarity(x, y[1:], name)
    assert "no batch" in minibatch_cka([(x[:3], y[:3]), (broken, y)]).reason
    with pytest.raises(KeyError):
        similarity(x, y, "sameness")


def test_cca_of_more_directions_than_scenes_is_1_and_says_so() -> None:
    rng = np.random.default_rng(16)
    found = mean_cca(rng.normal(size=(20, 15)), rng.normal(size=(20, 12)))
    sure = np.sum(qr_correlations(rng.normal(size=(20, 15)), rng.normal(size=(20, 12))) > 1 - 1e-9)
    assert f"{sure} of 12 correlations are 1 by the count alone" in found.warning
    assert mean_cca(rng.normal(size=(20, 40)), rng.normal(size=(20, 30))).value == pytest.approx(1)
    assert not mean_cca(rng.normal(size=(28, 15)), rng.normal(size=(28, 12))).warning
