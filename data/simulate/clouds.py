"""Clouds and their shadows: as much over the lake as the plan says, and no more."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.simulate.fractal import Field, distance, fractal, level, ramp

CHANCE_ELSEWHERE = 0.3
MOVES = 24
"""Places tried for a cloud that hides just some of the lake."""


@dataclass(frozen=True)
class Clouds:
    """The clouds of a date.

    Args:
        cover: (H, W) 0 to 1, how opaque.
        hides: (H, W) whether a pixel counts as hidden.
        shadow: (H, W) 0 to 1.
        bright: (H, W) about 1: thicker and sunlit parts are brighter.
    """

    cover: Field
    hides: NDArray[np.bool_]
    shadow: Field
    bright: Field


def make_clouds(rng: np.random.Generator, lake: NDArray[np.bool_], hidden: float, drift: tuple[float, float]) -> Clouds:
    """Clouds that hide a share of the lake.

    Args:
        rng: The date's random numbers.
        lake: (H, W).
        hidden: Share of its pixels.
        drift: (x, y) px from a cloud to its shadow.
    """
    field = fractal(rng, lake.shape, 1.75, 120, 2.5)
    soft = rng.uniform(0.55, 0.95)
    if hidden > 0 and lake.any():
        field = _rolled(rng, field, lake, hidden)
        edge = level(field, lake, hidden)
    elif rng.uniform() < CHANCE_ELSEWHERE:
        field = field - _kept_clear(lake, drift)
        edge = level(field, np.ones_like(lake), rng.uniform(0.02, 0.16))
        edge = max(edge, float(field[lake].max()) + soft if lake.any() else edge)
    else:
        return Clouds(np.zeros_like(field), np.zeros_like(lake), np.zeros_like(field), np.ones_like(field))
    cover = ramp(field, edge - soft, edge + soft)
    thin = cover * (0.7 + 0.3 * ramp(field, edge, edge + 1.6))
    shadow = np.roll(cover, (round(drift[1]), round(drift[0])), (0, 1)) * (1 - cover)
    return Clouds(thin, field > edge, shadow, _lit(field, edge, drift))


def _lit(field: Field, edge: float, drift: tuple[float, float]) -> Field:
    """(H, W) brightness of cloud tops: by depth, and by how they lean toward the sun, which stands away from their shadows."""
    down, right = np.gradient(field)
    lean = (right * drift[0] + down * drift[1]) / np.float32(np.hypot(*drift))
    return (0.86 + 0.3 * ramp(field, edge, edge + 2.2) + 0.5 * np.clip(lean, -0.3, 0.3)).astype(np.float32)


def _rolled(rng: np.random.Generator, field: Field, lake: NDArray[np.bool_], hidden: float) -> Field:
    """The texture moved (it wraps round) to where hiding that share of the lake covers about as much of the rest."""
    wanted = np.quantile(field, 1 - np.clip(0.8 * hidden + rng.uniform(0.04, 0.16), 0, 0.97))
    row, column = np.nonzero(lake)
    moves = rng.integers(0, lake.shape, (MOVES, 2))
    place = min(len(row) - 1, round(hidden * len(row)))
    edges = [np.sort(field[(row - y) % lake.shape[0], (column - x) % lake.shape[1]])[::-1][place] for y, x in moves]
    y, x = moves[int(np.argmin(np.abs(np.array(edges) - wanted)))]
    return np.roll(field, (y, x), (0, 1))


def _kept_clear(lake: NDArray[np.bool_], drift: tuple[float, float]) -> Field:
    """What to take from the clouds so that neither they nor their shadows reach the lake."""
    if not lake.any():
        return np.zeros(lake.shape, dtype=np.float32)
    near = 6 * (1 - ramp(distance(~lake), 6, 40))
    return np.maximum(near, np.roll(near, (-round(drift[1]), -round(drift[0])), (0, 1)))
