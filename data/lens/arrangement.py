"""Two layers' scenes in the plane, turned so that the two pictures can be compared by eye."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.lens.alike import Features, centred
from data.lens.projection import principal


@dataclass(frozen=True)
class Arranged:
    """Where each layer places the scenes.

    Args:
        first, second: (N, 2) both with mean 0 and a mean squared distance from it of 1; the second turned (or mirrored) onto the first.
        explained: Share of each layer's variance that its picture shows.
        fit: Share of the one picture that the other tells, 0 to 1.
    """

    first: Features
    second: Features
    explained: tuple[float, float]
    fit: float


def arranged(first: NDArray[np.floating], second: NDArray[np.floating]) -> Arranged:
    """Lay out two layers, each along its own two principal components.

    A component is known up to its sign, and two of like variance up to a rotation: without turning the second onto the first (orthogonal
    Procrustes, Schönemann 1966, Psychometrika 31) two equal arrangements could look unlike.

    Args:
        first, second: (N, p) and (N, q), the same scenes in the same order.
    """
    laid = [principal(each) for each in (first, second)]
    one, two = (_scaled(each.coordinates) for each in laid)
    turned, fit = onto(one, two)
    return Arranged(one, turned, (float(laid[0].explained.sum()), float(laid[1].explained.sum())), fit)


def onto(target: Features, moved: Features) -> tuple[Features, float]:
    """Rotate or mirror one set of points onto another so that the squares of what remains between them are least.

    Args:
        target, moved: (N, K) centred, a row a scene.

    Returns:
        The points moved, and the share of `target` that they tell once they are also scaled (1 - Procrustes' m²).
    """
    left, sizes, right = np.linalg.svd(moved.T @ target)
    whole = float(np.square(target).sum() * np.square(moved).sum())
    return moved @ (left @ right), float(sizes.sum()) ** 2 / whole if whole else 0.0


def _scaled(points: Features) -> Features:
    held = centred(points)
    size = float(np.sqrt(np.square(held).sum(axis=1).mean()))
    return held / size if size else held
