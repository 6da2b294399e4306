"""The lake of one date: water by its turbidity, ice from the shores, bergs near a glacier that touches it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from data.simulate.chips import KINDS, Sight
from data.simulate.fractal import Field, distance, fractal, level, ramp
from data.simulate.scenery import Scenery
from data.simulate.spectra import blend, of, water

TURBID = 0.4
"""From this turbidity on a pixel counts as turbid water."""


def paint_lake(
    rng: np.random.Generator,
    scenery: Scenery,
    sight: Sight,
    *,
    front: float,
    surface: Field,
    kind: NDArray[np.uint8],
    everywhere: Field,
    own: Field,
    missed: NDArray[np.bool_],
) -> tuple[Field, NDArray[np.uint8], NDArray[np.bool_]]:
    """Land with water over it, pixels at the shore in proportion; what each pixel is; and the lake's own that is hidden by ice."""
    relief, place = scenery.relief, scenery.place
    plume = 0.25 * place.turbidity * np.exp(-np.clip(front - relief.along, 0, None) / 350)
    murk = np.clip(place.turbidity + rng.normal(0, 0.04) + plume + 0.03 * fractal(rng, own.shape, 2, 80), 0, 1).astype(np.float32)
    liquid = water(murk)
    kind = np.where(everywhere > 0.5, np.where(murk > TURBID, KINDS.index("turbid_water"), KINDS.index("clear_water")), kind)
    ice, white = _ice(rng, sight, own, missed)
    hidden = (own > 0.5) & (ice > 0.5) if sight.reason == "snow_or_ice" else np.zeros(own.shape, dtype=bool)
    if place.glacier_distance_m == 0:
        ice = np.maximum(ice, _bergs(rng, relief.along, front, own))
    shade = blend(of("grey_lake_ice"), of("white_lake_ice"), white[None])
    kind = np.where((own > 0.5) & (ice > 0.5), KINDS.index("lake_ice"), kind)
    return blend(surface, blend(liquid, shade, ice[None]), everywhere[None]), kind.astype(np.uint8), hidden


def _ice(rng: np.random.Generator, sight: Sight, own: Field, missed: NDArray[np.bool_]) -> tuple[Field, Field]:
    """(H, W) share of ice, from the shores inward, what the mapper missed first; and how white it is, 0 to 1."""
    lake = own > 0.5
    texture = fractal(rng, own.shape, 1.4, 40)
    ice = np.zeros_like(own)
    frozen = sight.hidden if sight.reason == "snow_or_ice" else sight.frozen
    if lake.any() and frozen > 0:
        inward = distance(own > 0)
        order = 0.35 * texture - 3 * inward / max(float(inward.max()), 1.0)
        edge = level(order, lake, frozen)
        ice = ramp(order, edge - 0.12, edge + 0.12)
    if sight.planted == "ice_missed":
        ice = np.maximum(ice, ndimage.gaussian_filter(missed.astype(np.float32), 0.6))
    snowed = 0.9 if sight.reason == "snow_or_ice" else rng.uniform(0.1, 0.8)
    return ice, np.clip(snowed + 0.25 * texture, 0, 1).astype(np.float32)


def _bergs(rng: np.random.Generator, along: Field, front: float, own: Field) -> Field:
    """Pieces of ice, thicker toward the glacier."""
    texture = fractal(rng, own.shape, 0.7, 20, 1.5)
    scarce = 2.35 + 0.9 * ramp(front - along, 60, 700)
    return (0.85 * ramp(texture, scarce, scarce + 0.5)).astype(np.float32)
