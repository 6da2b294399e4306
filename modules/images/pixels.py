"""Scenes and masks in memory, each read once while it is looked at, and judged before it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.afar.places import there, version
from data.bounded import Bounded
from data.errors import RasterError
from data.rasters.grid import Grid
from data.rasters.probability import UNKNOWN, water
from data.rasters.reading import Header, header, read_bytes, read_stored, read_told
from data.rasters.stored import Stored
from data.records import Scene
from data.scene_bands import judged_bands
from data.store import Store
from modules.image_urls import LARGEST
from modules.images.faults import MissingError, require

DECODED = 12 * 2**20
"""Bytes of decoded scenes: eight of three 16-bit bands and 512² px."""
MASKS = 8 * 2**20
"""Bytes of decoded masks: thirty of 512² px."""
HEADERS = 2000
EVERY_BAND = 16 * 2**20
"""Bytes up to which a scene is read with all its bands: they are packed together, and its digest is of all. Those of the look are kept."""
_File = tuple[Path, int, int]


class Pixels:
    """Reads what a dataset's tables name; a file that was replaced is read anew."""

    def __init__(self) -> None:
        self._scenes: Bounded[Stored] = Bounded(DECODED, lambda stored: stored.nbytes)
        self._masks: Bounded[tuple[NDArray[np.uint8], Grid]] = Bounded(MASKS, lambda held: held[0].nbytes)
        self._headers: Bounded[Header] = Bounded(HEADERS, lambda _: 1)

    def header(self, store: Store, scene: Scene) -> Header:
        """What a scene's file says of itself, with the names that the dataset gives its bands.

        Raises:
            MissingError: The file is missing.
            RasterError: It cannot be read, has another number of bands than its sensor, or shows a lake and has no CRS.
        """
        told = self._headers.made(_file(store, scene, scene.path), lambda: header(scene.path))
        return replace(told, bands=judged_bands(scene, told.bands, told.grid))

    def whole(self, store: Store, scene: Scene, places: Sequence[int]) -> Stored:
        """Bands of a scene at these places (from 0), in the order of the file, at LARGEST px a side or less.

        Raises:
            MissingError, RasterError: As `header`; or its pixels cannot be read.
        """
        told = self.header(store, scene)
        return self._scenes.made(self._key(store, scene, places), lambda: self._read(scene, told, sorted(set(places))))

    def _key(self, store: Store, scene: Scene, places: Sequence[int]) -> tuple[_File, tuple[int, ...]]:
        return _file(store, scene, scene.path), tuple(sorted(set(places)))

    def _read(self, scene: Scene, told: Header, places: list[int]) -> Stored:
        pixels = min(told.grid.width, LARGEST) * min(told.grid.height, LARGEST)
        if len(told.bands) * pixels * np.dtype(told.dtype).itemsize <= EVERY_BAND:
            return replace(read_stored(scene.path, largest=LARGEST), bands=told.bands).only(places)
        return _named(read_stored(scene.path, [place + 1 for place in places], largest=LARGEST), told, places)

    def sample(self, store: Store, scene: Scene, names: Sequence[str], largest: int) -> Stored:
        """Bands of a scene at `largest` px a side or less, in the order of the file; one that is no larger is kept as by `whole`.

        Raises:
            MissingError, RasterError: As `whole`; or a band is lacking.
        """
        file = _file(store, scene, scene.path)
        if self._headers.get(file) is not None:
            told = self.header(store, scene)
            places = _places(scene, told, names)
            if max(told.grid.shape) <= largest:
                return self.whole(store, scene, places)
            return _named(read_stored(scene.path, [place + 1 for place in places], largest=largest), told, places)
        header, stored = read_told(scene.path, largest=largest)  # opening a file costs as much as reading it
        self._headers.put(file, header)
        told = self.header(store, scene)
        chosen = replace(stored, bands=told.bands).only(_places(scene, told, names))
        if chosen.grid.shape == told.grid.shape:
            self._scenes.put(self._key(store, scene, _places(scene, told, names)), chosen)
        return chosen

    def part(self, store: Store, scene: Scene, places: Sequence[int], window: tuple[int, int, int, int], largest: int) -> Stored:
        """A window of a scene (px, clipped to it) at full size, averaged down where it is larger than `largest`.

        Raises:
            MissingError, RasterError: As `whole`; or the window holds no pixel.
        """
        told = self.header(store, scene)
        held = self._scenes.get(self._key(store, scene, places)) if max(told.grid.shape) <= LARGEST else None
        box = clipped(window, told.grid)
        if held is not None and max(box[2] - box[0], box[3] - box[1]) <= largest:
            return held.part(*box)
        return _named(read_stored(scene.path, [place + 1 for place in places], box, largest), told, places)

    def water(
        self, store: Store, scene: Scene, source: str, above: float | None = None
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_], Grid]:
        """(H, W) where a source sees water, (H, W) where it could not tell, and the grid: the scene's own.

        Water is where the mask's probability is above `above` (None: the dataset's own threshold for the source).

        Raises:
            MissingError, RasterError: As `mask`.
        """
        stored, grid = self.mask(store, scene, source)
        return water(stored, store.threshold(source, above)), stored == UNKNOWN, grid

    def mask(self, store: Store, scene: Scene, source: str) -> tuple[NDArray[np.uint8], Grid]:
        """(H, W) bytes of `data.rasters.probability`, and the grid: the scene's own. Never change them.

        Raises:
            MissingError: The mask is missing.
            RasterError: It cannot be read, or lies on another grid than the scene.
        """
        path = scene.masks.get(source)
        if path is None:
            raise MissingError(f"there is no mask of {source} for this scene", "choose another source")
        stored, grid = self._masks.made(_file(store, scene, path), lambda: read_bytes(path))
        if there(scene.path):
            own = self.header(store, scene).grid
            if own.shape != grid.shape or (own.crs and grid.crs and not own.same(grid)):
                sizes = f"{grid.width} × {grid.height} px; the scene has {own.width} × {own.height}"
                raise RasterError(
                    f"{path} lies on another grid than its scene ({sizes})",
                    "take the mask in again with `python -m data masks`, which brings it onto the scene's grid",
                )
        return stored, grid


def _file(store: Store, scene: Scene, path: Path) -> _File:
    require(store, scene, path)
    return (path, *version(path))


def _places(scene: Scene, told: Header, names: Sequence[str]) -> list[int]:
    """Where these bands are, in the order of the file."""
    absent = [name for name in names if name not in told.bands]
    if absent:
        raise RasterError(f"{scene.path} has no band {', '.join(absent)}", "choose other bands")
    return sorted({told.bands.index(name) for name in names})


def _named(stored: Stored, told: Header, places: Sequence[int]) -> Stored:
    return replace(stored, bands=tuple(told.bands[place] for place in places))


def clipped(window: tuple[int, int, int, int], grid: Grid) -> tuple[int, int, int, int]:
    """A window cut to the raster. Raises RasterError where nothing is left of it."""
    left, top, right, bottom = max(window[0], 0), max(window[1], 0), min(window[2], grid.width), min(window[3], grid.height)
    if right <= left or bottom <= top:
        raise RasterError("the window asked for has no pixel of it", "ask for a place inside the scene")
    return left, top, right, bottom
