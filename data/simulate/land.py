"""The land of one date: what stands still, the glacier as far as it reaches, and the day's snow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data.simulate.chips import KINDS, Sight
from data.simulate.fractal import Field, fractal, ramp
from data.simulate.scenery import Scenery
from data.simulate.spectra import blend, of


def paint_land(rng: np.random.Generator, scenery: Scenery, sight: Sight, front: float, own: Field) -> tuple[Field, NDArray[np.uint8]]:
    """(6, H, W) reflectance of level, sunlit land, and (H, W) what it is."""
    relief, cover = scenery.relief, scenery.surfaces
    dry = (scenery.basin & (own < 1)).astype(np.float32)
    ground = blend(cover.ground, of("silt") * np.float32(rng.uniform(0.85, 1.15)) * (1 + 0.08 * cover.grain), dry[None])
    kind = np.where(dry > 0.5, KINDS.index("debris"), cover.ground_kind)
    ice = cover.trough * ramp(cover.reach - front - scenery.place.glacier_distance_m, -25, 25)
    ground = blend(ground, cover.ice, ice[None])
    kind = np.where(ice > 0.5, cover.ice_kind, kind)
    snow = _snow(rng, scenery, sight, ice)
    white = blend(of("old_snow"), of("fresh_snow"), float(rng.uniform(0.2, 0.9)))
    white = white * (1 + 0.03 * fractal(rng, relief.height.shape, 1.4, 60))
    kind = np.where(snow > 0.5, KINDS.index("snow"), kind)
    return blend(ground, white, snow[None]), kind.astype(np.uint8)


def _snow(rng: np.random.Generator, scenery: Scenery, sight: Sight, ice: Field) -> Field:
    """Share of snow: above the day's line, lower on shaded slopes, gone from cliffs; above the firn line on ice all the year."""
    relief, (east, north) = scenery.relief, scenery.slope
    autumn = np.clip((sight.date.timetuple().tm_yday - 245) / 90, 0, 1)
    line = max(5600.0, scenery.place.elevation_m + 420) - 420 * autumn + rng.normal(0, 230)
    if sight.reason == "snow_or_ice":
        line = scenery.place.elevation_m - rng.uniform(150, 500)
    line = line + 200 * np.clip(-north, -0.8, 0.8) + 45 * scenery.surfaces.grain
    cliff = 1 - 0.85 * ramp(np.hypot(east, north), 0.75, 1.25)
    fresh = ramp(relief.height - line, -80, 230) * cliff
    firn = scenery.place.elevation_m + 260 + 30 * scenery.surfaces.grain
    return np.maximum(0.97 * fresh, ice * ramp(relief.height - firn, -30, 60) * 0.95).astype(np.float32)
