"""Painting the dates of a place: ground, water, snow and ice, lit by the sun of the day, seen through its air by its sensor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from data.rasters.coverage import covered
from data.simulate.chips import KINDS, Chip, Painted, Place, Sight
from data.simulate.clouds import Clouds, make_clouds
from data.simulate.fractal import Field
from data.simulate.lake_surface import paint_lake
from data.simulate.land import paint_land
from data.simulate.lighting import lit, shadows
from data.simulate.scenery import Scenery, make_scenery
from data.simulate.sensors import SENSORS, gap, sensed
from data.simulate.sky import sun, toward_sun
from data.simulate.spectra import HAZE, of


@dataclass(frozen=True)
class Waters:
    """Args: all, own, mapped: (H, W) share of each pixel in any water, the lake's own, the mapper's outline."""

    all: Field
    own: Field
    mapped: Field

    @property
    def missed(self) -> NDArray[np.bool_]:
        """(H, W) the lake's own water that the mapper left out."""
        return (self.own > 0.5) & (self.mapped <= 0.5)


def paint(place: Place, sights: Sequence[Sight]) -> Painted:
    """Paint all dates of a place. The same place and sights give the same pixels, in whatever order the dates come.

    Args:
        place: The surroundings.
        sights: The dates; the ground is shaped round all the water there ever is, so a place is painted in one call.
    """
    dem, chips = paint_each(place, sights)
    return Painted(dem, tuple(chips))


def paint_each(place: Place, sights: Sequence[Sight]) -> tuple[NDArray[np.float32], Iterator[Chip]]:
    """As `paint`, a date at a time: (H, W) the elevation model, and the chips as they are asked for."""
    scenery = make_scenery(place, sights)
    middle = shapely.Point(place.grid.width / 2, place.grid.height / 2)
    latitude = float(shapely.get_coordinates(place.grid.to_lonlat(middle))[0, 1])
    chips = (_chip(scenery, sight, front, latitude) for sight, front in zip(sights, scenery.front, strict=True))
    return scenery.relief.height.astype(np.float32), chips


def _chip(scenery: Scenery, sight: Sight, front: float, latitude: float) -> Chip:
    rng = np.random.default_rng([scenery.place.seed, sight.scene_key, 1])
    shape = scenery.place.grid.shape
    waters = Waters(
        covered(sight.water, shape), covered(sight.water[:1], shape), covered([] if sight.mapped is None else [sight.mapped], shape)
    )
    light = sun(sight.date, latitude)
    surface, kind = paint_land(rng, scenery, sight, front, waters.own)
    surface, kind, iced = paint_lake(
        rng, scenery, sight, front=front, surface=surface, kind=kind, everywhere=waters.all, own=waters.own, missed=waters.missed
    )
    shadow, dark = shadows(rng, scenery, sight, light, own=waters.own, mapped=waters.mapped)
    lake = waters.own > 0.5 if sight.water[0].area else scenery.basin
    gaps = SENSORS[sight.sensor].gaps
    clouds = _clouds(rng, lake, 0.0 if gaps else sight.veiled, light)
    scene, kind = lit(scenery, surface, kind, wet=waters.all, shadow=shadow, clouded=clouds.shadow, sun=light)
    scene += np.array(HAZE, dtype=np.float32)[:, None, None] * np.float32(sight.haze)
    scene += (of("cloud") * np.float32(rng.uniform(0.9, 1.15)) * clouds.bright - scene) * clouds.cover
    kind = np.where(clouds.hides, KINDS.index("cloud"), kind).astype(np.uint8)
    unseen = gap(rng, lake, sight.veiled) if gaps else np.zeros(shape, dtype=bool)
    image = sensed(scene, SENSORS[sight.sensor], sight.shift_px, rng)
    image[:, unseen] = np.nan
    return Chip(image.astype(np.float32), kind, clouds.hides | unseen | iced | dark, *light)


def _clouds(rng: np.random.Generator, lake: NDArray[np.bool_], hidden: float, light: tuple[float, float]) -> Clouds:
    """Their shadows fall away from the sun, by their height over the tangent of its elevation."""
    height_px = rng.uniform(35, 130) / np.tan(np.radians(light[0]))
    x, y = toward_sun(light[1])
    return make_clouds(rng, lake, hidden, drift=(-x * height_px, -y * height_px))
