"""`Grid`: where the pixels of a raster lie on the ground."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import ProjError
from shapely.geometry.base import BaseGeometry

LONLAT = "OGC:CRS84"


@lru_cache(maxsize=64)
def _transformer(source: str, target: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs(source, target, always_xy=True)


def _transformed(shape: BaseGeometry, move: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> BaseGeometry:
    try:
        with np.errstate(invalid="ignore"):
            return shapely.transform(shape, move)
    except shapely.GEOSException as error:
        # Where a CRS does not reach, pyproj gives infinity: its rings are not closed.
        raise ProjError("a place lies where the coordinate reference system does not reach") from error


@dataclass(frozen=True)
class Grid:
    """A raster's size and place.

    Pixel coordinates run from (0, 0) at the top left corner of the top left pixel; x to the right, y down; centres at .5.

    Args:
        crs: What pyproj reads: `EPSG:32645`, or WKT; empty where nobody knows (then nothing can be laid over it).
        transform: (a, b, c, d, e, f) of x = a·col + b·row + c, y = d·col + e·row + f, in units of the CRS.
        width, height: px.
    """

    crs: str
    transform: tuple[float, float, float, float, float, float]
    width: int
    height: int

    @property
    def shape(self) -> tuple[int, int]:
        """(height, width), as numpy counts."""
        return self.height, self.width

    def same(self, other: Grid) -> bool:
        """Whether both have the same pixels: size, CRS, and a transform equal to a thousandth of a pixel over the whole raster."""
        if self.shape != other.shape or not self._same_crs(other):
            return False
        corners = np.array([[0, 0], [self.width, 0], [0, self.height], [self.width, self.height]], dtype=float)
        side = float(np.sqrt(abs(self._determinant)))
        return bool(np.abs(self.to_crs(corners) - other.to_crs(corners)).max() < 1e-3 * side)

    def _same_crs(self, other: Grid) -> bool:
        if self.crs == other.crs:
            return True
        return bool(self.crs and other.crs and pyproj.CRS(self.crs) == pyproj.CRS(other.crs))

    @property
    def _determinant(self) -> float:
        a, b, _, d, e, _ = self.transform
        return a * e - b * d

    def to_crs(self, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        """(N, 2) pixel coordinates as (N, 2) coordinates of the CRS."""
        a, b, c, d, e, f = self.transform
        x, y = pixels[:, 0], pixels[:, 1]
        return np.column_stack([a * x + b * y + c, d * x + e * y + f])

    def from_crs(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """(N, 2) coordinates of the CRS as (N, 2) pixel coordinates."""
        a, b, c, d, e, f = self.transform
        x, y = points[:, 0] - c, points[:, 1] - f
        return np.column_stack([e * x - b * y, a * y - d * x]) / self._determinant

    def to_pixels(self, shape: BaseGeometry) -> BaseGeometry:
        """A geometry in longitude and latitude, in pixel coordinates. Not for a grid without CRS.

        Raises:
            ProjError: The CRS cannot be used, or cannot show all of the geometry.
        """
        move = _transformer(LONLAT, self.crs)

        def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
            return self.from_crs(np.column_stack(move.transform(points[:, 0], points[:, 1])))

        return _transformed(shape, moved)

    def to_lonlat(self, shape: BaseGeometry) -> BaseGeometry:
        """A geometry in pixel coordinates, in longitude and latitude. Not for a grid without CRS. Raises ProjError as `to_pixels` does."""
        move = _transformer(self.crs, LONLAT)

        def moved(pixels: NDArray[np.float64]) -> NDArray[np.float64]:
            points = self.to_crs(pixels)
            return np.column_stack(move.transform(points[:, 0], points[:, 1]))

        return _transformed(shape, moved)

    @cached_property
    def pixel_km2(self) -> float:
        """Ground area of the middle pixel on the WGS84 ellipsoid, km²; NaN without a CRS, or where it does not reach the middle."""
        if not self.crs:
            return float("nan")
        x, y = self.width / 2, self.height / 2
        half = min(50.0, self.width / 2, self.height / 2)  # a larger square loses fewer digits
        try:
            square = self.to_lonlat(shapely.box(x - half, y - half, x + half, y + half))
        except ProjError:
            return float("nan")
        area, _ = pyproj.Geod(ellps="WGS84").geometry_area_perimeter(square)
        return abs(area) / (2 * half) ** 2 / 1e6

    @cached_property
    def pixel_m(self) -> float:
        """Side of a pixel, m: the square root of its ground area; NaN without a CRS."""
        return float(np.sqrt(self.pixel_km2 * 1e6))

    @cached_property
    def north(self) -> float:
        """Where north points at the middle, degrees clockwise from straight up on the image; NaN without a CRS."""
        if not self.crs:
            return float("nan")
        lon, lat = shapely.get_coordinates(self.to_lonlat(shapely.Point(self.width / 2, self.height / 2)))[0]
        x, y = shapely.get_coordinates(self.to_pixels(shapely.Point(lon, lat + 1e-4)))[0]
        return float(np.degrees(np.arctan2(x - self.width / 2, self.height / 2 - y)))
