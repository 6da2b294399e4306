"""A mask's water as a geometry whose edges are the edges of its pixels."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.features import shapes
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry


def water_shape(water: NDArray[np.bool_]) -> BaseGeometry:
    """(H, W) booleans as a (multi)polygon in pixel coordinates, of exactly as many square pixels as are true; empty where none is."""
    found = [shape(geometry) for geometry, value in shapes(water.astype(np.uint8), mask=water, connectivity=4) if value]
    return shapely.union_all(found) if found else shapely.Polygon()
