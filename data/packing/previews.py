"""Images in 8 bits: each band of a lake cut into equal steps, the same on all its dates, so that dates can still be compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.rasters.reading import read_stored
from data.rasters.stored import Stored
from data.rasters.writing import write_steps
from data.records import Scene

Ranges = Mapping[str, tuple[float, float]]
"""Band → the values of the first and the last step."""
LADDER = (254, 190, 127, 95, 79, 71, 63, 55, 47)
"""Steps, from the finest on. Measured on 56 scenes of the simulated basin: the water index finds .98 of the same water (IoU) in 254 steps,
.97 in 127, .87 in 63. JPEG of the size of 63 steps leaves .72, of the size of 127 steps .79: it takes away what is faint."""
FAR = 2
"""So many steps are one, far from the lake: most of a scene is rock and snow, and most of a file the noise in them."""
PERCENTILES = (0.5, 99.5)
SIDE = 256
"""px: longest side at which scenes are read to find the range of their bands."""
CLEAR_SHARE = 0.8
HEIGHT_STEP = 0.25
"""m. Hillshade of steps of a decimetre looks the same, and takes half as much again."""


def ranges_of(scenes: Sequence[Scene]) -> Ranges:
    """Where each band of some scenes begins and ends, but for half a percent on either side; over clear dates, where there are any.

    Raises:
        RasterError: A scene cannot be read.
    """
    clear = [each for each in scenes if each.reason in {"", "ok"} and not each.valid_share < CLEAR_SHARE]
    taken: dict[str, list[NDArray[np.float32]]] = {}
    for scene in clear or scenes:
        small = read_stored(scene.path, largest=SIDE)
        for name, values in zip(small.bands, small.physical(), strict=True):
            taken.setdefault(name, []).append(values[~np.isnan(values)])
    return {name: _range(np.concatenate(values)) for name, values in taken.items()}


def _range(values: NDArray[np.float32]) -> tuple[float, float]:
    if not len(values):
        return 0.0, 1.0
    low, high = np.percentile(values, PERCENTILES).tolist()
    low = min(low, 0.0)  # reflectance begins at 0, an index below
    return low, high if high > low else low + 1.0


def write_preview(path: Path, stored: Stored, ranges: Ranges, steps: int, near: NDArray[np.bool_] | None = None) -> None:
    """Write a scene in so many steps, 0 where there is no data; what lies outside the range of its band takes the first or last step.

    Args:
        path: The file to make.
        stored: The scene.
        ranges: Of its bands.
        steps: How many there are.
        near: (H, W) where every step is used; elsewhere one of FAR is. None: everywhere.
    """
    values = stored.physical()
    numbers = np.zeros(values.shape, dtype=np.uint8)
    scale: list[float] = []
    offset: list[float] = []
    for place, name in enumerate(stored.bands):
        low, high = ranges.get(name) or _range(values[place][~np.isnan(values[place])])
        size = (high - low) / (steps - 1)
        scale.append(size)
        offset.append(low - size)
        fine = _numbers(values[place], low, size, steps)
        coarse = fine if near is None else np.where(fine > 0, np.minimum((fine - 1) // FAR * FAR + 1 + FAR // 2, steps), 0)
        numbers[place] = fine if near is None else np.where(near, fine, coarse)
    write_steps(path, numbers, stored.bands, stored.grid, scale=scale, offset=offset)


def write_heights(path: Path, stored: Stored) -> None:
    """Write an elevation model in steps of HEIGHT_STEP, or of more where 16 bits do not suffice; 0 where there is no data."""
    heights = stored.physical()
    known = heights[~np.isnan(heights)]
    low, high = (float(np.floor(known.min())), float(known.max())) if len(known) else (0.0, 1.0)
    size = max(HEIGHT_STEP, (high - low) / 65_000)
    numbers = _numbers(heights, low, size, 65_535)
    count = len(stored.bands)
    write_steps(path, numbers.astype(np.uint16), stored.bands, stored.grid, scale=[size] * count, offset=[low - size] * count)


def _numbers(values: NDArray[np.float32], low: float, size: float, most: int) -> NDArray[np.float32]:
    """1 to `most`, 0 where there is no data."""
    steps = np.clip(np.rint((values - low) / size) + 1, 1, most)
    return np.where(np.isnan(values), 0, steps)
