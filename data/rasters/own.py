"""Which water of a mask is the lake's own: adjacent water in the chip is not this lake."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from rasterio.features import rasterize
from scipy import ndimage
from shapely.geometry.base import BaseGeometry

REACH = 1.0
"""px by which the inventory outline is buffered before water is asked whether it touches it."""


def own_water(water: NDArray[np.bool_], lake: BaseGeometry, reach: float = REACH) -> NDArray[np.bool_]:
    """(H, W) the connected components of water (sharing pixel sides) that touch the lake's outline, buffered.

    Args:
        water: (H, W).
        lake: The inventory outline in pixel coordinates; an empty one owns nothing.
        reach: px of buffer.
    """
    buffered = lake.buffer(reach)
    if buffered.is_empty or not water.any():
        return np.zeros_like(water)
    touched = np.asarray(rasterize([buffered], out_shape=water.shape, all_touched=True, dtype="uint8"), dtype=bool)
    components = np.asarray(ndimage.label(water)[0])  # pyright: ignore[reportIndexIssue]
    return np.isin(components, np.unique(components[touched & water])) & water
