"""Outlines: mending, areas and perimeters on the ellipsoid, and the plane in which overlaps are measured."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Geod, Transformer

from data.importing.frames import numbers, objects
from data.readers.layer import transformed

Shapes = NDArray[np.object_]

ELLIPSOID = "WGS84"
HALF_GLOBE = 180.0
"""Degrees of longitude; no lake is as wide."""
EQUAL_AREA = "EPSG:6933"
"""Cylindrical equal-area on WGS84: areas and shares of overlap are right everywhere; shapes need not be."""


def polygons(shape: Any) -> Any:
    """The polygonal part of a geometry, None where it has none."""
    parts = [part for part in shapely.get_parts(shape, return_index=False) for part in _polygon_parts(part)]
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _polygon_parts(part: Any) -> list[Any]:
    if part.geom_type == "Polygon":
        return [] if part.is_empty else [part]
    if part.geom_type in {"MultiPolygon", "GeometryCollection"}:
        return [inner for piece in shapely.get_parts(part) for inner in _polygon_parts(piece)]
    return []


def mended(shapes: Shapes) -> tuple[Shapes, NDArray[np.bool_], list[str | None]]:
    """Valid polygons, which of them had to be mended, and why a shape cannot be used (None where it can).

    A bow-tie or a ring that touches itself becomes valid polygons (`shapely.make_valid`, method *structure*, which keeps
    holes holes); an outline that crosses the antimeridian is cut there (RFC 7946, 3.1.9), since its corners jump from one end of the
    map to the other; what has no polygonal part, or coordinates off the globe, is not an outline.

    Args:
        shapes: (N,) polygons in longitude/latitude, None allowed.
    """
    result = shapes.copy()
    changed = np.zeros(len(shapes), dtype=bool)
    why: list[str | None] = [None] * len(shapes)
    for row, shape in enumerate(shapes):
        why[row] = _unusable(shape)
        crosses = why[row] is None and _crosses_antimeridian(shape)
        if crosses or (why[row] is None and not shapely.is_valid(shape)):
            try:
                joined = _eastward(shape) if crosses else shape
                whole = polygons(shapely.make_valid(joined, method="structure", keep_collapsed=False))
                whole = _cut(whole) if crosses and whole is not None else whole
            except shapely.GEOSException as error:
                whole, why[row] = None, f"the outline cannot be mended: {error}"
            if whole is None or shapely.area(whole) == 0:
                why[row] = why[row] or f"the outline cannot be mended: {shapely.is_valid_reason(shape)}"
            else:
                result[row], changed[row] = whole, True
        if why[row] is not None:
            result[row] = None
    return result, changed, why


def _crosses_antimeridian(shape: Any) -> bool:
    """Whether two corners of one ring that follow each other lie more than half the globe apart."""
    low, _, high, _ = shapely.bounds(shape)
    if high - low <= HALF_GLOBE:
        return False
    rings = shapely.get_rings(shape)
    return any(np.abs(np.diff(shapely.get_coordinates(ring)[:, 0])).max() > HALF_GLOBE for ring in rings)


def _eastward(shape: Any) -> Any:
    """A shape with longitudes of 0 to 360."""
    return shapely.transform(shape, lambda xy: np.column_stack([np.where(xy[:, 0] < 0, xy[:, 0] + 360, xy[:, 0]), xy[:, 1]]))


def _cut(shape: Any) -> Any:
    """A shape with longitudes of 0 to 360, cut at the antimeridian, as longitudes of ±180."""
    west = shapely.intersection(shape, shapely.box(0, -90, 180, 90))
    east = shapely.transform(shapely.intersection(shape, shapely.box(180, -90, 360, 90)), lambda xy: xy - [360, 0])
    return polygons(shapely.GeometryCollection([west, east]))


def centres(shapes: Shapes) -> Shapes:
    """(N,) centroids; of outlines on both sides of the antimeridian, where they are, not on the far side of the globe."""
    found = np.array(shapely.centroid(shapes), dtype=object)
    bounds = shapely.bounds(shapes).reshape(-1, 4)
    for row in np.flatnonzero(bounds[:, 2] - bounds[:, 0] > HALF_GLOBE):
        middle = shapely.centroid(_eastward(shapes[row]))
        found[row] = shapely.Point((middle.x + 180) % 360 - 180, middle.y)
    return found


def _unusable(shape: Any) -> str | None:
    if shape is None or shape.is_empty:
        return "there is no outline"
    if shape.geom_type not in {"Polygon", "MultiPolygon", "Point"}:
        return f"the geometry is a {shape.geom_type}, not a polygon"
    coordinates = shapely.get_coordinates(shape)
    if not np.isfinite(coordinates).all():
        return "the outline has coordinates that are not numbers"
    if (np.abs(coordinates) > (180, 90)).any():
        return "the outline lies off the globe: longitude beyond ±180 or latitude beyond ±90"
    if shape.geom_type != "Point" and len(coordinates) < 4:
        return "the outline has fewer than four corners"
    return None


def areas_and_perimeters(shapes: Shapes) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Area in km² and length of all shorelines in km (islands' too), geodesic on WGS84 (Karney 2013, as in PROJ's geod).

    Args:
        shapes: (N,) polygons in longitude/latitude; None gives NaN.

    Returns:
        Two (N,) arrays.
    """
    geod = Geod(ellps=ELLIPSOID)
    area, length = np.full(len(shapes), np.nan), np.full(len(shapes), np.nan)
    for row in np.flatnonzero(~shapely.is_missing(shapes)):
        area[row] = length[row] = 0.0
        for polygon in shapely.get_parts(shapes[row]):
            for ring, sign in [(polygon.exterior, 1), *((hole, -1) for hole in polygon.interiors)]:
                square_m, around_m = geod.polygon_area_perimeter(*shapely.get_coordinates(ring).T)
                area[row] += sign * abs(square_m) / 1e6
                length[row] += around_m / 1e3
    return area, length


def on_plane(shapes: Shapes) -> Shapes:
    """(N,) shapes in longitude/latitude as metres of the equal-area plane."""
    return transformed(shapes, Transformer.from_crs("OGC:CRS84", EQUAL_AREA, always_xy=True))


def is_outline(shapes: Shapes) -> NDArray[np.bool_]:
    """(N,) which shapes are polygons."""
    return np.isin(shapely.get_type_id(shapes), (3, 6))


def has_outlines(shapes: Shapes | None) -> bool:
    """Whether any shape is a polygon."""
    return shapes is not None and bool(is_outline(shapes).any())


def with_footprints(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with a column `footprint`: what each observation covers, in metres of an equal-area plane.

    That is its outline, else a disc of its area around its point, else None.

    Args:
        rows: (N) with geometry (polygons in longitude/latitude or None), lon, lat and area_km2.
    """
    shapes, lon, lat, area_km2 = objects(rows, "geometry"), numbers(rows, "lon"), numbers(rows, "lat"), numbers(rows, "area_km2")
    result = on_plane(shapes)
    points = np.flatnonzero(shapely.is_missing(shapes) & np.isfinite(lon) & np.isfinite(lat) & (area_km2 > 0))
    if len(points):
        centres = cast(Shapes, shapely.points(lon[points], lat[points]))
        result[points] = shapely.buffer(on_plane(centres), np.sqrt(area_km2[points] * 1e6 / np.pi), quad_segs=8)
    return rows.assign(footprint=result)
