"""How far each layer's representation moves through training: every epoch against the last, or against the one before."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.errors import LensError
from data.lens.alike import Alike
from data.lens.learning import fates, learning
from data.lens.reading import Lens
from data.lens.similarity import similarity

AGAINST = {"last": "the last epoch", "before": "the epoch before"}


@dataclass(frozen=True)
class Drift:
    """The layers of one run through its epochs.

    Args:
        lens: Of the run.
        measure: A key of `data.lens.similarity.MEASURES`.
        against: A key of AGAINST.
        layers: Layer → (E) similarities of its epochs to another of its own; None where there is no epoch before.
        scenes: That were followed, which is what it rests on.
        still: Layers whose block never learned; empty where gradients are not known.
    """

    lens: Lens
    measure: str
    against: str
    layers: dict[str, list[Alike | None]]
    scenes: int
    still: tuple[str, ...]


def drift(lens: Lens, measure: str, against: str, tell: Callable[[int, int], None] = lambda done, of: None) -> Drift:
    """How far the layers of a run move, on the scenes that were followed.

    Args:
        lens: Of the run.
        measure, against: As in `Drift`.
        tell: Called with how many layers of how many are done.

    Raises:
        LensError: The lens has no features through training.
    """
    held, names = lens.probe_features(), [layer.name for layer in lens.manifest.layers]
    found: dict[str, list[Alike | None]] = {}
    for done, name in enumerate(names):
        tell(done, len(names))
        found[name] = through_epochs(held[name], measure, against)
    return Drift(lens, measure, against, found, held[names[0]].shape[1], unlearning(lens))


def through_epochs(values: NDArray[np.floating], measure: str, against: str = "last") -> list[Alike | None]:
    """(E) the similarity of each epoch of a layer to its last, or to the one before.

    Args:
        values: (E, P, C).
        measure, against: As in `Drift`.
    """
    if against == "last":
        return [similarity(each, values[-1], measure) for each in values]
    return [None, *(similarity(each, old, measure) for old, each in itertools.pairwise(values))]


def unlearning(lens: Lens) -> tuple[str, ...]:
    """Layers whose block never learned by its gradients and movements, in forward order."""
    if not lens.has("gradients.parquet"):
        return ()
    try:
        never = {fate.name for fate in fates(learning(lens.gradients())) if fate.kind == "never"}
    except LensError:  # the tab Layers tells of it
        return ()
    return tuple(layer.name for layer in lens.manifest.layers if layer.block and layer.block in never)
