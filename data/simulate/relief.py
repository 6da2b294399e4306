"""The ground of a place: a valley with walls, spurs and gullies, a glacier's trough, and what dams the lake."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.simulate.chips import Place
from data.simulate.fractal import Field, distance, fractal, ramp, ridged, sampled

PIXEL_M = 10.0
MARGIN = 32
"""px of ground around the chip: mountains beyond its edge throw shadows into it."""


@dataclass(frozen=True)
class Relief:
    """The ground, on the chip's grid with MARGIN all round.

    Args:
        height: (H, W) m.
        along: (H, W) m up-valley from the lake's middle, bent with the valley.
        across: (H, W) m to the left of that.
        shore: (H, W) m from the shore of the largest lake there ever is; 0 within.
        floor_m: Half the width of the valley floor.
        upper, lower: m along the valley of the lake's two ends.
        moraine: (H, W) 0 to 1, where the dam stands.
    """

    height: Field
    along: Field
    across: Field
    shore: Field
    floor_m: float
    upper: float
    lower: float
    moraine: Field


def make_relief(rng: np.random.Generator, place: Place, lake: NDArray[np.bool_]) -> Relief:
    """Ground that rises to the sides and up-valley of the lake.

    Args:
        rng: The place's random numbers.
        place: What the valley is like.
        lake: (H, W) with MARGIN: wherever the lake ever is; at least one pixel.
    """
    shape = lake.shape
    along, across = _axes(place, lake)
    shore = distance(~lake) * np.float32(PIXEL_M)
    upper, lower = float(along[lake].max()), float(along[lake].min())
    floor = float(np.abs(across[lake]).max()) * 0.9 + rng.uniform(60, 170) + (260 if place.dam_type.startswith("I") else 0)
    bent = (
        across + 90 * fractal(rng, shape, 2.5, 220, 30) + rng.uniform(-60, 60) * np.sin(along / 420 + rng.uniform(0, 6)).astype(np.float32)
    )
    wall = _away(place, rng, along=along, across=bent, floor=floor, upper=upper)
    moraine = _moraine(place, rng, along=along, across=across, shore=shore, upper=upper, lower=lower)
    slope = (
        0.07 * np.clip(along - upper, 0, None) + 0.10 * np.clip(along - upper - 500, 0, None) - 0.09 * np.clip(lower - 140 - along, 0, None)
    )
    rise = rng.uniform(0.46, 0.64) * (np.hypot(wall, 170) - 170)
    spurs = ridged(rng, shape, rng.uniform(95, 150), 4)
    spurs = sampled(spurs, *_warped(rng, shape, 6.0))
    ground = slope + rise * (0.6 + 0.75 * spurs) + 45 * spurs * ramp(wall, -60, 200) + _gullies(rng, along, bent, rise)
    rough = 2.5 * fractal(rng, shape, 1.9, 40)
    near = ramp(shore, 0, 330)
    height = (
        place.elevation_m + ground * near + 0.06 * np.minimum(shore, 400) * ramp(along - lower, -150, 50) + rough * ramp(shore, 10, 120)
    )
    height += moraine * rng.uniform(28, 55) * (1 + 0.15 * fractal(rng, shape, 1.5, 60))
    height[lake] = place.elevation_m
    return Relief(height.astype(np.float32), along, bent.astype(np.float32), shore, floor, upper, lower, moraine)


def _axes(place: Place, lake: NDArray[np.bool_]) -> tuple[Field, Field]:
    row, column = np.nonzero(lake)
    y, x = np.mgrid[: lake.shape[0], : lake.shape[1]].astype(np.float32)
    east, north = (x - column.mean()) * PIXEL_M, (row.mean() - y) * PIXEL_M
    cos, sin = np.cos(place.up_valley), np.sin(place.up_valley)
    return (east * cos + north * sin).astype(np.float32), (north * cos - east * sin).astype(np.float32)


def _away(place: Place, rng: np.random.Generator, *, along: Field, across: Field, floor: float, upper: float) -> Field:
    """m beyond the valley floor's edge; a cirque has a head wall as well."""
    side = np.abs(across) - floor * (1 + 0.0002 * (along - upper))
    if not place.dam_type.startswith("E(c"):
        return np.clip(side, -200, None).astype(np.float32)
    head = along - upper - place.glacier_distance_m * 0.3 - rng.uniform(120, 260)
    top = np.maximum(side, head)
    return np.clip(top + 60 * np.exp(-np.abs(side - head) / 120), -200, None).astype(np.float32)


def _warped(rng: np.random.Generator, shape: tuple[int, int], size: float) -> tuple[Field, Field]:
    """Rows and columns pushed about by some px, so that crests wind."""
    y, x = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    return y + size * fractal(rng, shape, 2, 60, 8), x + size * fractal(rng, shape, 2, 60, 8)


def _gullies(rng: np.random.Generator, along: Field, across: Field, rise: Field) -> Field:
    """Chutes that run down the walls: crests stretched along the fall line."""
    texture = ridged(rng, (256, 256), 26, 3)
    side = np.where(across > 0, 0, 128).astype(np.float32)
    down = np.abs(across) / (PIXEL_M * 5)
    cut = sampled(texture, down + side + along / 90, along / PIXEL_M + down * 2.5 + 6 * np.sin(down / 7))
    return (cut - 0.4) * 62 * ramp(rise, 10, 260)


def _moraine(place: Place, rng: np.random.Generator, *, along: Field, across: Field, shore: Field, upper: float, lower: float) -> Field:
    """The crest round the lake's lower end (end moraine) or one side (lateral), breached where the stream leaves."""
    if not place.dam_type.startswith("M"):
        return np.zeros_like(along)
    middle = (upper + lower) / 2
    if place.dam_type == "M(l)":
        where = ramp(across * rng.choice([-1.0, 1.0]), -40, 60)
    else:
        where = ramp(-along, -middle - 0.35 * (upper - middle), -middle + 0.5 * (middle - lower))
    uneven = shore + 34 * fractal(rng, shore.shape, 1.8, 90, 10)
    crest = 0.0
    for step, weight in ((rng.uniform(60, 110), 1.0), (rng.uniform(190, 260), 0.55)):
        crest = crest + weight * np.exp(-(((uneven - step) / 40) ** 2))
    outlet = 1 - 0.85 * np.exp(-(((across - rng.uniform(-40, 40)) / 28) ** 2)) * (along < middle)
    return (crest * where * outlet).astype(np.float32)
