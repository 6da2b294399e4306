"""From the bytes of a mask to area rows: own water only, at every threshold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.features import rasterize
from shapely.geometry.base import BaseGeometry

from data.importing.geometry import areas_and_perimeters
from data.importing.rescaling import mapping_error
from data.rasters.grid import Grid
from data.rasters.own import REACH, joined_to, reached
from data.rasters.probability import THRESHOLDS, UNKNOWN, water
from data.records import Scene
from data.trends.series import VALID_SHARE

UNSEEN = ("cloud", "shadow", "snow_or_ice", "partial")
"""Reasons of a scene that hold for whatever is mapped in it."""
METRES = 111_195.0
"""Of a degree of latitude, m: near enough to buffer by."""
PIXEL_M = 10.0


@dataclass(frozen=True)
class Measured:
    """A lake's water on one mask.

    Args:
        pixels: Number of its own pixels at each threshold.
        perimeter: px: pixel sides between its own water and the rest, at each threshold.
        valid_share: Share of the outline where the mask knows anything, 0 to 1.
    """

    pixels: tuple[int, ...]
    perimeter: tuple[int, ...]
    valid_share: float


def measured(stored: NDArray[np.uint8], lake: BaseGeometry, thresholds: Sequence[float]) -> Measured:
    """Count a lake's own water.

    Args:
        stored: (H, W) bytes of `data.rasters.probability`.
        lake: The inventory outline in pixel coordinates.
        thresholds: Twentieths.
    """
    touched = reached(lake, stored.shape)
    own = [joined_to(water(stored, threshold), touched) for threshold in thresholds]
    return Measured(tuple(int(each.sum()) for each in own), tuple(_sides(each) for each in own), _known(stored, lake))


def _sides(own: NDArray[np.bool_]) -> int:
    around = np.pad(own, 1)
    return int((around[1:] != around[:-1]).sum() + (around[:, 1:] != around[:, :-1]).sum())


def _known(stored: NDArray[np.uint8], lake: BaseGeometry) -> float:
    """The share inside the raster times the share of its pixels there that are known."""
    height, width = stored.shape
    image = shapely.box(0, 0, width, height)
    inside = 1.0 if image.covers(lake) else shapely.intersection(lake, image).area / (lake.area or 1.0)
    if not inside:
        return 0.0
    within = np.asarray(rasterize([lake], out_shape=stored.shape, dtype="uint8"), dtype=bool)
    if not within.any():
        within = np.asarray(rasterize([lake], out_shape=stored.shape, all_touched=True, dtype="uint8"), dtype=bool)
    return float(inside * (stored[within] != UNKNOWN).mean())


def area_rows(
    stored: NDArray[np.uint8], grid: Grid, lake: BaseGeometry, *, binary: bool, pixel_m: float, factor: float, scene: Scene | None
) -> list[dict[str, Any]]:
    """The cells of `areas` that follow from one mask, one row a threshold (a single one, without threshold, where it is binary).

    area_sd is perimeter × pixel × factor with the perimeter of the mask's own pixels, counted in pixel sides.

    Args:
        stored: (H, W) bytes on `grid`.
        grid: With a CRS.
        lake: The inventory outline in longitude and latitude.
        binary: Whether there are no probabilities.
        pixel_m: Side of a pixel as the mask was made, m, or of the scene where that is coarser.
        factor: `area_sd_factor` of the dataset.
        scene: Where the mask belongs to one.
    """
    thresholds = (0.5,) if binary else THRESHOLDS
    found = measured(stored, grid.to_pixels(lake), thresholds)
    side_km = grid.pixel_m / 1000
    levels, share = zip(thresholds, found.pixels, found.perimeter, strict=True), found.valid_share
    return [
        _cells(None if binary else level, pixels * grid.pixel_km2, mapping_error(sides * side_km, pixel_m, factor), share, scene)
        for level, pixels, sides in levels
    ]


def drawn_row(
    shape: BaseGeometry | None, lake: BaseGeometry, *, pixel_m: float | None, factor: float, scene: Scene | None
) -> dict[str, Any]:
    """The cells of `areas` that follow from polygons which no scene can show: the area of those that touch the lake's buffered outline.

    Args:
        shape: In longitude and latitude.
        lake: The inventory outline, likewise.
        pixel_m: The pixel that outlines of the dataset were drawn from, m; None leaves the error open and buffers by that of Sentinel-2.
        factor: `area_sd_factor` of the dataset.
        scene: Of that day, if there is one.
    """
    east = METRES * np.cos(np.radians(lake.centroid.y))

    def metres(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return points * [east, METRES]

    parts = shapely.get_parts(shape)
    near = shapely.intersects(shapely.transform(parts, metres), shapely.transform(lake, metres).buffer(REACH * (pixel_m or PIXEL_M)))
    area, length = areas_and_perimeters(parts[near])
    error = None if pixel_m is None else mapping_error(float(length.sum()), pixel_m, factor)
    return _cells(None, float(area.sum()), error, 1.0, scene)


def _cells(threshold: float | None, area: float, error: float | None, share: float, scene: Scene | None) -> dict[str, Any]:
    """Area and error in km², with what the scene says."""
    if scene is not None and not np.isnan(scene.valid_share):
        share = min(share, scene.valid_share)
    told = scene.reason if scene is not None and scene.reason in UNSEEN else ""
    return {
        "threshold": threshold, "area_km2": area, "area_sd_km2": error, "valid_share": share,
        "reason": told or ("partial" if share < VALID_SHARE else "ok" if area else "empty"),
        "sensor": scene.sensor or None if scene is not None else None, "scene_key": scene.scene_key if scene is not None else None,
    }  # fmt: skip
