"""Which part of the image a pixel of a stored feature map hangs on: its receptive field, as first and last rows and columns. Pure.

A lens may tell of each unit of each layer exactly which rows and columns it sees (`fields.npz`). Where it does not, a unit is taken to see
`field` px about its own middle, which is exact for convolutions and poolings that go evenly to all sides; behind an upsampling the true
field can lie up to half of the coarsest stride to one side. A stored map may be coarser than the layer was (means of neighbouring units):
its pixel sees what any of those units sees. Nothing beyond the edge of the image is seen: fields are cut there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def unit_fields(units: int, stride: float, field: int, side: int) -> NDArray[np.int64]:
    """(units, 2) first pixel seen, and the one past the last, along one side of the image, clipped to it.

    Args:
        units: Along that side of the layer.
        stride, field: px, as the lens tells of the layer.
        side: px of the image.
    """
    middle = (np.arange(units) + 0.5) * stride
    first, past = np.floor(middle - field / 2), np.ceil(middle + field / 2)
    return np.stack([first, past], axis=1).clip(0, side).astype(np.int64)


def cell_fields(seen: NDArray[np.integer[Any]], cells: int) -> NDArray[np.int64]:
    """(cells, 2) what the cells of a stored map see, each the mean of some of the units (floor(in/m) to ceil((i+1)n/m) of n).

    Args:
        seen: (n, 2) first and one past the last of each unit; the two equal where a unit sees nothing.
        cells: m, along that side of the stored map.
    """
    place, units = np.arange(cells), len(seen)
    first, past = place * units // cells, -(-(place + 1) * units // cells)
    empty = seen[:, 0] >= seen[:, 1]
    low, high = np.where(empty, np.iinfo(np.int64).max, seen[:, 0]), np.where(empty, 0, seen[:, 1])
    lows = np.array([low[a:b].min() for a, b in zip(first, past, strict=True)])
    highs = np.array([high[a:b].max() for a, b in zip(first, past, strict=True)])
    return np.stack([np.minimum(lows, highs), highs], axis=1).astype(np.int64)
