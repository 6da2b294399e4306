"""Principal components of activations: the same data give the same picture, on any machine. Pure numpy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Projection:
    """Rows laid out along the directions in which they differ most.

    Args:
        coordinates: (N, K) float64, in the unit of the activations; NaN for a row with an activation that is not finite.
        directions: (K, C) unit vectors, orthogonal to each other; the largest loading of each is positive.
        centre: (C,) mean of the finite rows.
        explained: (K,) share of the variance along each, in falling order; 0 where nothing varies.
    """

    coordinates: NDArray[np.float64]
    directions: NDArray[np.float64]
    centre: NDArray[np.float64]
    explained: NDArray[np.float64]


def principal(features: NDArray[np.floating], axes: int = 2) -> Projection:
    """Principal components by a singular value decomposition of the centred rows.

    Channels are centred but not scaled: they share one unit, and a channel that hardly moves should not move the picture. A component
    is known up to its sign only; the channel that weighs most in it (the first of these, where several do) is made positive.

    Args:
        features: (N, C).
        axes: K. Where the data have fewer directions than that, the rest is 0.

    Returns:
        All 0 where fewer than two rows are finite.
    """
    values = np.asarray(features, dtype=np.float64)
    finite = np.isfinite(values).all(axis=1)
    held = values[finite]
    centre = held.mean(axis=0) if len(held) else np.zeros(values.shape[1])
    directions, explained = np.zeros((axes, values.shape[1])), np.zeros(axes)
    if len(held) > 1:
        _, singular, right = np.linalg.svd(held - centre, full_matrices=False)
        kept = min(axes, int((singular > singular[0] * np.finfo(np.float64).eps * max(held.shape)).sum()))
        directions[:kept] = _signed(right[:kept])
        explained[:kept] = singular[:kept] ** 2 / (singular**2).sum() if kept else 0.0
    coordinates = np.full((len(values), axes), np.nan)
    coordinates[finite] = (held - centre) @ directions.T
    return Projection(coordinates, directions, centre, explained)


def _signed(directions: NDArray[np.float64]) -> NDArray[np.float64]:
    heaviest = np.abs(directions).argmax(axis=1)
    return directions * np.sign(directions[np.arange(len(directions)), heaviest])[:, None]
