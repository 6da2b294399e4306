"""Thumbnails of crops in one sheet, and the outcome of each pixel in another: what many small marks are drawn from."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from models.augmentation import UNKNOWN

RIGHT_LAND, RIGHT_WATER, FALSE, MISSED, UNSEEN = range(5)
"""What `outcomes.png` holds."""
PALETTE = (0, 0, 0, 0, 158, 220, 213, 94, 0, 240, 228, 66, 128, 128, 128)
"""For whoever opens the file by itself; the page has colours of its own."""
PERCENTILES = (2.0, 98.0)
LEAST_SPAN = 0.1
"""Of reflectance from black to white, so that a dark crop is not blown up to noise."""


def rgb_of(image: NDArray[np.float32], bands: Sequence[str]) -> NDArray[np.uint8]:
    """(H, W, 3) true colour where it can be, else the first band in grey; one stretch for all three, so that hues are kept.

    Args:
        image: (B, H, W) reflectance, NaN where there is none: drawn black.
        bands: (B,).
    """
    names = list(bands)
    places = [names.index(name) if {"red", "green", "blue"} <= set(names) else 0 for name in ("red", "green", "blue")]
    values = np.moveaxis(image[places], 0, -1)
    known = values[np.isfinite(values)]
    low, high = np.percentile(known, PERCENTILES) if len(known) else (0.0, 1.0)
    scaled = (values - low) / max(high - low, LEAST_SPAN)
    return (np.nan_to_num(scaled, nan=0.0).clip(0, 1) * 255).round().astype(np.uint8)


def outcome_of(water: NDArray[np.bool_], label: NDArray[np.uint8], counted: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """(H, W) one of the five outcomes.

    Args:
        water: (H, W) what the network calls water.
        label: (H, W) 1 water, 0 land, 255 unknown.
        counted: (H, W) pixels that count.
    """
    truly = label == 1
    outcome = np.select([water & truly, water & ~truly, ~water & truly], [RIGHT_WATER, FALSE, MISSED], RIGHT_LAND)
    return np.where(counted & (label != UNKNOWN), outcome, UNSEEN).astype(np.uint8)


def smaller(picture: NDArray[np.uint8], tile: int, exact: bool = False) -> NDArray[np.uint8]:
    """(tile, tile[, 3]); `exact`: no value that is not in the picture."""
    how = Image.Resampling.NEAREST if exact else Image.Resampling.LANCZOS
    return np.asarray(Image.fromarray(picture).resize((tile, tile), how))


def sheet_jpeg(tiles: Sequence[NDArray[np.uint8]], columns: int, quality: int = 60) -> bytes:
    """Tiles (T, T, 3) in rows of `columns`, as JPEG."""
    body = io.BytesIO()
    Image.fromarray(_sheet(tiles, columns)).save(body, "JPEG", quality=quality, optimize=True)
    return body.getvalue()


def sheet_png(tiles: Sequence[NDArray[np.uint8]], columns: int) -> bytes:
    """Outcomes (T, T) in rows of `columns`, as a PNG with a palette."""
    picture = Image.fromarray(_sheet(tiles, columns), mode="P")
    picture.putpalette(PALETTE)
    body = io.BytesIO()
    picture.save(body, "PNG", optimize=True, bits=4)
    return body.getvalue()


def _sheet(tiles: Sequence[NDArray[np.uint8]], columns: int) -> NDArray[np.uint8]:
    first = tiles[0]
    rows = -(-len(tiles) // columns)
    blank = [np.zeros_like(first)] * (rows * columns - len(tiles))
    return np.concatenate([np.concatenate([*tiles, *blank][row * columns : (row + 1) * columns], axis=1) for row in range(rows)])
