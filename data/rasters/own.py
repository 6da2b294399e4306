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
    return joined_to(water, reached(lake, water.shape, reach))


def reached(lake: BaseGeometry, shape: tuple[int, ...], reach: float = REACH) -> NDArray[np.bool_]:
    """(H, W) the pixels that the lake's outline, buffered, touches; the first step of `own_water`, the same at every threshold.

    Args:
        lake: The inventory outline in pixel coordinates.
        shape: (H, W) of the mask.
        reach: px of buffer.
    """
    buffered = lake.buffer(reach)
    return rasterised(buffered, shape, touched=True)


def rasterised(shape: BaseGeometry, size: tuple[int, ...], *, touched: bool = False) -> NDArray[np.bool_]:
    """(H, W) the pixels whose middle lies in a shape, or with `touched` all that it touches.

    Args:
        shape: In pixel coordinates; nothing where it is empty.
        size: (H, W).
        touched: See above.
    """
    if shape.is_empty:
        return np.zeros(size, dtype=bool)
    return np.asarray(rasterize([shape], out_shape=size, all_touched=touched, dtype="uint8"), dtype=bool)


def joined_to(water: NDArray[np.bool_], touched: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(H, W) the connected components of water that hold a touched pixel; the second step of `own_water`."""
    if not (water & touched).any():
        return np.zeros_like(water)
    components = np.asarray(ndimage.label(water)[0], dtype=np.int32)  # pyright: ignore[reportIndexIssue]
    own = np.zeros(int(components.max()) + 1, dtype=bool)
    own[components[touched & water]] = True
    return own[components]
