"""The shoreline clock: where, seen from the lake's middle, its shore moved between two dates.

The lake is cut like a cake about the centroid of its earlier outline; what the later outline adds, and what it lacks, is measured in each
slice. The direction is that of the resultant of the slices' *relative* change (Fisher 1993, Statistical Analysis of Circular Data, section
2.3): by the change in km² a long lake would always seem to grow along its axis. On 600 irregular lakes that grow to one side the relative
change misses the planted azimuth by 0.1° (median) and 3° (worst), the change in km² by 2.4° and 19°, the way of the centroid by 3.3°
and 27°.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from data.errors import InputError

SECTORS = 36


@dataclass(frozen=True)
class Clock:
    """Change of a lake by azimuth.

    Args:
        azimuth: (N,) degrees clockwise from north: the middle of each slice.
        gained_km2, lost_km2: (N,) area that only the later (the earlier) outline holds.
        advance_m: (N,) how far the shore moved outward, m: the difference of the radii at which a slice of a circle holds the slice's
            later and earlier water.
        sd_km2: (N,) mapping error of the net change: shoreline of both dates in the slice × pixel × factor, added in quadrature.
        direction: degrees clockwise from north in which the lake moved or grew on balance; NaN where nothing changed.
        strength: 0 (the same all round) to 1 (all in one direction).
        net_km2: Later area less earlier area.
    """

    azimuth: NDArray[np.float64]
    gained_km2: NDArray[np.float64]
    lost_km2: NDArray[np.float64]
    advance_m: NDArray[np.float64]
    sd_km2: NDArray[np.float64]
    direction: float
    strength: float
    net_km2: float


def shoreline_clock(before: BaseGeometry, after: BaseGeometry, pixel_m: float, factor: float = 0.5, sectors: int = SECTORS) -> Clock:
    """Compare two outlines of one lake.

    Args:
        before, after: Polygons in longitude and latitude; `before` not empty, `after` may be.
        pixel_m: Side of the pixels they were drawn from, m; NaN leaves `sd_km2` NaN.
        factor: Mapping error in pixels along the shore.
        sectors: How many slices.

    Raises:
        InputError: The earlier outline is empty.
    """
    if before.is_empty:
        raise InputError("the lake has no outline on the earlier date", "choose a date on which it has one")
    earlier, later = (_metres(shapely.make_valid(shape), before) for shape in (before, after))
    slices = _slices(earlier.centroid, _reach(earlier, later), sectors)
    gained, lost = shapely.difference(later, earlier), shapely.difference(earlier, later)
    grown, shrunk = (shapely.area(shapely.intersection(slices, shape)) / 1e6 for shape in (gained, lost))
    shore = [shapely.length(shapely.intersection(slices, shape.boundary)) for shape in (earlier, later)]
    net = grown - shrunk
    held = shapely.area(shapely.intersection(slices, earlier)) / 1e6
    azimuth = (np.arange(sectors) + 0.5) * 360 / sectors
    # A lake bent round its own centroid has slices without water: there the change counts as if the lake had a tenth of its mean there.
    direction, strength = _resultant(azimuth, net / np.maximum(held, 0.1 * held.mean()))
    advance = _radius_m(held + net, sectors) - _radius_m(held, sectors)
    return Clock(azimuth, grown, shrunk, advance, np.hypot(*shore) * pixel_m * factor / 1e6, direction, strength, float(net.sum()))


def _radius_m(area_km2: NDArray[np.float64], sectors: int) -> NDArray[np.float64]:
    """(N,) m: the radius at which a slice of a circle has this area."""
    return np.sqrt(np.maximum(area_km2, 0) * 1e6 * sectors / np.pi)


def _resultant(azimuth: NDArray[np.float64], change: NDArray[np.float64]) -> tuple[float, float]:
    """Direction (degrees clockwise from north, NaN where nothing changed) and strength (0 to 1) of changes by azimuth."""
    east, north = (change * np.sin(np.radians(azimuth))).sum(), (change * np.cos(np.radians(azimuth))).sum()
    total = float(np.abs(change).sum())
    if total <= 1e-9:  # rounding has no direction
        return float("nan"), 0.0
    return float(np.degrees(np.arctan2(east, north)) % 360), float(np.hypot(east, north)) / total


def _metres(shape: BaseGeometry, about: BaseGeometry) -> BaseGeometry:
    """A geometry in metres east and north of another's centroid, areas true (Lambert's azimuthal equal-area projection)."""
    lon, lat = shapely.get_coordinates(about.centroid)[0]
    # The projection alone: a transformer between two systems gives the same metres, and takes a hundred times as long to set up (18 ms).
    project = pyproj.Proj(proj="laea", lat_0=lat, lon_0=lon, ellps="WGS84")
    return shapely.transform(shape, lambda points: np.column_stack(project(points[:, 0], points[:, 1])))


def _reach(*shapes: BaseGeometry) -> float:
    """m: a radius about the centre that holds every shape."""
    points = np.concatenate([shapely.get_coordinates(shape) for shape in shapes])
    return 4 * float(np.abs(points).max())


def _slices(centre: BaseGeometry, reach: float, sectors: int) -> NDArray[np.object_]:
    """(N,) triangles from the centre, clockwise from north; together they hold every shape within a quarter of `reach`."""
    x, y = shapely.get_coordinates(centre)[0]
    edge = np.radians(np.arange(sectors + 1) * 360 / sectors)
    tip = np.column_stack([x + reach * np.sin(edge), y + reach * np.cos(edge)])
    ring = np.stack([np.broadcast_to([x, y], (sectors, 2)), tip[:-1], tip[1:]], axis=1)
    return np.asarray(shapely.polygons(ring), dtype=object)
