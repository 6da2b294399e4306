"""Two sides brought together, their arrangements against scipy's Procrustes, neighbourhoods against loops, drift of a frozen layer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import procrustes

from data.errors import LensError
from data.lens.arrangement import arranged, onto
from data.lens.disagreement import disagreement
from data.lens.drift import drift, through_epochs, unlearning
from data.lens.neighbours import standardised
from data.lens.pairing import Side, paired
from data.lens.projection import principal
from data.lens.reading import Lens, open_lens
from data.lens.similarity import similarity
from data.lens.writing import write_lens
from tests import lens_cases

Table = np.ndarray


def shuffled(folder: Path, rows: list[int], probe: list[int], **changes: object) -> Lens:
    """The lens of lens_cases (seed 1) with some of its scenes, in another order."""
    told = lens_cases.manifest(name="other", **changes)
    held = lens_cases.contents(seed=1, told=told)
    held["scenes.parquet"] = held["scenes.parquet"].iloc[rows]
    held["features.npz"] = {name: values[rows] for name, values in held["features.npz"].items()}
    held["probe.npz"] = {name: values[probe] for name, values in held["probe.npz"].items()}
    held["probe_features.npz"] = {name: values[:, probe] for name, values in held["probe_features.npz"].items()}
    for name in ("activations.npz", "predictions.npz", "functions.npz", "training.parquet", "scenes.jpg", "outcomes.png"):
        del held[name]
    write_lens(folder / "other" / "lens", held, told)
    return open_lens(folder / "other" / "lens")


ROWS = [11, 3, 7, 0, 5, 2, 1]


def test_two_lenses_are_paired_by_scene(tmp_path: Path) -> None:
    mine, theirs = lens_cases.lens(tmp_path), shuffled(tmp_path, ROWS, [3, 0, 1])
    found = paired(Side(mine), Side(theirs))
    assert found.scene_key.tolist() == [100 + row for row in sorted(ROWS)]
    assert (found.all_scenes, found.of, list(found.first)) == (True, (12, 7), ["down.0", "down.1", "up.0"])
    for at, key in enumerate(found.scene_key.tolist()):
        assert found.first["down.1"][at] == pytest.approx(mine.features()["down.1"][key - 100])
        assert found.second["down.1"][at] == pytest.approx(theirs.features()["down.1"][ROWS.index(key - 100)])
    assert found.lakes.tolist() == [key // 2 for key in found.scene_key.tolist()]


def test_an_earlier_epoch_takes_the_scenes_that_were_followed(tmp_path: Path) -> None:
    mine = lens_cases.lens(tmp_path)
    found = paired(Side(mine, 1), Side(mine, 3))
    assert (found.scene_key.tolist(), found.all_scenes, found.of) == ([100, 101, 102, 103], False, (4, 4))
    assert found.first["up.0"] == pytest.approx(mine.probe_features()["up.0"][0])
    assert found.second["up.0"] == pytest.approx(mine.probe_features()["up.0"][2])
    assert paired(Side(mine, 3), Side(mine)).all_scenes, "the last epoch is the finished network"
    assert paired(Side(mine, 2), Side(mine)).second["up.0"] == pytest.approx(mine.probe_features()["up.0"][2])


def test_other_scenes_are_refused_in_words(tmp_path: Path) -> None:
    mine = lens_cases.lens(tmp_path)
    with pytest.raises(LensError, match="different scenes"):
        paired(Side(mine), Side(shuffled(tmp_path, ROWS, [0, 1, 2], scenes_digest="e" * 64)))
    with pytest.raises(LensError, match="share 3 scenes"):
        paired(Side(mine, 1), Side(shuffled(tmp_path / "few", ROWS, [0, 1, 2])))
    bare = lens_cases.lens(tmp_path / "bare", scenes_digest="")
    assert len(paired(Side(bare), Side(shuffled(tmp_path / "bare", ROWS, [0, 1], scenes_digest=""))).scene_key) == 7
    with pytest.raises(LensError, match="different scenes"):
        paired(Side(mine), Side(bare))
    (mine.folder / "probe_features.npz").unlink()
    broken = open_lens(mine.folder)
    with pytest.raises(LensError, match=r"probe_features\.npz is missing"):
        paired(Side(broken, 1), Side(broken, 2))
    assert paired(Side(broken), Side(broken)).all_scenes, "what it does not take may be missing"


def test_scenes_of_no_lake_are_alone(tmp_path: Path) -> None:
    told = lens_cases.manifest()
    held = lens_cases.contents(told=told)
    held["scenes.parquet"]["lake_key"] = [7, 7, None, None, *range(8)]
    write_lens(tmp_path, held, told)
    lens = open_lens(tmp_path)
    lakes = paired(Side(lens), Side(lens)).lakes
    assert len(np.unique(lakes)) == 11 - 1  # 7 twice, and once more among the last eight
    assert (lakes[2:4] < 0).all()


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.integers(5, 40))
def test_the_second_picture_is_turned_as_scipy_turns_it(seed: int, scenes: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(scenes, 6)), rng.normal(size=(scenes, 4))
    found = arranged(x, y)
    laid = [principal(each).coordinates for each in (x, y)]
    theirs, mine, disparity = procrustes(laid[0], laid[1])
    assert found.first / np.linalg.norm(found.first) == pytest.approx(theirs, abs=1e-9)
    assert found.second / np.linalg.norm(found.second) * np.linalg.norm(mine) == pytest.approx(mine, abs=1e-9)
    assert found.fit == pytest.approx(1 - disparity, abs=1e-9)


def test_a_mirrored_layer_looks_the_same() -> None:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(50, 5)) * [5, 3, 1, 1, 1]
    turn = np.linalg.qr(rng.normal(size=(5, 5)))[0]
    found = arranged(x, 7 * x @ turn + 3)
    assert found.second == pytest.approx(found.first, abs=1e-9)
    assert found.fit == pytest.approx(1)
    assert found.explained[0] == pytest.approx(found.explained[1])
    assert arranged(x, np.ones((50, 3))).fit == 0
    assert onto(np.zeros((4, 2)), np.zeros((4, 2)))[1] == 0


def test_neighbourhoods_equal_plain_loops() -> None:
    rng = np.random.default_rng(4)
    x = rng.normal(size=(60, 4))
    y = x @ rng.normal(size=(4, 3)) + 0.5 * rng.normal(size=(60, 3))
    found = disagreement(x, y, 5)
    order = []
    for values in (standardised(x), standardised(y)):
        gaps = [[float(np.linalg.norm(a - b)) for b in values] for a in values]
        order.append([sorted((j for j in range(60) if j != i), key=lambda j, row=row: row[j]) for i, row in enumerate(gaps)])
    for i in range(60):
        one, two = order[0][i], order[1][i]
        assert found.kept[i] == len(set(one[:5]) & set(two[:5]))
        wanted = (np.mean([two.index(j) + 1 for j in one[:5]]) + np.mean([one.index(j) + 1 for j in two[:5]])) / 2
        assert found.rank[i] == pytest.approx(wanted)
    assert (found.around, found.by_chance) == (5, pytest.approx(25 / 59))


def test_scenes_that_were_moved_are_listed_first() -> None:
    """Ten scenes exchange their features with others far off: exactly these head the list."""
    rng = np.random.default_rng(5)
    groups = np.repeat(np.arange(12), 25)
    x = rng.normal(size=(12, 8))[groups] * 6 + rng.normal(size=(300, 8))
    moved = rng.choice(300, 10, replace=False)
    y = x.copy()
    y[moved] = x[(moved + 130) % 300]
    found = disagreement(x, y)
    assert set(found.order()[:10].tolist()) == set(moved.tolist())
    assert (np.delete(found.kept, moved) >= 7).all()
    same = disagreement(x, x)
    assert (same.kept == 10).all()
    assert same.rank == pytest.approx(np.full(300, 5.5))


def test_few_scenes_have_few_neighbours() -> None:
    rng = np.random.default_rng(6)
    assert [disagreement(rng.normal(size=(n, 3)), rng.normal(size=(n, 3))).around for n in (4, 17, 64, 500)] == [1, 2, 7, 10]


def test_a_layer_that_does_not_change_stays_at_1() -> None:
    rng = np.random.default_rng(7)
    still, start, end = (rng.normal(size=(30, 6)) for _ in range(3))
    moving = start + np.linspace(0, 1, 5)[:, None, None] * (end - start)
    assert [each.value for each in through_epochs(np.repeat(still[None], 5, axis=0), "cka_unbiased")] == pytest.approx([1] * 5)
    last = [each.value for each in through_epochs(moving, "cka_unbiased")]
    assert last == sorted(last)
    assert last[0] == similarity(start, end, "cka_unbiased").value
    assert last[-1] == pytest.approx(1)
    before = through_epochs(moving, "svcca", "before")
    assert before[0] is None
    assert [each.value for each in before[1:]] == [similarity(moving[at], moving[at - 1], "svcca").value for at in range(1, 5)]


def test_the_drift_of_a_run_names_blocks_that_never_learned(tmp_path: Path) -> None:
    told = lens_cases.manifest()
    held = lens_cases.contents(told=told, probe=9)
    held["probe_features.npz"]["down.0"][:] = held["probe_features.npz"]["down.0"][0]
    frozen = held["gradients.parquet"]["block"] == "down.0"
    held["gradients.parquet"].loc[frozen, ["mean_abs", "moved"]] = 0.0
    write_lens(tmp_path, held, told)
    steps: list[int] = []
    found = drift(open_lens(tmp_path), "cka_unbiased", "last", lambda done, of: steps.append(done))
    assert (list(found.layers), found.scenes, found.still, steps) == (["down.0", "down.1", "up.0"], 9, ("down.0",), [0, 1, 2])
    assert [each.value for each in found.layers["down.0"]] == pytest.approx([1, 1, 1])
    assert found.layers["up.0"][0].value < 0.9
    (tmp_path / "gradients.parquet").write_bytes(b"")
    assert unlearning(open_lens(tmp_path)) == (), "a damaged file hides the note, not the lines"
