"""Scenes that stay hard late in training, told apart from those that were good once and became hard."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

STAYED, FORGOTTEN = "stayed hard", "became hard"
FEWEST = 3
"""Late epochs below which no slope is worth the name."""


@dataclass(frozen=True)
class Rule:
    """When a scene is hard.

    Args:
        late: Share of the epochs, the last ones, that are called late.
        hardest: Share of the scenes, by mean loss over the late epochs, that can be called hard.
        above: How many times the median scene's mean late loss its own must be: of scenes that all are learned none is hard.
        falling: A scene whose fitted line falls by more than this share of its mean over the late epochs is still being learned.
        worse: Share of the scenes, the worse by mean late loss, among which one that became hard must be.
        risen: How many times its best loss before its mean late loss must be.
        smooth: Epochs over which a scene's loss is averaged to say that it was good.
    """

    late: float = 0.25
    hardest: float = 0.1
    above: float = 2.0
    falling: float = 0.1
    worse: float = 0.25
    risen: float = 1.25
    smooth: int = 3

    def words(self) -> str:
        """The rule as people read it."""
        return (
            f"Stayed hard: mean loss over the last {_share(self.late)} of the epochs among the highest {_share(self.hardest)}, at least"
            f" {self.above:g} times that of the median scene, and not falling: a line through these epochs falls by less than"
            f" {_share(self.falling)} of that mean. Became hard: so high and not falling, among the worst {_share(self.worse)}, yet once,"
            f" over {self.smooth} epochs, in the better half, and now at least {self.risen:g} times its best loss then."
        )


def _share(value: float) -> str:
    return f"{100 * value:g} %"


RULE = Rule()


def late_losses(training: pd.DataFrame, rule: Rule = RULE) -> pd.DataFrame:
    """How each scene stands late in training.

    Args:
        training: scene_key, epoch, loss; each pair of scene and epoch once.
        rule: When a scene is hard.

    Returns:
        A row a scene, the hardest first: `scene_key`; `late`, its mean loss over the late epochs, NaN where it lacks one of them;
        `change`, by which share of that the fitted line rises over them; `best`, its lowest loss before, averaged over some epochs;
        `kind`: STAYED, FORGOTTEN or empty, which all are where training has too few epochs to say.
    """
    losses = training.pivot(index="scene_key", columns="epoch", values="loss").sort_index(axis=1)
    values = losses.to_numpy(dtype=np.float64)
    count = math.ceil(rule.late * values.shape[1])
    early, late = values[:, : values.shape[1] - count], values[:, values.shape[1] - count :]
    mean, change = late.mean(axis=1), _change(late)
    best, good = _at_its_best(early, rule.smooth)
    kinds = np.full(len(values), "", dtype=object)
    known = np.isfinite(mean)
    if count >= FEWEST and known.any():
        level = mean[known]
        high = known & (change >= -rule.falling) & (mean >= rule.above * np.median(level))
        kinds[high & (mean >= np.quantile(level, 1 - rule.hardest))] = STAYED
        kinds[high & (mean >= np.quantile(level, 1 - rule.worse)) & good & (mean >= rule.risen * best)] = FORGOTTEN
    found = pd.DataFrame({"scene_key": losses.index, "late": mean, "change": change, "best": best, "kind": kinds.astype(str)})
    return found.sort_values(["late", "scene_key"], ascending=[False, True], ignore_index=True)


def _change(late: NDArray[np.float64]) -> NDArray[np.float64]:
    """(S,) rise of the least-squares line over these epochs, as a share of their mean; 0 where all are 0."""
    epochs = late.shape[1]
    if epochs < 2:
        return np.zeros(len(late))
    away = np.arange(epochs) - (epochs - 1) / 2
    rise = late @ away / (away @ away) * (epochs - 1)
    mean = late.mean(axis=1)
    return np.divide(rise, mean, out=np.zeros_like(rise), where=mean != 0) + 0 * mean


def _at_its_best(early: NDArray[np.float64], smooth: int) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """(S,) the lowest loss over `smooth` epochs in a row, NaN where there are fewer; (S,) whether any was in the better half."""
    if early.shape[1] < smooth:
        return np.full(len(early), np.nan), np.zeros(len(early), dtype=bool)
    runs = np.lib.stride_tricks.sliding_window_view(early, smooth, axis=1).mean(axis=-1)
    known = np.isfinite(runs)
    middle = np.array([np.median(column[np.isfinite(column)]) if np.isfinite(column).any() else np.nan for column in runs.T])
    lowest = np.where(known, runs, np.inf).min(axis=1)
    return np.where(np.isfinite(lowest), lowest, np.nan), (known & (runs < middle)).any(axis=1)
