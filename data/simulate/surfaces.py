"""What covers a place on every date: rock, scree, debris, vegetation and the glacier, without this year's snow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.simulate.chips import KINDS, Place
from data.simulate.fractal import Field, fractal, ramp
from data.simulate.relief import Relief
from data.simulate.sky import slopes
from data.simulate.spectra import blend, of

ROCKS = ("granite", "schist", "ochre")


@dataclass(frozen=True)
class Surfaces:
    """Cover of a place (with MARGIN).

    Args:
        ground: (6, H, W) reflectance without ice.
        ground_kind: (H, W) index into KINDS.
        ice: (6, H, W) reflectance of the glacier, were it everywhere.
        ice_kind: (H, W) index into KINDS.
        trough: (H, W) 0 to 1: whether a glacier that reached this far would cover it.
        reach: (H, W) m along the valley at which the glacier must end, at the highest, to cover it.
        grain: (H, W) mean 0, sd 1: fine texture that snow lines and edges share.
    """

    ground: Field
    ground_kind: NDArray[np.uint8]
    ice: Field
    ice_kind: NDArray[np.uint8]
    trough: Field
    reach: Field
    grain: Field


def make_surfaces(rng: np.random.Generator, place: Place, relief: Relief) -> Surfaces:
    """Rock types that change slowly, scree below steep walls, meadows low down where the sun falls, a glacier with its debris."""
    shape = relief.height.shape
    east, north = slopes(relief.height)
    steep = np.hypot(east, north)
    grain = fractal(rng, shape, 0.8, 60)
    ground = _rocks(rng, shape, grain)
    scree = ramp(steep, 0.35, 0.55) * (1 - ramp(steep, 0.7, 0.95)) * ramp(fractal(rng, shape, 1.6, 50) + 0.3, -0.4, 0.8)
    ground = blend(ground, of("scree"), (0.75 * scree)[None])
    loose = np.clip(relief.moraine * 1.4, 0, 1) + (1 - ramp(relief.shore, 20, 90 + 30 * grain)) * 0.8
    ground = blend(ground, of("debris") * np.float32(rng.uniform(0.9, 1.25)), np.clip(loose, 0, 1)[None])
    green = _green(rng, relief, north=north, steep=steep, grain=grain) * (1 - np.clip(loose, 0, 0.9))
    dry = rng.uniform(0.15, 0.85)
    ground = blend(ground, blend(of("meadow"), of("dry_grass"), float(dry)), green[None])
    ground *= 1 + 0.04 * fractal(rng, shape, 0.5, 12, 2.5)
    kind = np.where(green > 0.5, KINDS.index("vegetation"), np.where(loose > 0.5, KINDS.index("debris"), KINDS.index("rock")))
    ice, dirt = _ice(rng, place, relief)
    ice_kind = np.where(dirt > 0.5, KINDS.index("debris"), KINDS.index("glacier_ice"))
    trough, reach = _trough(rng, place, relief, grain)
    return Surfaces(ground, kind.astype(np.uint8), ice, ice_kind.astype(np.uint8), trough, reach, grain)


def _rocks(rng: np.random.Generator, shape: tuple[int, int], grain: Field) -> Field:
    first, second = rng.choice(len(ROCKS), 2, replace=False)
    mix = ramp(fractal(rng, shape, 1.8, 160) + 0.25 * grain, -0.5, 0.5)
    rock = blend(of(ROCKS[first]), of(ROCKS[second]), 0.75 * mix[None])
    return rock * (1 + 0.10 * fractal(rng, shape, 1.2, 80)[None])


def _green(rng: np.random.Generator, relief: Relief, *, north: Field, steep: Field, grain: Field) -> Field:
    """Share of plants: gone above a line that lies higher on slopes to the sun."""
    line = rng.normal(4650, 120) + 260 * np.clip(-north, -0.6, 0.6) + 60 * grain
    patchy = 0.55 + 0.35 * ramp(fractal(rng, relief.height.shape, 1.3, 40), -0.6, 0.8)
    return ramp(line - relief.height, -60, 420) * (1 - ramp(steep, 0.55, 0.95)) * patchy * ramp(relief.shore, 10, 60)


def _ice(rng: np.random.Generator, place: Place, relief: Relief) -> tuple[Field, Field]:
    """(6, H, W) the glacier's reflectance, and (H, W) its share of debris: at the sides, in medial stripes, toward the tongue."""
    shape, half = relief.height.shape, relief.floor_m
    fine = fractal(rng, shape, 1.2, 30)
    clean = blend(of("glacier_ice"), of("dirty_ice"), np.clip(0.45 + 0.3 * fractal(rng, shape, 1.5, 60), 0, 1)[None])
    bands = np.sin(2 * np.pi * (relief.along + 60 * (relief.across / half) ** 2 * 2) / rng.uniform(70, 110) + 1.2 * fine)
    clean = clean * (1 - 0.16 * ramp(bands.astype(np.float32), 0.2, 1.0) * ramp(fine, -0.5, 1))[None]
    dirt = ramp(np.abs(relief.across) / half + 0.1 * fine, 0.55, 0.8)
    for middle in rng.uniform(-0.5, 0.5, 2):
        wide = rng.uniform(0.05, 0.12)
        dirt = np.maximum(dirt, 0.95 * np.exp(-((((relief.across / half) - middle + 0.03 * fine) / wide) ** 2)))
    near = 1 - ramp(relief.along - relief.upper - place.glacier_distance_m + 50 * fine, 40, 420)
    dirt = np.clip(np.maximum(dirt, rng.uniform(0.2, 0.85) * near), 0, 1).astype(np.float32)
    if place.dam_type.startswith("I"):
        dirt = np.maximum(dirt, 0.92 - 0.6 * ramp(fractal(rng, shape, 1.6, 45), 1.3, 2.0)).astype(np.float32)
    rubble = of("debris") * (0.95 + 0.12 * fractal(rng, shape, 1.0, 25))[None]
    return blend(clean, rubble, (0.9 * dirt)[None]), dirt


def _trough(rng: np.random.Generator, place: Place, relief: Relief, grain: Field) -> tuple[Field, Field]:
    half, centre, front = relief.floor_m * 0.85, 0.0, relief.along + 0.25 * relief.across**2 / relief.floor_m
    if place.dam_type == "M(l)":
        centre, half = rng.choice([-1.0, 1.0]) * (relief.floor_m + 180), 190.0
        front = front + 1e5
    if place.dam_type.startswith("I"):
        half, front = relief.floor_m * 1.05, relief.along + (relief.upper - relief.lower) + 900
    side = np.abs(relief.across - centre) - 22 * grain
    return 1 - ramp(side, half - 25, half + 25), (front + 18 * grain).astype(np.float32)
