"""From pixels to colours, and from colours to JPEG."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from data.bounded import Bounded
from data.errors import RasterError
from data.rasters.stored import Stored, Tables
from data.records import Scene
from data.store import Store
from modules.images.colours import diverging, hatch
from modules.images.ground import Box
from modules.images.looks import Recipe, recipe
from modules.images.pixels import Pixels
from modules.images.relief import hillshade_of
from modules.images.stretch import Stretches

QUALITY = 85
SQUARES = 20_000
"""Squares about lakes kept, of some bytes each."""
TABLES = 2 * 2**20
"""Bytes of tables from stored numbers to shades: ten lakes of 16 bits in three bands."""
GAMMA = 1.5
"""Lifts what is dark: between snow and cloud a lake and its shore would else both be black."""
DETAIL = 2048
"""px: longest side of a detail; a larger one is averaged down."""


class Painter:
    """Draws scenes.

    Args:
        pixels: Reads them.
    """

    def __init__(self, pixels: Pixels) -> None:
        self.pixels = pixels
        self.squares: Bounded[Box] = Bounded(SQUARES, lambda _: 1)
        self._stretches = Stretches(pixels)
        self._tables: Tables = Bounded(TABLES, lambda table: table.nbytes)

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
        return recipe(look, told.bands, picture=told.picture)

    def _painted(self, store: Store, scene: Scene, how: Recipe, stored: Stored, *, judged: bool) -> NDArray[np.uint8]:
        names = [self.pixels.header(store, scene).bands[place] for place in how.places]
        places = [stored.bands.index(name) for name in names]
        if how.kind in {"index", "ratio"}:
            values = stored.physical(places)
            if judged:
                _require_data(names, [np.isnan(band) for band in values])
            return index_colours(ratio(*values) if how.kind == "ratio" else values[0])
        paints = self._paints(store, scene, how, names)
        bands = [stored.painted(place, paint, self._tables) for place, paint in zip(places, paints, strict=True)]
        if judged:
            _require_data(names, [band == 0 for band in bands])
        return composed(bands)

    def _paints(self, store: Store, scene: Scene, how: Recipe, names: list[str]) -> list[Stretch]:
        if how.kind == "plain":
            return [Stretch(0, 255, gamma=1)] * len(names)
        return [Stretch(low, high) for low, high in self._stretches.limits(store, scene, names).tolist()]


def _require_data(names: list[str], missing: list[NDArray[np.bool_]]) -> None:
    for name, gaps in zip(names, missing, strict=True):
        if gaps.all():
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
    return hatch(diverging()[place], missing)


@dataclass(frozen=True)
class Stretch:
    """What makes bytes of values: 1 at `low` or below, 255 at `high` or above, between them share ** (1 / gamma).

    0 is left for no data.
    """

    low: float
    high: float
    gamma: float = GAMMA

    def __call__(self, values: NDArray[np.float32]) -> NDArray[np.uint8]:
        """Bytes of values without NaN."""
        share = np.clip((values - self.low) / (self.high - self.low), 0, 1)
        return (share ** np.float32(1 / self.gamma) * 254 + 1.5).astype(np.uint8)


def composed(bands: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """(H, W, 3) of one band (grey) or three; hatched where one of them is 0."""
    picture = np.stack(bands if len(bands) == 3 else bands * 3, axis=-1)
    return hatch(picture, np.logical_or.reduce([band == 0 for band in bands]))


def jpeg(picture: NDArray[np.uint8]) -> bytes:
    """A picture (H, W, 3) as JPEG."""
    made = io.BytesIO()
    Image.fromarray(picture).save(made, "JPEG", quality=QUALITY)
    return made.getvalue()
