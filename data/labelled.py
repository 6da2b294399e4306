"""Scenes with labels as training takes them: arrays on the scene's own grid, the lake's old outlines beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from data.afar.places import there
from data.cache import fingerprint
from data.errors import RasterError
from data.known_lakes import KnownLakes
from data.rasters.grid import Grid
from data.rasters.own import own_water, rasterised
from data.rasters.probability import UNKNOWN, water
from data.rasters.reading import read_bytes, read_stored
from data.records import LabelledScene, Scene
from data.regions import scene_regions
from data.scene_bands import judged_bands
from data.splits import honest_splits
from data.store import Store


def dealt_splits(store: Store, label: str, seed: int) -> tuple[dict[int, str], bool]:
    """The split of each scene that has a label, and whether it is the dataset's own (`data.splits.honest_splits`)."""
    labelled = {scene.scene_key: scene for scene in store.scenes if label in scene.masks}
    regions = {key: region for key, region in scene_regions(store).items() if key in labelled}
    return honest_splits(regions, {key: scene.split for key, scene in labelled.items()}, seed)


def splits_digest(splits: Mapping[int, str]) -> str:
    """By which a run tells how its scenes were dealt out."""
    return fingerprint(repr(sorted(splits.items())))


class Labelled:
    """The labelled scenes of a dataset.

    Args:
        store: The dataset.
        label: The source that is taken for the truth.
        bands: (B,) names of the bands wanted, in order.
    """

    def __init__(self, store: Store, label: str, bands: Sequence[str]) -> None:
        self._store, self._label, self._bands = store, label, tuple(bands)
        self._lakes = KnownLakes(store)
        self._regions = scene_regions(store)
        self._drawn: tuple[object, tuple[NDArray[np.bool_], ...]] = (None, ())

    def scenes(self) -> Iterator[Scene]:
        """Those that have a label and a file."""
        return (scene for scene in self._store.scenes if self._label in scene.masks and there(scene.path))

    def read(self, scene: Scene) -> LabelledScene:
        """One scene as arrays.

        Raises:
            RasterError: A file cannot be read, or label and scene lie on two grids.
            InputError: A band is lacking.
        """
        read = read_stored(scene.path)
        stored, grid = read_bytes(scene.masks[self._label])
        if not grid.same(read.grid):
            raise RasterError(
                f"{scene.path} and its label lie on two grids", "take the label in again: it is brought onto the scene's grid"
            )
        bands = judged_bands(scene, read.bands, read.grid)
        missing = [name for name in self._bands if name not in bands]
        if missing:
            raise RasterError(
                f"{scene.path} has no band {', '.join(missing)} (it has {', '.join(bands)})", "choose a model for these bands"
            )
        values = read.physical()[[bands.index(name) for name in self._bands]]
        label = _label(stored, water(stored))
        outline = self._lakes.outline(scene.lake_key)
        own = label if outline is None else _label(stored, own_water(water(stored), grid.to_pixels(outline)))
        return LabelledScene(
            scene.scene_key, values.astype(np.float16), label, own, self._outlines(scene, grid) or (own == 1,),
            self._regions[scene.scene_key], scene.reason, scene.split, scene.pixel_m,
        )  # fmt: skip

    def _outlines(self, scene: Scene, grid: Grid) -> tuple[NDArray[np.bool_], ...]:
        """As many as the lake has, oldest first; the scenes of a lake mostly lie on one grid and share them."""
        asked = (scene.lake_key, grid)
        if self._drawn[0] != asked:
            shapes = [grid.to_pixels(each) for each in self._lakes.outlines(scene.lake_key)]
            self._drawn = (asked, tuple(rasterised(each, (grid.height, grid.width)) for each in shapes))
        return self._drawn[1]


def _label(stored: NDArray[np.uint8], wet: NDArray[np.bool_]) -> NDArray[np.uint8]:
    return np.where(stored == UNKNOWN, np.uint8(UNKNOWN), wet.astype(np.uint8))
