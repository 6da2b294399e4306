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
        mapped: What the mapper would draw if nothing were hidden, in pixel coordinates; None where it draws nothing.
        reason: `ok`, `cloud`, `shadow`, `snow_or_ice`, `partial` or `empty`.
        hidden: Share of the lake that cannot be seen, 0 to 1: in deep shadow where the reason is `shadow`, under ice and snow where it is
            `snow_or_ice`, in a gap between scan lines where the sensor has gaps, else under cloud.
        planted: Why the mapper's outline differs from the truth: `none` (mapping error only), `shadow_as_water` (it holds
            dark ground beyond the lake, which the painter darkens), `ice_missed` (what it left out is painted as ice or snow).
        frozen: Share of the lake that carries ice through which a mapper still knows the shore, 0 to 1.
        haze: 0 to 1.
        shift_px: (x, y) by which the image is misregistered against the truth, px, less than 1.
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
    haze: float = 0.1
    shift_px: tuple[float, float] = (0.0, 0.0)

    @property
    def veiled(self) -> float:
        """Share of the lake under cloud or, where the sensor has gaps, in one."""
        return 0.0 if self.reason in {"shadow", "snow_or_ice"} else self.hidden


@dataclass(frozen=True)
class Chip:
    """One painted date.

    Args:
        reflectance: (6, H, W) float32 in order of BANDS, 0 to about 1; NaN where a sensor saw nothing (scan-line gaps, edges).
        kind: (H, W) uint8 for tests and teaching: an index into KINDS, what each pixel truly shows.
        hidden: (H, W) what nobody can map on this date: under cloud, in a gap; of the lake, what is in shadow or under ice where that is
            the reason.
        sun_elevation, sun_azimuth: degrees; azimuth clockwise from north.
    """

    reflectance: NDArray[np.float32]
    kind: NDArray[np.uint8]
    hidden: NDArray[np.bool_]
    sun_elevation: float
    sun_azimuth: float


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
