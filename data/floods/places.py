"""Where the lakes of a dataset lie, to find those near a point."""

from __future__ import annotations

import math

import numpy as np
import shapely
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from data.geo_tables import shapes
from data.store import Store

GEOD = Geod(ellps="WGS84")
KM_A_DEGREE = 110.5
"""Of latitude, rounded down: a search by degrees then never falls short."""


class LakePlaces:
    """The lakes by the newest outline each has, else by its point; a lake without either has no place.

    Args:
        store: The dataset.
    """

    def __init__(self, store: Store) -> None:
        drawn = shapes(np.array([*store.newest_outlines], dtype=object))
        lon, lat = (store.lakes[name].to_numpy(dtype=float) for name in ("lon", "lat"))
        pointed = np.isfinite(lon) & np.isfinite(lat)
        self._keys = store.lake_keys
        self._shapes = drawn.copy()
        lacking = shapely.is_missing(drawn) | shapely.is_empty(drawn)
        self._shapes[lacking] = None
        self._shapes[lacking & pointed] = shapely.points(lon[lacking & pointed], lat[lacking & pointed])
        self._rows = {int(key): row for row, key in enumerate(self._keys)}
        self._tree = shapely.STRtree(self._shapes)

    def near(self, lon: float, lat: float, within_km: float) -> list[tuple[int, float]]:
        """The lakes within so many km of a point, as (lake_key, km), the nearest first; 0 km inside an outline."""
        up = within_km / KM_A_DEGREE
        across = up / max(math.cos(math.radians(min(abs(lat) + up, 90.0))), 1e-3)
        boxes = [shapely.box(lon + turn - across, lat - up, lon + turn + across, lat + up) for turn in (-360, 0, 360)]
        rows = np.unique(self._tree.query(boxes)[1])
        found = [(key, self.distance_km(key, lon, lat)) for key in self._keys[rows].tolist()]
        return sorted(((key, km) for key, km in found if km <= within_km), key=lambda pair: (pair[1], pair[0]))

    def distance_km(self, lake_key: int, lon: float, lat: float) -> float:
        """From a point to a lake of the dataset; NaN where one of them has no place."""
        shape = self._shapes[self._rows[lake_key]]
        return math.nan if shape is None or not (math.isfinite(lon) and math.isfinite(lat)) else distance_km(lon, lat, shape)


def distance_km(lon: float, lat: float, shape: BaseGeometry) -> float:
    """Geodesic distance (WGS84) from a point to the nearest part of a shape in longitude and latitude, 0 inside.

    The nearest part is looked for in a plane about the point, true to scale there: some metres in a hundred km.
    """
    shrink = max(math.cos(math.radians(lat)), 1e-6)

    def local(xy: np.ndarray) -> np.ndarray:
        away = (xy[:, 0] - lon + 180.0) % 360.0 - 180.0
        return np.column_stack([away * shrink, xy[:, 1] - lat])

    moved = shapely.transform(shape, local)
    origin = shapely.Point(0.0, 0.0)
    if moved.intersects(origin):
        return 0.0
    x, y = shapely.get_coordinates(shapely.shortest_line(origin, moved))[1]
    return float(GEOD.inv(lon, lat, lon + x / shrink, lat + y)[2]) / 1000.0
