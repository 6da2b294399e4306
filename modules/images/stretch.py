"""From which value to which a band goes from black to white: the same on all dates of a lake, so that dates can be compared."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from data.afar.places import there
from data.afar.storage import LostError
from data.bounded import Bounded
from data.errors import MoraineError
from data.records import Scene
from data.store import Store
from modules.images.pixels import Pixels
from modules.observations import clear

log = logging.getLogger(__name__)

PERCENTILES = (2.0, 98.0)
DATES = 8
"""Clear dates of a lake that its stretch is worked out from, evenly spread."""
SIDE = 256
"""px: longest side at which they are read; for a chip of 512 px its overview."""
SAMPLES = 8192
"""Pixels of a date that count, at most. With all pixels the limits differ by less than one of 255 greys."""
HELD = 20_000
"""Stretches kept, of a few dozen bytes each."""


class Stretches:
    """Works out and keeps stretches.

    Args:
        pixels: Reads scenes.
    """

    def __init__(self, pixels: Pixels) -> None:
        self._pixels = pixels
        self._held: Bounded[NDArray[np.float32]] = Bounded(HELD, lambda _: 1)

    def limits(self, store: Store, scene: Scene, bands: Sequence[str]) -> NDArray[np.float32]:
        """(N, 2) what is drawn black and white in each of these bands: percentiles over clear dates of the scene's lake.

        Dates whose file is missing or damaged, or lacks a band, are left out; a scene of no lake goes by itself.

        Raises:
            MissingError, RasterError: Not even the scene itself can be read.
        """
        # Named by the dates that it rests on: when more of a lake's images have come, its stretch is another one.
        among = _spread([other for other in clear(store.scenes.of_lake(scene.lake_key)) if there(other.path)], DATES)
        dates = tuple(other.scene_key for other in among) or ("alone", scene.scene_key)
        return self._held.made((store.digest, dates, *bands), lambda: self._worked_out(store, scene, among, bands))

    def _worked_out(self, store: Store, scene: Scene, among: list[Scene], bands: Sequence[str]) -> NDArray[np.float32]:
        taken: list[NDArray[np.float32]] = []
        for other in among:
            try:
                taken.append(self._samples(store, other, bands))
            except LostError:
                raise  # of fewer dates it would be another stretch, kept for good
            except MoraineError as error:
                log.info("left out of the stretch of its lake: %s", error)
        found = _percentiles(taken, len(bands))
        return found if found is not None else _either(_percentiles([self._samples(store, scene, bands)], len(bands)), len(bands))

    def _samples(self, store: Store, scene: Scene, bands: Sequence[str]) -> NDArray[np.float32]:
        """(N, P) values of some pixels, NaN where there is no data. Raises RasterError where a band is lacking."""
        stored = self._pixels.sample(store, scene, bands, SIDE)
        step = max(1, math.ceil(math.sqrt(stored.grid.width * stored.grid.height / SAMPLES)))
        return stored.thinned(step).physical([stored.bands.index(band) for band in bands]).reshape(len(bands), -1)


def _percentiles(taken: list[NDArray[np.float32]], count: int) -> NDArray[np.float32] | None:
    limits = np.empty((count, 2), dtype=np.float32)
    for band in range(count):
        values = np.concatenate([sample[band] for sample in taken]) if taken else np.empty(0)
        values = values[~np.isnan(values)]
        if not len(values):
            return None
        low, high = np.percentile(values, PERCENTILES)
        limits[band] = (low, high) if high > low else (low - 0.5, high + 0.5)
    return limits


def _either(limits: NDArray[np.float32] | None, count: int) -> NDArray[np.float32]:
    return limits if limits is not None else np.tile(np.float32([0, 1]), (count, 1))


def _spread(scenes: list[Scene], most: int) -> list[Scene]:
    if len(scenes) <= most:
        return scenes
    return [scenes[place] for place in np.linspace(0, len(scenes) - 1, most).round().astype(int)]
