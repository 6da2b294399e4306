"""What a painter of simulated scenes is given, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from data.rasters.grid import Grid

BANDS = ("blue", "green", "red", "nir", "swir1", "swir2")


@dataclass(frozen=True)
class Place:
    """A lake's surroundings, the same on every date.

    Args:
        lake_key: Of the lake.
        seed: Random numbers of everything that stands still come from this and `lake_key` alone.
        grid: Of its scenes: UTM, 10 m, at least 256 px a side, the lake near the middle.
        up_valley: Where the glacier lies, radians anticlockwise from east.
        glacier_distance_m: From the lake's up-valley shore to the tongue; 0 where ice touches water.
        elevation_m: Of the water.
        dam_type: An ICIMOD code, as in `data.simulate.region.DAM_TYPES`.
        turbidity: 0 (clear) to 1 (milky with rock flour).
    """

    lake_key: int
    seed: int
    grid: Grid
    up_valley: float
    glacier_distance_m: float
    elevation_m: float
    dam_type: str
    turbidity: float


@dataclass(frozen=True)
class Sight:
    """One date of one place.

    Args:
        scene_key: Random numbers of this date alone come from the seed and this.
        date: Of the image.
        sensor: `Sentinel-2 (simulated)` or another key of the dataset's sensors.
        water: True outlines in pixel coordinates: the lake's own first (empty where it has gone), then every neighbour's in the chip.
        mapped: What the mapper drew, in pixel coordinates; None where it drew nothing.
        reason: `ok`, `cloud`, `shadow`, `snow_or_ice`, `partial` or `empty`.
        hidden: Share of the lake under cloud, 0 to 1.
        planted: Why the mapper's outline differs from the truth: `none` (mapping error only), `cloud_cut`, `shadow_as_water` (it holds
            dark ground beyond the lake, which the painter darkens), `ice_missed` (what it left out is painted as ice or snow).
        frozen: Share of the lake that carries ice or snow, 0 to 1.
    """

    scene_key: int
    date: date
    sensor: str
    water: tuple[BaseGeometry, ...]
    mapped: BaseGeometry | None
    reason: str
    hidden: float
    planted: str
    frozen: float


@dataclass(frozen=True)
class Chip:
    """One painted date.

    Args:
        reflectance: (6, H, W) float32 in order of BANDS, 0 to about 1; NaN where a sensor saw nothing (scan-line gaps, edges).
        kind: (H, W) uint8 for tests and teaching: an index into KINDS, what each pixel truly shows.
        sun_elevation, sun_azimuth: degrees; azimuth clockwise from north.
        shift_px: (x, y) by which the image is misregistered against the truth, px.
        haze: 0 to 1.
    """

    reflectance: NDArray[np.float32]
    kind: NDArray[np.uint8]
    sun_elevation: float
    sun_azimuth: float
    shift_px: tuple[float, float]
    haze: float


KINDS = (
    "rock",
    "debris",
    "vegetation",
    "snow",
    "glacier_ice",
    "clear_water",
    "turbid_water",
    "lake_ice",
    "shadow",
    "cloud",
    "cloud_shadow",
)


@dataclass(frozen=True)
class Painted:
    """All dates of one place.

    Args:
        dem: (H, W) float32, m; flat water at the lake's elevation.
        chips: One a sight, in order.
    """

    dem: NDArray[np.float32]
    chips: tuple[Chip, ...]
