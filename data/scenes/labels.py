"""The mask of a chip: which of its values are water."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.errors import RasterError
from data.rasters.probability import STEPS, UNKNOWN
from data.rasters.stored import Stored


def label_bytes(path: Path, stored: Stored, water: float | None) -> NDArray[np.uint8]:
    """(H, W) a mask in the bytes of `data.rasters.probability`.

    Args:
        path: For messages.
        stored: The file; several bands must be equal.
        water: The value that means water; None: two values, of which the one above 0 does.

    Raises:
        RasterError: It holds classes and nobody has said which is water, or it is no mask.
    """
    values = stored.values
    if not (values == values[:1]).all():
        raise RasterError(f"{path} has {len(values)} bands that differ: it is no mask", "give masks of one band")
    known = np.isfinite(stored.physical([0])[0])
    found = np.unique(values[0][known])
    if water is not None:
        wet = values[0] == water
    elif len(found[found != 0]) > 1 or (found < 0).any():
        shown = ", ".join(f"{value:g}" for value in found[:8].tolist())
        raise RasterError(f"{path} holds {shown}{' …' if len(found) > 8 else ''}: nobody knows which is water", "say --water VALUE")
    else:
        wet = values[0] > 0
    return np.where(known, wet * np.uint8(STEPS), np.uint8(UNKNOWN)).astype(np.uint8)
