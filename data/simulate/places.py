"""From the world to what the painter is given: each lake's grid, its neighbours, its outlines in pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from data.rasters.grid import Grid
from data.simulate.chips import Place, Sight
from data.simulate.region import KM_PER_DEGREE, KM_PER_DEGREE_LON
from data.simulate.scene_tables import scene_frame
from data.simulate.shapes import to_degrees
from data.simulate.truth import PIXEL_M
from data.simulate.world import World, outlines_of

TILE, LEAST, MOST = 128, 256, 768
"""px: a chip's side is a multiple of the first, between the others."""
AROUND = 44
"""px of ground on every side of all that the lake ever covers."""


@dataclass(frozen=True)
class Job:
    """All scenes of one lake.

    Args:
        place, sights: For the painter.
        lake_id: Names the elevation model.
        stems: By sight: names its files.
        mapped: By sight: whether the mapper has a mask of it.
    """

    place: Place
    sights: tuple[Sight, ...]
    lake_id: str
    stems: tuple[str, ...]
    mapped: tuple[bool, ...]


class Places:
    """Makes the jobs of a world, lake by lake."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._frames = {int(str(key)): part for key, part in scene_frame(world).groupby("lake_key")}
        lakes = world.region.frame
        self._x, self._y = (lakes["lon"] * KM_PER_DEGREE_LON).to_numpy(), (lakes["lat"] * KM_PER_DEGREE).to_numpy()
        self._reach = 2 * np.sqrt(world.truth.area.max(axis=1))

    def job(self, row: int) -> Job:
        """The scenes of the lake in that row, which has some."""
        world, frame = self._world, self._frames[row]
        true, drawn = (shapes[0] for shapes in self._degrees(np.array([row])))
        grid = _grid(np.concatenate([true, drawn]))
        around = self._neighbours(row, grid)
        true, drawn = (_in_pixels(shapes, grid) for shapes in (true, drawn))
        here = world.region.frame.loc[row]
        place = Place(
            row, world.plan.seed, grid, float(world.region.up_valley[row]), float(here["glacier_distance_m"]), float(here["elevation_m"]),
            str(here["dam_type"]), float(world.turbidity[row]),
        )  # fmt: skip
        sights = tuple(_sight(told, true[step], drawn[step], around[step]) for step, told in enumerate(frame.to_dict("records")))
        return Job(place, sights, str(here["lake_id"]), tuple(frame["stem"]), tuple(map(bool, frame["mapped"])))

    def _degrees(self, rows: NDArray[np.intp]) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
        """(K, T) true and drawn outlines in longitude and latitude, empty where there is none."""
        lon, lat = (self._world.region.frame[name].to_numpy()[rows] for name in ("lon", "lat"))
        made: list[NDArray[np.object_]] = []
        for metres in outlines_of(self._world, rows):
            flat = to_degrees(metres.reshape(len(rows), -1, 2), lon, lat).reshape(metres.shape)
            there = np.isfinite(flat).all(axis=(2, 3))
            shapes = np.full(there.shape, shapely.Polygon(), dtype=object)
            shapes[there] = shapely.polygons(flat[there])
            made.append(shapes)
        return made[0], made[1]

    def _neighbours(self, row: int, grid: Grid) -> list[list[BaseGeometry]]:
        """By year: the true outlines, in pixels, of other lakes that lie in the chip in any year."""
        half = max(grid.shape) * PIXEL_M / 1000
        near = np.hypot(self._x - self._x[row], self._y - self._y[row]) < half + self._reach
        near[row] = False
        rows = np.flatnonzero(near)
        if not len(rows):
            return [[] for _ in range(self._world.plan.years)]
        shapes = _in_pixels(self._degrees(rows)[0], grid)
        inside = shapely.intersects(shapes, shapely.box(0, 0, grid.width, grid.height)).any(axis=1)
        return [[shape for shape in year if not shape.is_empty] for year in shapes[inside].T]


def _grid(shapes: NDArray[np.object_]) -> Grid:
    """UTM, 10 m, on whole tens of metres, everything in `shapes` (longitude and latitude) near the middle."""
    left, low, right, high = shapely.total_bounds(shapes)
    zone = int((left + right) / 2 + 180) // 6 + 1
    crs, step = f"EPSG:326{zone:02d}", int(PIXEL_M)
    whole = Grid(crs, (step, 0, 0, 0, -step, 0), 1, 1)
    x, y = shapely.get_coordinates(whole.to_pixels(shapely.box(left, low, right, high))).T
    wide = max(np.ptp(x), np.ptp(y)) + 2 * AROUND
    side = int(np.clip(np.ceil(wide / TILE) * TILE, LEAST, MOST))
    column, line = round((x.min() + x.max()) / 2 - side / 2), round((y.min() + y.max()) / 2 - side / 2)
    return Grid(crs, (step, 0, column * step, 0, -step, -line * step), side, side)


def _in_pixels(shapes: NDArray[np.object_], grid: Grid) -> NDArray[np.object_]:
    # shapely transforms arrays of geometries as it does one.
    return np.asarray(grid.to_pixels(cast("BaseGeometry", shapes)), dtype=object)


def _sight(told: dict[str, object], true: BaseGeometry, drawn: BaseGeometry, around: list[BaseGeometry]) -> Sight:
    day = told["date"]
    assert isinstance(day, pd.Timestamp)
    number = {name: float(str(told[name])) for name in ("hidden", "frozen", "haze", "shift_x", "shift_y")}
    return Sight(
        scene_key=int(str(told["scene_key"])), date=day.date(), sensor=str(told["sensor"]), water=(true, *around),
        mapped=None if drawn.is_empty else drawn, reason=str(told["reason"]), hidden=number["hidden"], planted=str(told["planted"]),
        frozen=number["frozen"], haze=number["haze"], shift_px=(number["shift_x"], number["shift_y"]),
    )  # fmt: skip
