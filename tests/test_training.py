"""Training on a world small enough to be learned in seconds: it learns, it stops, and a run that was cut off ends as if it had not been."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors import safe_open

from data.errors import InputError
from models.calibrating import calibrated, platt, unbiased
from models.card import read_card
from models.run_folder import CHECKPOINT, RunFolder
from models.training import Plan, State, Told, fresh, judged, loss_of, train
from models.unet import Shape
from models.weights import read_net, write_model
from tests.networks import BANDS, labelled_scene, tiny_card

TRAIN, VALIDATION = [labelled_scene(key) for key in range(10)], [labelled_scene(key) for key in range(100, 104)]
PLAN = Plan(epochs=4, batches=8, batch=8, side=32, rate=1e-2, average=0.8)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def run(folder: Path, plan: Plan = PLAN, stop_after: int | None = None, guided: bool = True) -> tuple[State, list[Told]]:
    """Train into a folder; with `stop_after` cut off when so many epochs are kept."""
    kept = RunFolder(folder, {"plan": plan.as_dict()})
    state = fresh(Shape(BANDS, guided, (4, 8)), plan, TRAIN)
    kept.resume(state)
    tolds: list[Told] = []

    def tell(told: Told, state: State) -> None:
        tolds.append(told)
        if told.improved:
            write_model(folder / "best", state.averaged, tiny_card(guided=guided))
        kept.keep(told, state)
        if told.epoch == stop_after:
            raise KeyboardInterrupt

    with contextlib.suppress(KeyboardInterrupt):
        train(state, plan, (TRAIN, VALIDATION), tell)
    return state, tolds


def without_seconds(folder: Path, name: str) -> list[dict[str, Any]]:
    return [
        {key: value for key, value in row.items() if key != "seconds"} for row in RunFolder(folder, {"plan": PLAN.as_dict()}).rows(name)
    ]


def test_it_learns_and_a_run_that_was_cut_off_ends_in_the_same_weights(tmp_path: Path) -> None:
    state, tolds = run(tmp_path / "whole")
    assert tolds[-1].loss < 0.6 * tolds[0].loss
    assert state.best > 0.6
    run(tmp_path / "cut", stop_after=2)
    again, more = run(tmp_path / "cut")
    assert [told.epoch for told in more] == [3, 4]
    for name, value in state.net.state_dict().items():
        assert torch.equal(value, again.net.state_dict()[name]), name
    for name in ("epochs", "scenes", "gradients"):
        assert without_seconds(tmp_path / "whole", name) == without_seconds(tmp_path / "cut", name)
    for place in ("best/tiny.safetensors", "best/tiny.json", "snapshots/epoch_03.safetensors"):
        assert (tmp_path / "whole" / place).read_bytes() == (tmp_path / "cut" / place).read_bytes()
    rows = without_seconds(tmp_path / "whole", "scenes")
    assert {row["scene_key"] for row in rows} == {100, 101, 102, 103}
    assert len(rows) == 4 * 4
    layers = {row["layer"] for row in without_seconds(tmp_path / "whole", "gradients")}
    assert "head.weight" in layers
    assert "down.0.0.weight" in layers


def test_rows_of_an_epoch_that_was_not_ended_are_forgotten(tmp_path: Path) -> None:
    run(tmp_path / "r", stop_after=1)
    held = (tmp_path / "r" / CHECKPOINT).read_bytes()
    run(tmp_path / "r", stop_after=2)
    (tmp_path / "r" / CHECKPOINT).write_bytes(held)
    _, tolds = run(tmp_path / "r")
    assert [told.epoch for told in tolds] == [2, 3, 4]
    assert [row["epoch"] for row in without_seconds(tmp_path / "r", "epochs")] == [1, 2, 3, 4]


def test_a_run_killed_in_its_first_epoch_begins_anew(tmp_path: Path) -> None:
    run(tmp_path / "r", stop_after=1)
    (tmp_path / "r" / CHECKPOINT).unlink()
    (tmp_path / "r" / ".run.json.123.tmp").write_text("{")
    _, tolds = run(tmp_path / "r")
    assert [told.epoch for told in tolds] == [1, 2, 3, 4]
    for name in ("epochs", "scenes", "gradients"):
        assert sorted({row["epoch"] for row in without_seconds(tmp_path / "r", name)}) == [1, 2, 3, 4]
    assert len(without_seconds(tmp_path / "r", "scenes")) == 4 * 4
    assert not list((tmp_path / "r").glob(".*.tmp"))


def test_what_was_killed_before_it_had_begun_is_no_other_run(tmp_path: Path) -> None:
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / ".run.json.123.tmp").write_text("{")
    run(tmp_path / "r", stop_after=1)
    assert (tmp_path / "r" / "run.json").exists()


def test_area_factors_stay_with_the_weights_they_were_found_for(tmp_path: Path) -> None:
    calibrated_card = replace(write_model(tmp_path, fresh(Shape(BANDS, True, (4, 8)), PLAN, TRAIN).averaged, tiny_card()),
                              area_sd={"mapping": {"all": 2.0}})  # fmt: skip
    (tmp_path / "tiny.json").write_text(calibrated_card.to_json())
    again = write_model(tmp_path, fresh(Shape(BANDS, True, (4, 8)), PLAN, TRAIN).averaged, tiny_card())
    assert again.area_sd == calibrated_card.area_sd
    other = write_model(tmp_path, fresh(Shape(BANDS, True, (4, 8)), replace(PLAN, seed=5), TRAIN).averaged, tiny_card())
    assert other.area_sd == {}


def test_another_plan_or_a_damaged_checkpoint_is_refused_by_name(tmp_path: Path) -> None:
    run(tmp_path / "r", stop_after=1)
    with pytest.raises(InputError, match="run with other settings"):
        run(tmp_path / "r", Plan(epochs=9))
    (tmp_path / "r" / CHECKPOINT).write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"checkpoint\.safetensors cannot be read"):
        run(tmp_path / "r")
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "mine.txt").touch()
    with pytest.raises(InputError, match="is no run"):
        run(tmp_path / "x")


def test_it_ends_early_where_nothing_gets_better(tmp_path: Path) -> None:
    still = Plan(epochs=30, batches=1, batch=2, side=16, rate=1e-12, patience=2)
    state, tolds = run(tmp_path / "still", still)
    assert len(tolds) == state.best_epoch + 2 < 30


def test_the_loss_is_that_of_its_formula() -> None:
    rng = np.random.default_rng(0)
    logits, target, weight = rng.normal(size=(2, 3, 4)), rng.integers(0, 2, (2, 3, 4)), rng.integers(0, 2, (2, 3, 4))
    entropy, overlap, said, true = 0.0, 0.0, 0.0, 0.0
    for z, t, w in zip(logits.ravel(), target.ravel(), weight.ravel(), strict=True):
        p = 1 / (1 + np.exp(-z))
        entropy -= w * (t * np.log(p) + (1 - t) * np.log(1 - p))
        overlap, said, true = overlap + w * p * t, said + w * p, true + w * t
    expected = entropy / weight.sum() + 1 - (2 * overlap + 1) / (said + true + 1)
    found = loss_of(*(torch.tensor(each, dtype=torch.float64) for each in (logits, target, weight)))
    assert float(found) == pytest.approx(expected, rel=1e-9)


def test_scaled_and_shifted_probabilities_are_honest() -> None:
    rng = np.random.default_rng(0)
    honest = rng.normal(0, 2, 200_000)
    wet = rng.random(200_000) < 1 / (1 + np.exp(-honest))
    for scale, shift in ((3, 0), (0.5, 0.7), (1, -1.5)):
        found = platt(scale * honest + shift, wet)
        assert found == pytest.approx((1 / scale, -shift / scale), abs=0.03)


def test_raised_logits_give_areas_that_are_too_small_as_often_as_too_large() -> None:
    rng = np.random.default_rng(0)
    judged = []
    for _ in range(31):
        wet = np.arange(400) < rng.integers(40, 200)
        judged.append((np.where(wet, 1.0, -1.0) + rng.normal(0, 1, 400) - 0.8, wet))
    judged.append((np.zeros(9), np.zeros(9, dtype=bool)))
    lift = unbiased(judged, 0.2)
    off = sorted((logits + lift > 0.2).sum() / wet.sum() - 1 for logits, wet in judged[:-1])
    assert abs(off[15]) < 0.02
    assert abs(sorted((logits > 0.2).sum() / wet.sum() - 1 for logits, wet in judged[:-1])[15]) > 0.1
    assert unbiased(judged[-1:], 0.2) == 0.0


def test_what_is_kept_is_calibrated_and_scored(tmp_path: Path) -> None:
    run(tmp_path / "r")
    card = calibrated(tmp_path / "r" / "best", tmp_path / "r", "tiny", {"validation": VALIDATION, "test": [labelled_scene(200)]})
    assert card == read_card(tmp_path / "r", "tiny")
    before, after = read_net(tmp_path / "r" / "best", read_card(tmp_path / "r" / "best", "tiny")), read_net(tmp_path / "r", card)
    worse, better = (abs(np.median([judged(net, scene)["area_bias"] for scene in VALIDATION])) for net in (before, after))
    assert better <= worse + 1e-9
    assert better < 0.03
    assert card.scores["test"]["scenes"] == 1
    assert card.scores["validation"]["median_iou_water"] == pytest.approx(
        np.median([judged(after, s)["iou"] for s in VALIDATION]), rel=1e-3
    )
    with safe_open(tmp_path / "r" / "snapshots" / "epoch_04.safetensors", "pt") as held:
        assert held.get_tensor("head.weight").dtype == torch.float16
