"""What units follow, by correlation with the level of the curve and with the running count; and states in two dimensions. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.sequence.cell import BATCH, Floats, Network, traces


def followed(network: Network, curve: Floats, count: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(L, H) Pearson's r of every unit with the level, and with the running count, over all steps of all curves; NaN where it never moves.

    Args:
        network: The weights.
        curve: (N, T)
        count: (N, T) how often the band was crossed up to each step.
    """
    sums = Moments(len(network.layers), network.units)
    for start in range(0, len(curve), BATCH):
        part = slice(start, start + BATCH)
        h = np.stack([each.h for each in traces(network, curve[part])]).reshape(len(network.layers), -1, network.units)
        sums.add(h, np.stack([curve[part].ravel(), count[part].ravel()]))
    r = sums.correlation()
    return r[:, 0], r[:, 1]


class Moments:
    """Sums from which correlations follow, so that states need not all be held at once.

    Args:
        layers, units: Of the states.
    """

    def __init__(self, layers: int, units: int) -> None:
        self._n = 0
        self._h, self._hh = np.zeros((layers, units)), np.zeros((layers, units))
        self._v, self._vv, self._hv = np.zeros(2), np.zeros(2), np.zeros((layers, 2, units))

    def add(self, h: Floats, values: NDArray[Any]) -> None:
        """Take in (L, M, H) states and (2, M) values beside them."""
        h64, v64 = h.astype(np.float64), values.astype(np.float64)
        self._n += h.shape[1]
        self._h += h64.sum(axis=1)
        self._hh += (h64**2).sum(axis=1)
        self._v += v64.sum(axis=1)
        self._vv += (v64**2).sum(axis=1)
        self._hv += v64 @ h64

    def correlation(self) -> NDArray[np.float64]:
        """(L, 2, H)"""
        n = self._n
        shared = self._hv - self._v[None, :, None] * self._h[:, None] / n
        spread = (self._hh - self._h**2 / n)[:, None] * (self._vv - self._v**2 / n)[None, :, None]
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(spread > 1e-12 * n**2, shared / np.sqrt(spread), np.nan)


@dataclass(frozen=True)
class Plane:
    """States in two dimensions.

    Args:
        places: (N, T, 2)
        explained: (2,) share of the variance along each.
    """

    places: Floats
    explained: NDArray[np.float64]


def plane_of(h: Floats) -> Plane:
    """Principal components of (N, T, H) states over all curves and steps; the weights of each axis have a sum of at least 0."""
    flat = h.reshape(-1, h.shape[-1]).astype(np.float64)
    flat = flat - flat.mean(axis=0)
    values, axes = np.linalg.eigh(flat.T @ flat)
    first = axes[:, ::-1][:, :2]
    first = first * np.where(first.sum(axis=0) < 0, -1.0, 1.0)
    places = (flat @ first).reshape(*h.shape[:2], -1).astype(np.float32)
    return Plane(places, values[::-1][:2] / max(float(values.sum()), 1e-300))
