"""The measures of similarity by name, and every layer of one network against every layer of another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.lens.alike import Alike, Features, untold, unusable
from data.lens.cca import LEAST, SHARE, basis, mean_of
from data.lens.cka import LEAST_UNBIASED, batches_of, linear_cka, minibatch_cka, unbiased_cka

Layers = Mapping[str, NDArray[np.floating]]
"""Layer → (N, C) features; every layer has the same scenes in the same order."""

MANY = 5000
"""Scenes from which on CKA is estimated from batches."""
BATCH = 512
PASSES = 4


@dataclass(frozen=True)
class Measure:
    """One way to say how alike two representations are.

    Args:
        name: In links and files; never renamed.
        title: For people.
        help: What it is, and what it forgives.
        prepare: What is made of each layer once, however many others it is compared with.
        between: Compares two that are prepared.
        batched: Whether many scenes are compared in batches.
        least: Scenes that it takes.
    """

    name: str
    title: str
    help: str
    prepare: Callable[[NDArray[np.floating]], Features]
    between: Callable[[Features, Features], Alike]
    batched: bool
    least: int


def _as_it_is(features: NDArray[np.floating]) -> Features:
    return np.asarray(features, dtype=np.float64)


MEASURES = {
    each.name: each
    for each in (
        Measure(
            name="cka",
            title="CKA",
            help="Linear centred kernel alignment (Kornblith et al. 2019): 1 where the scenes lie alike in both layers, up to a rotation "
            "and one scale. Directions of much variance count most. Too high where scenes are few for the channels.",
            prepare=_as_it_is,
            between=linear_cka,
            batched=True,
            least=LEAST_UNBIASED,
        ),
        Measure(
            name="cka_unbiased",
            title="CKA, unbiased",
            help="The same from the unbiased HSIC (Song et al. 2012): on average 0 for layers that have nothing in common, however few the "
            "scenes.",
            prepare=_as_it_is,
            between=unbiased_cka,
            batched=True,
            least=LEAST_UNBIASED,
        ),
        Measure(
            name="svcca",
            title="SVCCA",
            help="Mean canonical correlation of the directions that hold 99 % of each layer's variance (Raghu et al. 2017): 1 where they "
            "span the same, whatever their sizes.",
            prepare=lambda features: basis(features, SHARE),
            between=mean_of,
            batched=False,
            least=LEAST,
        ),
        Measure(
            name="cca",
            title="Mean CCA",
            help="Mean canonical correlation of all directions: one of hardly any variance counts as much as the first, so that noise in a "
            "channel lowers it.",
            prepare=basis,
            between=mean_of,
            batched=False,
            least=LEAST,
        ),
    )
}


@dataclass(frozen=True)
class Grid:
    """All pairs of layers.

    Args:
        measure: A key of MEASURES.
        first, second: Names of the layers of the rows and of the columns, in forward order.
        cells: By row, then by column.
        scenes: How many each rests on.
        batched: Whether it was estimated from batches.
    """

    measure: str
    first: tuple[str, ...]
    second: tuple[str, ...]
    cells: tuple[tuple[Alike, ...], ...]
    scenes: int
    batched: bool

    def cell(self, first: str, second: str) -> Alike:
        """Of two layers. Raises ValueError where there is no such layer."""
        return self.cells[self.first.index(first)][self.second.index(second)]


def similarity(first: NDArray[np.floating], second: NDArray[np.floating], measure: str, batch: int | None = None) -> Alike:
    """How alike two layers are.

    Args:
        first, second: (N, p) and (N, q), the same scenes in the same order.
        measure: A key of MEASURES.
        batch: Scenes a batch, for the CKA; None: all at once, or batches of 512 from 5,000 scenes on. In batches it is the unbiased one.

    Raises:
        KeyError: There is no such measure.
        ValueError: They are not of the same scenes.
    """
    return compared({"": first}, {"": second}, measure, batch).cells[0][0]


def compared(
    first: Layers, second: Layers, measure: str, batch: int | None = None, *, tell: Callable[[int, int], None] = lambda done, of: None
) -> Grid:
    """Every layer of `first` against every layer of `second`.

    Args:
        first, second, measure, batch: As in `similarity`, which also names the errors.
        tell: Called with how many rows of how many are done.
    """
    chosen, count = MEASURES[measure], len(next(iter(first.values())))
    size = batch or (BATCH if count >= MANY else None)
    batched = chosen.batched and size is not None
    ready = [{name: _prepared(chosen, each) for name, each in layers.items()} for layers in (first, second)]
    cells: list[tuple[Alike, ...]] = []
    for done, a in enumerate(first):
        tell(done, len(first))
        cells.append(tuple(_cell(chosen, (first[a], second[b]), (ready[0][a], ready[1][b]), size) for b in second))
    return Grid(measure, tuple(first), tuple(second), tuple(cells), count, batched)


def _prepared(measure: Measure, features: NDArray[np.floating]) -> Features | None:
    return None if unusable(features, features, measure.least) else measure.prepare(features)


def _cell(
    measure: Measure,
    raw: tuple[NDArray[np.floating], NDArray[np.floating]],
    ready: tuple[Features | None, Features | None],
    size: int | None,
) -> Alike:
    why = unusable(*raw, measure.least)
    if why or ready[0] is None or ready[1] is None:
        return untold(why)
    if measure.batched and size is not None:
        return minibatch_cka((raw[0][rows], raw[1][rows]) for rows in batches_of(len(raw[0]), size, PASSES))
    return measure.between(ready[0], ready[1])
