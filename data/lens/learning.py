"""Which layers learn: a rule over the gradients and the movements of a training run, and what it finds in words. Pure.

A layer learns in an epoch where a gradient reaches it and its weights move. Both are judged against the median layer of the same epoch
(of those that are not exactly 0), so that a rate that falls for all layers alike stops none of them:

- a gradient reaches it where its mean absolute gradient is more than `NONE` of the median layer's. At the median of a real run (2e-4) that
  is 2e-10, which even Adam, which scales gradients up, takes for nothing beside its own eps of 1e-8;
- its weights move where their relative movement is more than `STILL` of the median layer's. In 22 epochs of the two shipped networks the
  least of 15 layers moves 0.20 times as far as the median one; a frozen layer moves 0 times as far, since its snapshots are equal.

A gradient is needed as well as a movement because weight decay moves weights that nothing teaches. The first epoch has no movement: where a
gradient is there as in the second, it is taken to have moved as in the second.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.errors import LensError
from data.lens.manifest import REMEDY

NONE = 1e-6
STILL = 1e-2
FAINT = 1e-3
"""Gradients below this share of the median layer's in most epochs have all but vanished, though they still move the weights."""
LASTING = 2
"""Epochs in a row at the start or the end of a run that count as more than chance."""
Kind = Literal["never", "stopped", "late", "vanishing"]


@dataclass(frozen=True)
class Learning:
    """What reached the layers of one run, and what it did.

    Args:
        layers: (L) names of the weights, in the order of the table.
        blocks: (L) the block of each, empty where it has none.
        epochs: (E,) ascending.
        gradient: (L, E) mean absolute gradient; NaN where it is not known.
        moved: (L, E) relative movement of the weights since the epoch before; NaN where it is not known.
    """

    layers: tuple[str, ...]
    blocks: tuple[str, ...]
    epochs: NDArray[np.int64]
    gradient: NDArray[np.float64]
    moved: NDArray[np.float64]

    def learns(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """(L, E) whether a layer learns in an epoch, and (L, E) whether that can be told."""
        reached, moves = self.gradient > NONE * _median(self.gradient), self.moved > STILL * _median(self.moved)
        told_reached, told_moves = np.isfinite(self.gradient), ~np.isnan(self.moved)
        if len(self.epochs) > 1:
            as_second = ~told_moves[:, 0] & reached[:, 0] & reached[:, 1] & told_moves[:, 1]
            moves[:, 0], told_moves[:, 0] = np.where(as_second, moves[:, 1], moves[:, 0]), told_moves[:, 0] | as_second
        return (reached | ~told_reached) & (moves | ~told_moves), told_reached | told_moves


@dataclass(frozen=True)
class Fate:
    """A block, or one layer of it, that does not learn as the others do.

    Args:
        name: Of the block where all its layers fare alike, else of the layer.
        layers: Which those are.
        kind: `never` learns; `stopped` for good; began `late`; or its gradient is `vanishing`.
        words: A sentence without its full stop.
    """

    name: str
    layers: tuple[str, ...]
    kind: Kind
    words: str


def learning(gradients: pd.DataFrame) -> Learning:
    """Arrange the rows of gradients.parquet (epoch, layer, block, mean_abs, moved) by layer and epoch.

    Raises:
        LensError: A layer comes twice in an epoch, or a column holds no numbers.
    """
    if gradients.duplicated(["epoch", "layer"]).any() or any(gradients[name].dtype.kind not in "iuf" for name in ("mean_abs", "moved")):
        raise LensError("gradients.parquet: mean_abs and moved must be numbers, one a layer and epoch", REMEDY)
    names = gradients["layer"].astype(str).to_numpy()
    layers = tuple(dict.fromkeys(names.tolist()))
    epochs = np.unique(gradients["epoch"].to_numpy(dtype=np.int64))
    row = {name: place for place, name in enumerate(layers)}
    at = np.array([row[name] for name in names], dtype=np.int64), np.searchsorted(epochs, gradients["epoch"].to_numpy(dtype=np.int64))
    block = dict(zip(names.tolist(), gradients["block"].astype(str).tolist(), strict=True))
    held = [np.full((len(layers), len(epochs)), np.nan) for _ in range(2)]
    for values, column in zip(held, ("mean_abs", "moved"), strict=True):
        values[at] = gradients[column].to_numpy(dtype=np.float64)
    return Learning(layers, tuple(block[name] for name in layers), epochs, held[0], held[1])


def fates(run: Learning) -> tuple[Fate, ...]:
    """Whatever does not learn as the others do, in the order of the layers; empty where all learn throughout."""
    judged = [_judged(run, place) for place in range(len(run.layers))]
    found: list[Fate] = []
    done: set[int] = set()
    for place, fate in enumerate(judged):
        if fate is None or place in done:
            continue
        block = run.blocks[place]
        members = [each for each, name in enumerate(run.blocks) if name == block] if block else [place]
        whole = block != "" and all(judged[each] == fate for each in members)
        mine = members if whole else [place]
        done.update(mine)
        kind, since = fate
        name = block if whole else run.layers[place]
        found.append(Fate(name, tuple(run.layers[each] for each in mine), kind, f"{name} {_words(run, mine, kind, since)}"))
    return tuple(found)


def verdict(run: Learning, found: Iterable[Fate]) -> str:
    """One sentence for the whole run, without its full stop."""
    held = list(found)
    never = [fate for fate in held if fate.kind == "never"]
    if not run.layers:
        return "No gradients were kept"
    if len({layer for fate in never for layer in fate.layers}) == len(run.layers):
        return f"No layer learns in {_epochs(len(run.epochs))}"
    if never:
        return f"{_listed([fate.name for fate in never])} never {'learns' if len(never) == 1 else 'learn'}"
    return "Every layer learns" + (", but not all of them throughout" if held else f" in {_epochs(len(run.epochs))}")


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _median(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(E,) of the layers that are not exactly 0; 0 where all are."""
    held = np.where(np.isfinite(values) & (values > 0), values, np.nan)
    some = np.isfinite(held).any(axis=0)
    return np.where(some, np.nanmedian(np.where(some, held, 0.0), axis=0), 0.0)


def _judged(run: Learning, place: int) -> tuple[Kind, int] | None:
    """How a layer fares, and the epoch at which that begins (0 where it always was so); None: as it should."""
    learns, told = (each[place] for each in run.learns())
    epochs, learns = run.epochs[told], learns[told]
    if not len(epochs):
        return None
    if not learns.any():
        return "never", 0
    first, last = int(np.argmax(learns)), len(learns) - 1 - int(np.argmax(learns[::-1]))
    if len(learns) - 1 - last >= LASTING:
        return "stopped", int(epochs[last])
    if first >= LASTING:
        return "late", int(epochs[first])
    share = _share(run, [place])
    return ("vanishing", 0) if share < FAINT else None


def _share(run: Learning, places: list[int]) -> float:
    """The middle one of an epoch's gradients as a share of the median layer's; NaN where that is not known."""
    median = _median(run.gradient)
    known = np.isfinite(run.gradient[places]).any(axis=0) & (median > 0)
    return float(np.median(np.nanmax(run.gradient[places][:, known], axis=0) / median[known])) if known.any() else float("nan")


def _words(run: Learning, places: list[int], kind: Kind, since: int) -> str:
    gradient, moved = run.gradient[places], run.moved[places]
    if kind == "never":
        return f"never learns: {_why(gradient, moved, _median(run.gradient))}"
    if kind == "stopped":
        return f"stops learning after epoch {since}: {_why(gradient, moved, _median(run.gradient), run.epochs > since)}"
    if kind == "late":
        return f"begins to learn at epoch {since} only: before, {_why(gradient, moved, _median(run.gradient), run.epochs < since)}"
    return f"hardly gets a gradient: 1/{1 / _share(run, places):,.0f} of the median layer's, in the middle of its epochs"


def _why(
    gradient: NDArray[np.float64], moved: NDArray[np.float64], median: NDArray[np.float64], when: NDArray[np.bool_] | None = None
) -> str:
    when = np.ones(gradient.shape[1], dtype=np.bool_) if when is None else when
    gradient, moved, median = gradient[:, when], moved[:, when], median[when]
    known, steps = np.isfinite(gradient).any(axis=0), np.isfinite(moved).any(axis=0)
    every = f"in {'all ' if known.sum() > 1 else ''}{_epochs(int(known.sum()))}"
    if known.any() and np.nanmax(gradient, initial=0.0) == 0:
        return f"its gradient is 0 {every}{_beside(moved)}"
    if known.any() and np.all(np.nanmax(gradient[:, known], axis=0) <= NONE * median[known]):
        return f"its gradient is below a millionth of the median layer's {every}{_beside(moved)}"
    return f"its weights do not move in {_epochs(int(steps.sum()))}" + (", although a gradient reaches them" if known.any() else "")


def _beside(moved: NDArray[np.float64]) -> str:
    if not np.isfinite(moved).any():
        return ""
    most = float(np.nanmax(moved))
    if most == 0:
        return ", and its weights stand still"
    return f"; what moves its weights (by {100 * most:.2g} % an epoch at most) is not the loss"


def _epochs(count: int) -> str:
    return f"{count:,} epoch{'' if count == 1 else 's'}"
