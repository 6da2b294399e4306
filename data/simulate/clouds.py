"""Clouds and their shadows: as much over the lake as the plan says, and no more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.simulate.fractal import Field, distance, fractal, ramp

CHANCE_ELSEWHERE = 0.3


@dataclass(frozen=True)
class Clouds:
    """The clouds of a date.

    Args:
        cover: (H, W) 0 to 1, how opaque.
        hides: (H, W) whether a pixel counts as hidden.
        shadow: (H, W) 0 to 1.
    """

    cover: Field
    hides: NDArray[np.bool_]
    shadow: Field


def level(field: Field, within: NDArray[np.bool_], share: float) -> float:
    """The value that this share of the pixels within exceeds, to a pixel."""
    ranked = np.sort(field[within])[::-1]
    count = round(share * len(ranked))
    if count <= 0:
        return float(ranked[0]) + 1e-3
    if count >= len(ranked):
        return float(ranked[-1]) - 1e-3
    return float(ranked[count - 1] + ranked[count]) / 2


def make_clouds(
    rng: np.random.Generator, lake: NDArray[np.bool_], hidden: float, *, target: NDArray[np.bool_] | None, drift: tuple[float, float]
) -> Clouds:
    """Clouds that hide a share of the lake.

    Args:
        rng: The date's random numbers.
        lake: (H, W).
        hidden: Share of its pixels.
        target: (H, W) what of the lake is hidden first; None where it does not matter.
        drift: (x, y) px from a cloud to its shadow.
    """
    field = fractal(rng, lake.shape, 1.75, 120, 2.5)
    soft = rng.uniform(0.55, 0.95)
    if hidden > 0 and lake.any():
        if target is not None and target.any():
            field = field * 0.35 + _toward(target)
        edge = level(field, lake, hidden)
    elif rng.uniform() < CHANCE_ELSEWHERE:
        field = field - _kept_clear(lake, drift)
        edge = level(field, np.ones_like(lake), rng.uniform(0.02, 0.16))
        edge = max(edge, float(field[lake].max()) + soft if lake.any() else edge)
    else:
        return Clouds(np.zeros_like(field), np.zeros_like(lake), np.zeros_like(field))
    cover = ramp(field, edge - soft, edge + soft)
    thin = cover * (0.7 + 0.3 * ramp(field, edge, edge + 1.6))
    return Clouds(thin, field > edge, np.roll(cover, (round(drift[1]), round(drift[0])), (0, 1)) * (1 - cover))


def _toward(target: NDArray[np.bool_]) -> Field:
    """Positive within a target, falling with the distance from it, px / 12."""
    outside = distance(~target) / 6
    return (np.minimum(distance(target), 6) / 6 - outside).astype(np.float32)


def _kept_clear(lake: NDArray[np.bool_], drift: tuple[float, float]) -> Field:
    """What to take from the clouds so that neither they nor their shadows reach the lake."""
    if not lake.any():
        return np.zeros(lake.shape, dtype=np.float32)
    near = 6 * (1 - ramp(distance(~lake), 6, 40))
    return np.maximum(near, np.roll(near, (-round(drift[1]), -round(drift[0])), (0, 1)))
