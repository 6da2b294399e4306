"""Polygons as shares of pixels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rasterio.features import rasterize
from rasterio.transform import Affine
from shapely.geometry.base import BaseGeometry

FINE = 4
"""Samples a pixel, in both directions."""


def covered(shapes: Sequence[BaseGeometry], shape: tuple[int, int]) -> NDArray[np.float32]:
    """(H, W) 0 to 1: the share of each pixel inside any of these polygons (pixel coordinates), in sixteenths."""
    out = np.zeros(shape, dtype=np.float32)
    here = [one for one in shapes if not one.is_empty]
    if not here:
        return out
    bounds = np.array([one.bounds for one in here])
    left, top = np.floor(np.clip(bounds[:, :2].min(axis=0), 0, shape[::-1])).astype(int)
    right, low = np.ceil(np.clip(bounds[:, 2:].max(axis=0), 0, shape[::-1])).astype(int)
    if right <= left or low <= top:
        return out
    size = ((low - top) * FINE, (right - left) * FINE)
    fine = np.asarray(rasterize(here, out_shape=size, transform=Affine(1 / FINE, 0, left, 0, 1 / FINE, top), dtype="uint8"))
    out[top:low, left:right] = fine.reshape(low - top, FINE, right - left, FINE).sum(axis=(1, 3), dtype=np.float32) / FINE**2
    return out
