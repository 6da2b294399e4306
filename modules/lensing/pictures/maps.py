"""The maps of one layer for one scene at one epoch as one grey picture: a grid, each map from its own least value to its largest."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from data.lens.reading import Lens
from modules.lensing.pictures import Maker


def sheet_columns(channels: int) -> int:
    """Maps in a row of the sheet: about a square."""
    return math.isqrt(channels - 1) + 1


def sheet(maps: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(rows × h, columns × w) of (C, h, w), in the order of the channels, black behind the last."""
    channels, height, width = maps.shape
    columns = sheet_columns(channels)
    rows = -(-channels // columns)
    whole = np.zeros((rows * columns, height, width), dtype=np.uint8)
    whole[:channels] = maps
    return whole.reshape(rows, columns, height, width).transpose(0, 2, 1, 3).reshape(rows * height, columns * width)


def maps_sheet(lens: Lens, parts: Sequence[str]) -> tuple[bytes, str]:
    """`maps/LAYER/EPOCH/SCENE`: LAYER by its place in the manifest, since names may hold anything."""
    from PIL import Image  # noqa: PLC0415  heavy, see modules.lensing.pictures

    layer, epoch, scene = (int(part) for part in parts)
    held = lens.activations()
    if not 0 <= layer < len(lens.manifest.layers):
        raise LookupError(parts)
    at, place = (np.flatnonzero(held[name] == value) for name, value in (("epoch", epoch), ("scene_key", scene)))
    if not len(at) or not len(place):
        raise LookupError(parts)
    made = io.BytesIO()
    Image.fromarray(sheet(held[lens.manifest.layers[layer].name][at[0], place[0]]), "L").save(made, "PNG", compress_level=6)
    return made.getvalue(), "image/png"


KINDS: dict[str, Maker] = {"maps": maps_sheet}
