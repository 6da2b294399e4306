"""A mask to take away: a GeoTIFF and a GeoJSON, each with its place on the ground and where it comes from."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import ProjError
from rasterio.io import MemoryFile
from rasterio.transform import Affine

from data.errors import RasterError
from data.rasters.grid import Grid
from data.rasters.probability import UNKNOWN
from data.rasters.vectors import water_shape

DIGITS = 7
"""Decimals of a degree: a centimetre."""


def mask_geotiff(mask: NDArray[np.uint8], grid: Grid, told: Mapping[str, str]) -> bytes:
    """One band of bytes: 1 water, 0 not, 255 where nothing is known. `python -m data masks` takes it in as it is.

    Args:
        mask: (H, W) bytes of a binary mask (see `data.rasters.probability`).
        grid: Of its pixels.
        told: Tags; their names in upper case.
    """
    values = np.where(mask == UNKNOWN, np.uint8(UNKNOWN), (mask > 0).astype(np.uint8))
    plain: dict[str, Any] = {
        "driver": "GTiff", "width": grid.width, "height": grid.height, "count": 1, "dtype": "uint8", "nodata": UNKNOWN,
        "crs": grid.crs or None, "transform": Affine(*grid.transform), "compress": "deflate", "tiled": True, "blockxsize": 128,
        "blockysize": 128,
    }  # fmt: skip
    with rasterio.Env(GDAL_NUM_THREADS="1"), MemoryFile() as memory:
        with memory.open(**plain) as made:
            made.write(values, 1)
            made.descriptions = ("water",)
            # No digest: it would say that these bytes are in the steps in which a dataset keeps its masks.
            made.update_tags(**{key.upper(): value for key, value in told.items()})
        return bytes(memory.getbuffer())


def mask_geojson(parts: Mapping[str, NDArray[np.bool_]], grid: Grid, told: Mapping[str, Any]) -> bytes:
    """A FeatureCollection in longitude and latitude (RFC 7946) along the edges of pixels: a feature for each part that has water.

    Args:
        parts: What it is (`lake`, `other water`) → (H, W) booleans.
        grid: Of their pixels, with a CRS.
        told: Properties of each feature, `part` beside them.

    Raises:
        RasterError: The grid has no CRS, or one that does not reach the mask.
    """
    if not grid.crs:
        raise RasterError("the image has no coordinate reference system, so its mask has no longitude and latitude", "take the GeoTIFF")
    features: list[dict[str, Any]] = []
    for part, water in parts.items():
        if not water.any():
            continue
        try:
            shape = shapely.orient_polygons(shapely.set_precision(grid.to_lonlat(water_shape(water)), 10.0**-DIGITS))
        except ProjError as error:
            raise RasterError(f"the mask cannot be brought to longitude and latitude: {error}", "take the GeoTIFF") from error
        features.append({"type": "Feature", "properties": {"part": part, **told}, "geometry": json.loads(shapely.to_geojson(shape))})
    return json.dumps({"type": "FeatureCollection", "features": features}, allow_nan=False).encode()
