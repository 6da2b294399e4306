"""Which layers learn: the rule on tables made by hand and at random; on networks really trained it is in test_lens_frozen.py."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.errors import LensError
from data.lens.learning import Fate, fates, learning, verdict

EPOCHS = 6


def table(gradient: dict[str, list[float]], moved: dict[str, list[float]] | None = None) -> pd.DataFrame:
    """Rows as in gradients.parquet; a layer's block is its name without the last part; the first epoch has no movement."""
    rows: list[dict[str, Any]] = []
    for layer, values in gradient.items():
        steps = (moved or {}).get(layer, [np.nan, *[0.05] * (len(values) - 1)])
        rows += [
            {"epoch": epoch, "layer": layer, "block": layer.rpartition(".")[0], "mean_abs": value, "moved": step}
            for epoch, (value, step) in enumerate(zip(values, steps, strict=True), 1)
        ]
    return pd.DataFrame(rows).sort_values(["epoch", "layer"], kind="stable")


def healthy(**other: list[float]) -> dict[str, list[float]]:
    """Four layers that learn, of gradients 500 times apart as in a real run, and others."""
    sizes = {"down.0.a": 1e-2, "down.1.a": 1e-3, "up.0.a": 2e-5, "head.a": 5e-3}
    return {name: [size / epoch for epoch in range(1, EPOCHS + 1)] for name, size in sizes.items()} | {
        name.replace("_", "."): values for name, values in other.items()
    }


def found(frame: pd.DataFrame) -> tuple[Fate, ...]:
    return fates(learning(frame))


def test_where_all_learn_nothing_is_named() -> None:
    assert found(table(healthy())) == ()
    assert verdict(learning(table(healthy())), ()) == "Every layer learns in 6 epochs"


def test_a_block_without_a_gradient_is_named_whole_and_a_single_layer_by_its_own_name() -> None:
    still = [np.nan, *[0.0] * 5]
    frame = table(healthy(mid_1_a=[0.0] * 6, mid_1_b=[0.0] * 6), {"mid.1.a": still, "mid.1.b": still})
    (fate,) = found(frame)
    assert (fate.name, fate.kind, set(fate.layers)) == ("mid.1", "never", {"mid.1.a", "mid.1.b"})
    assert fate.words == "mid.1 never learns: its gradient is 0 in all 6 epochs, and its weights stand still"
    assert verdict(learning(frame), [fate]) == "mid.1 never learns"
    (fate,) = found(table(healthy(mid_1_a=[0.0] * 6, mid_1_b=[1e-3] * 6), {"mid.1.a": still}))
    assert (fate.name, fate.layers) == ("mid.1.a", ("mid.1.a",))


def test_weights_that_only_decay_do_not_learn_and_weights_left_out_of_the_optimiser_do_not_either() -> None:
    (fate,) = found(table(healthy(mid_a=[0.0] * 6), {"mid.a": [np.nan, *[1.4e-3] * 5]}))
    assert fate.kind == "never"
    assert "by 0.14 % an epoch at most) is not the loss" in fate.words
    (fate,) = found(table(healthy(mid_a=[1e-3] * 6), {"mid.a": [np.nan, *[0.0] * 5]}))
    assert fate.words == "mid never learns: its weights do not move in 5 epochs, although a gradient reaches them"
    (fate,) = found(table(healthy(mid_a=[1e-11] * 6)))
    assert "its gradient is below a millionth of the median layer's in all 6 epochs" in fate.words


def test_what_stops_begins_late_or_vanishes_is_told_apart() -> None:
    (fate,) = found(table(healthy(mid_a=[1e-3] * 3 + [0.0] * 3)))
    assert (fate.kind, fate.words.split(":")[0]) == ("stopped", "mid stops learning after epoch 3")
    (fate,) = found(table(healthy(mid_a=[0.0] * 4 + [1e-3] * 2)))
    assert (fate.kind, fate.words.split(":")[0]) == ("late", "mid begins to learn at epoch 5 only")
    (fate,) = found(table(healthy(mid_a=[1e-7] * 6)))
    assert (fate.kind, fate.name) == ("vanishing", "mid")
    assert found(table(healthy(mid_a=[1e-3] * 5 + [0.0]))) == ()  # one epoch is no end


def test_without_movements_or_gradients_the_other_one_judges_and_where_nothing_learns_it_says_so() -> None:
    unknown = dict.fromkeys([*healthy(), "mid.a"], [np.nan] * 6)
    (fate,) = found(table(healthy(mid_a=[0.0] * 6), unknown))
    assert fate.words == "mid never learns: its gradient is 0 in all 6 epochs"
    (fate,) = found(table(unknown, {"mid.a": [np.nan, *[0.0] * 5]}))
    assert fate.words == "mid never learns: its weights do not move in 5 epochs"
    nothing = learning(table({"a.x": [0.0], "b.x": [0.0]}))
    assert verdict(nothing, fates(nothing)) == "No layer learns in 1 epoch"
    empty = learning(table({"a.x": [0.0]}).iloc[:0])
    assert (fates(empty), verdict(empty, ())) == ((), "No gradients were kept")


def test_rows_that_cannot_be_are_refused() -> None:
    frame = table(healthy())
    for strange in (pd.concat([frame, frame.iloc[:1]]), frame.assign(moved="far")):
        with pytest.raises(LensError, match="gradients"):
            learning(strange)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_rates_common_to_all_layers_and_the_order_of_rows_change_nothing(data: st.DataObject) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    names = [f"b{place // 2}.{place}" for place in range(8)]
    gradient = {name: list(10 ** rng.uniform(-1, 1, EPOCHS) * 1e-3) for name in names}
    moved = {name: [np.nan, *(10 ** rng.uniform(-0.5, 0.5, EPOCHS - 1) * 0.05)] for name in names}
    dead = data.draw(st.sets(st.integers(0, 3), max_size=2))
    for block in dead:
        for name in names[2 * block : 2 * block + 2]:
            gradient[name], moved[name] = [0.0] * EPOCHS, [np.nan, *[0.0] * (EPOCHS - 1)]
    frame = table(gradient, moved)
    named = {fate.name: fate.kind for fate in found(frame)}
    assert named == {f"b{block}": "never" for block in dead}
    rate = (10 ** rng.uniform(-3, 3, EPOCHS))[frame["epoch"].to_numpy() - 1]
    scaled = frame.assign(mean_abs=frame["mean_abs"] * rate, moved=frame["moved"] * rate)
    assert {fate.name: fate.kind for fate in found(scaled.sample(frac=1, random_state=1))} == named
