"""The scenes that two sides of a comparison share, and their features, row by row the same scene."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.errors import LensError
from data.lens.reading import Lens

LEAST = 4
"""Scenes in common below which nothing is compared."""


@dataclass(frozen=True)
class Side:
    """One network as it was at one time.

    Args:
        lens: Of its run.
        epoch: One of its epochs; None: the finished network, whose features of all scenes are known.
    """

    lens: Lens
    epoch: int | None = None

    @property
    def is_finished(self) -> bool:
        """Whether it is the finished network, whichever way that is said."""
        return self.epoch is None or self.epoch == (self.lens.manifest.epochs or (None,))[-1]


@dataclass(frozen=True)
class Paired:
    """Two sides on the scenes that both have.

    Args:
        scene_key: (N,) those scenes.
        lakes: (N,) the lake of each; a number of its own, below 0, for a scene of none.
        first, second: Layer → (N, C) features, layers in forward order.
        all_scenes: Whether the features of all scenes were used, not only of those that were followed through training.
        of: Scenes of the first side and of the second that could have been used.
    """

    scene_key: NDArray[np.int64]
    lakes: NDArray[np.int64]
    first: dict[str, NDArray[np.float32]]
    second: dict[str, NDArray[np.float32]]
    all_scenes: bool
    of: tuple[int, int]


def paired(first: Side, second: Side) -> Paired:
    """Bring two sides together, by scene_key.

    Two finished networks are compared on all scenes; as soon as one of them is of an earlier epoch, on those that were followed.

    Raises:
        LensError: They are of different scenes, share too few, or a file that it takes is missing or damaged.
    """
    fault = _of_other_scenes(first.lens, second.lens)
    if fault:
        raise LensError(fault, "choose two runs of the same dataset, or make their lenses again on one dataset")
    everything = first.is_finished and second.is_finished
    (one, mine), (two, theirs) = (_features(side, everything) for side in (first, second))
    both, at, other = np.intersect1d(one, two, assume_unique=True, return_indices=True)
    if len(both) < LEAST:
        raise LensError(
            f"the runs {first.lens.name} and {second.lens.name} share {len(both)} scenes, and comparing takes {LEAST}",
            "make their lenses again with the same scenes",
        )
    order = np.argsort(at)
    taken = [{name: values[rows[order]] for name, values in held.items()} for held, rows in ((mine, at), (theirs, other))]
    return Paired(both[order], _lakes(first.lens, both[order]), taken[0], taken[1], everything, (len(one), len(two)))


def _of_other_scenes(first: Lens, second: Lens) -> str:
    """Why scenes of the same key are not the same scene, in words; empty where they are."""
    digests = [each.manifest.scenes_digest for each in (first, second)]
    if first.digest == second.digest or (digests[0] == digests[1] != ""):
        return ""
    names = [each.scenes["name"] for each in (first, second)]
    shared = names[0].index.intersection(names[1].index)
    if digests == ["", ""] and (names[0].loc[shared] == names[1].loc[shared]).all():
        return ""
    titles = [each.manifest.dataset_title or "a dataset that is not named" for each in (first, second)]
    told = f"those of {titles[0]}" if titles[0] == titles[1] else f"{titles[0]} and {titles[1]}"
    return f"the runs {first.name} and {second.name} were looked at on different scenes ({told}, another version of the table of scenes)"


def _features(side: Side, everything: bool) -> tuple[NDArray[np.int64], dict[str, NDArray[np.float32]]]:
    lens, names = side.lens, [layer.name for layer in side.lens.manifest.layers]
    if everything:
        held: dict[str, Any] = lens.features()
        return lens.scenes["scene_key"].to_numpy(dtype=np.int64), {name: held[name] for name in names}
    place = lens.manifest.epochs.index(lens.manifest.epochs[-1] if side.epoch is None else side.epoch)
    keys, held = lens.probe().scene_key, lens.probe_features()
    return keys, {name: held[name][place] for name in names}


def _lakes(lens: Lens, keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Scenes of no lake are alone."""
    known = lens.scenes.loc[keys, "lake_key"]
    return np.where(known.isna(), -1 - np.arange(len(keys)), known.fillna(0)).astype(np.int64)
