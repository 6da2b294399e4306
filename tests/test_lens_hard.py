"""Scenes that stay hard: planted among scenes that are learned, and every figure against a plain loop."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from data.lens.hard import FORGOTTEN, RULE, STAYED, Rule, late_losses

EPOCHS = 20
STAYS, LEARNS_LATE, FORGOTTEN_AT_8, FORGOTTEN_A_LITTLE = 900, 901, 902, 903


def table(losses: np.ndarray, keys: list[int] | None = None) -> pd.DataFrame:
    """(S, E) losses as rows of training.parquet, in no order."""
    scenes, epochs = losses.shape
    keys = keys or list(range(10, 10 + scenes))
    rows = pd.DataFrame({"scene_key": np.repeat(keys, epochs), "epoch": np.tile(np.arange(1, epochs + 1), scenes), "loss": losses.ravel()})
    return rows.sample(frac=1, random_state=0)


def planted() -> pd.DataFrame:
    """Forty scenes that are learned, and four that are not like them."""
    rng, epoch = np.random.default_rng(6), np.arange(EPOCHS)
    learned = 0.1 + np.exp(-epoch / rng.uniform(2, 5, (40, 1))) + rng.normal(0, 0.005, (40, EPOCHS))
    odd = np.array([
        np.full(EPOCHS, 1.2) + 0.02 * np.sin(epoch),
        2.2 - 0.08 * epoch,
        np.where(epoch < 8, 0.15 + np.exp(-epoch / 1.5), 0.9),
        np.where(epoch < 8, np.exp(-epoch / 2) + 0.10, 0.16),
    ])  # fmt: skip
    return table(np.concatenate([learned, odd]), [*range(40), STAYS, LEARNS_LATE, FORGOTTEN_AT_8, FORGOTTEN_A_LITTLE])


def test_planted_scenes_are_told_apart() -> None:
    found = late_losses(planted())
    kinds = found.set_index("scene_key")["kind"]
    assert kinds[STAYS] == STAYED
    assert kinds[LEARNS_LATE] == "", "its loss is among the highest, but falls"
    assert kinds[FORGOTTEN_AT_8] == FORGOTTEN
    assert set(kinds[kinds != ""].index) == {STAYS, FORGOTTEN_AT_8}
    assert found["late"].is_monotonic_decreasing


def test_a_rule_that_asks_less_finds_more() -> None:
    kinds = late_losses(planted(), Rule(falling=1.0)).set_index("scene_key")["kind"]
    assert kinds[LEARNS_LATE] == STAYED
    assert "last 25 %" in RULE.words()
    assert "last 40 %" in Rule(late=0.4).words()


@settings(max_examples=40)
@given(arrays(np.float64, st.tuples(st.integers(2, 9), st.integers(1, 14)), elements=st.floats(1e-3, 9)))
def test_figures_are_those_of_a_plain_loop(losses: np.ndarray) -> None:
    keys = list(range(5, 5 + len(losses)))
    found = late_losses(table(losses, keys)).set_index("scene_key")
    count = -(-losses.shape[1] // 4)
    for key, row in zip(keys, losses, strict=True):
        late, early = row[-count:], row[:-count]
        assert found.at[key, "late"] == pytest.approx(late.mean())
        slope = np.polyfit(np.arange(count), late, 1)[0] if count > 1 else 0.0
        assert found.at[key, "change"] == pytest.approx(slope * (count - 1) / late.mean(), abs=1e-9)
        runs = [early[at : at + 3].mean() for at in range(len(early) - 2)]
        assert found.at[key, "best"] == pytest.approx(min(runs), nan_ok=True) if runs else np.isnan(found.at[key, "best"])


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.floats(0.01, 100))
def test_neither_order_nor_scale_matters(seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    losses = rng.lognormal(0, 1, (30, 1)) * np.exp(-rng.uniform(0, 0.2, (30, 1)) * np.arange(16)) + rng.uniform(0, 0.1, (30, 16))
    keys = rng.permutation(1000)[:30].tolist()
    first = late_losses(table(losses, keys)).set_index("scene_key")["kind"].sort_index()
    order = rng.permutation(30)
    again = late_losses(table(scale * losses[order], [keys[at] for at in order])).set_index("scene_key")["kind"].sort_index()
    assert first.equals(again)


def test_what_cannot_be_said_is_not_said() -> None:
    rng = np.random.default_rng(0)
    few = late_losses(table(rng.uniform(0, 1, (20, 8))))
    assert (few["kind"] == "").all(), "two late epochs are no slope"
    assert (late_losses(table(np.ones((20, 20))))["kind"] == "").all(), "all alike"
    spread = late_losses(table(np.ones((20, 20)) * np.linspace(1, 1.9, 20)[:, None]))
    assert (spread["kind"] == "").all(), "the highest tenth, but hardly above the others"
    gap = np.ones((20, 20)) * np.linspace(1, 2, 20)[:, None] ** 4
    gap[19, -1] = np.nan
    found = late_losses(table(gap)).set_index("scene_key")
    assert np.isnan(found.at[29, "late"])
    assert found.at[29, "kind"] == ""
    assert found.at[28, "kind"] == STAYED
    missing = late_losses(planted().query("not (scene_key == @STAYS and epoch == @EPOCHS)")).set_index("scene_key")
    assert missing.at[STAYS, "kind"] == ""
