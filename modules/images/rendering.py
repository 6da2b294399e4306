"""From pixels to colours, and from colours to JPEG."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from data.errors import RasterError
from data.rasters.stored import Stored
from data.records import Scene
from data.store import Store
from modules.images.colours import diverging, hatched
from modules.images.looks import Recipe, recipe
from modules.images.pixels import Pixels
from modules.images.relief import hillshade_of
from modules.images.stretch import Stretches

QUALITY = 85
DETAIL = 2048
"""px: longest side of a detail; a larger one is averaged down."""


class Painter:
    """Draws scenes.

    Args:
        pixels: Reads them.
    """

    def __init__(self, pixels: Pixels) -> None:
        self.pixels = pixels
        self._stretches = Stretches(pixels)

    def whole(self, store: Store, scene: Scene, look: str) -> NDArray[np.uint8]:
        """(H, W, 3) sRGB of the whole scene, at most LARGEST px a side.

        Raises:
            MissingError, RasterError: The scene cannot be read, lacks a band of the look, or a band of it holds nothing.
        """
        how = self._recipe(store, scene, look)
        if how.kind == "relief":
            return hillshade_of(store, scene, self.pixels.header(store, scene).grid)
        stored = self.pixels.whole(store, scene, how.places)
        return self._painted(store, scene, how, stored, judged=True)

    def part(self, store: Store, scene: Scene, look: str, window: tuple[int, int, int, int], largest: int = DETAIL) -> NDArray[np.uint8]:
        """(H, W, 3) sRGB of a window (px), clipped to the scene; at full size, or averaged down to `largest` px.

        Raises:
            MissingError, RasterError: As `whole`; or the window holds no pixel. A window without data is drawn as such.
        """
        how = self._recipe(store, scene, look)
        if how.kind == "relief":
            return hillshade_of(store, scene, self.pixels.header(store, scene).grid, window, largest)
        return self._painted(store, scene, how, self.pixels.part(store, scene, how.places, window, largest), judged=False)

    def _recipe(self, store: Store, scene: Scene, look: str) -> Recipe:
        told = self.pixels.header(store, scene)
        return recipe(look, told.bands, told.dtype)

    def _painted(self, store: Store, scene: Scene, how: Recipe, stored: Stored, *, judged: bool) -> NDArray[np.uint8]:
        names = [self.pixels.header(store, scene).bands[place] for place in how.places]
        values = stored.physical([stored.bands.index(name) for name in names])
        if judged:
            _require_data(names, values)
        if how.kind in {"index", "ratio"}:
            return index_colours(ratio(*values) if how.kind == "ratio" else values[0])
        limits = np.tile(np.float32([0, 255]), (len(names), 1)) if how.kind == "plain" else self._stretches.limits(store, scene, names)
        return stretched(values, limits)


def _require_data(names: list[str], values: NDArray[np.float32]) -> None:
    for name, band in zip(names, values, strict=True):
        if np.isnan(band).all():
            raise RasterError(f"its band {name} holds no data at all", "choose another date or other bands, or get the scene anew")


def ratio(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    """(H, W) (a − b)/(a + b), cut to −1 … 1; NaN where either is NaN or the sum is not positive."""
    total = first + second
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.where(total > 0, (first - second) / total, np.float32(np.nan))
    return np.clip(found, -1, 1).astype(np.float32)


def index_colours(index: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(H, W, 3) of an index, −1 to 1 by the diverging colours; hatched where it is NaN."""
    missing = np.isnan(index)
    place = np.rint((np.clip(np.where(missing, 0, index), -1, 1) + 1) * 127.5).astype(np.uint8)
    return _with_gaps(diverging()[place], missing)


def stretched(values: NDArray[np.float32], limits: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(H, W, 3) of one or three bands (N, H, W), black at the first limit and white at the second; hatched where a band is NaN."""
    missing = np.isnan(values).any(axis=0)
    low, high = limits[:, 0, None, None], limits[:, 1, None, None]
    scaled = (values - low) * (255 / (high - low)) + np.float32(0.5)
    np.clip(scaled, 0, 255, out=scaled)
    scaled[:, missing] = 0
    bytes_ = scaled.astype(np.uint8)
    return _with_gaps(np.ascontiguousarray(np.broadcast_to(bytes_.transpose(1, 2, 0), (*missing.shape, 3))), missing)


def _with_gaps(picture: NDArray[np.uint8], missing: NDArray[np.bool_]) -> NDArray[np.uint8]:
    if missing.any():
        picture[missing] = hatched(*missing.shape)[missing]
    return picture


def jpeg(picture: NDArray[np.uint8]) -> bytes:
    """A picture (H, W, 3) as JPEG."""
    made = io.BytesIO()
    Image.fromarray(picture).save(made, "JPEG", quality=QUALITY)
    return made.getvalue()
