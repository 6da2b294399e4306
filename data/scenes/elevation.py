"""Elevation models that cover scenes, cut to them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import shapely
from pyproj.exceptions import ProjError

from data.cache import fingerprint
from data.errors import RasterError
from data.rasters.grid import Grid
from data.rasters.reading import header, read_stored
from data.rasters.writing import write_floats

FOLDER = "dem"
SPARE = 3
"""px of the model beyond the scene on each side, for slopes at its edge."""
WHOLE = 0.999


@dataclass(frozen=True)
class Model:
    """An elevation model.

    Args:
        path: The file; band 1 is elevation in m.
    """

    path: Path

    @cached_property
    def grid(self) -> Grid:
        """Of the file. Raises RasterError where it cannot be read, or nobody knows where it lies."""
        found = header(self.path).grid
        if not found.crs:
            raise RasterError(f"{self.path} has no coordinate reference system", "add it: gdal_edit.py -a_srs EPSG:…")
        return found

    @cached_property
    def token(self) -> str:
        """Names the file as it is now."""
        told = self.path.stat()
        return fingerprint(self.path.name, str(told.st_size), str(told.st_mtime_ns))[:8]

    def cut(self, scene: Grid) -> Cut | None:
        """The part under a scene, None where they do not meet."""
        frame = shapely.segmentize(shapely.box(0, 0, scene.width, scene.height), max(scene.shape) / 8)
        try:
            area = self.grid.to_pixels(scene.to_lonlat(frame))
        except ProjError:
            return None
        whole = shapely.box(0, 0, self.grid.width, self.grid.height)
        if not np.isfinite(area.bounds).all() or not area.intersects(whole):
            return None
        low, high = np.floor(area.bounds[:2]).astype(int) - SPARE, np.ceil(area.bounds[2:]).astype(int) + SPARE
        left, top = np.maximum(low, 0).tolist()
        right, bottom = np.minimum(high, [self.grid.width, self.grid.height]).tolist()
        share = area.intersection(whole).area / area.area
        return Cut(self, (left, top, right, bottom), float(share)) if right > left and bottom > top and share > 0 else None


@dataclass(frozen=True)
class Cut:
    """A part of an elevation model.

    Args:
        model: The whole.
        window: Left, top, right, bottom, px of the model.
        share: Of the scene that it covers, 0 to 1.
    """

    model: Model
    window: tuple[int, int, int, int]
    share: float

    @property
    def path(self) -> str:
        """From the dataset's folder; scenes of one place share it."""
        plain = re.sub(r"[^A-Za-z0-9]+", "-", self.model.path.stem).strip("-")[:40] or "dem"
        left, top, right, bottom = self.window
        return f"{FOLDER}/{plain}_{self.model.token}_{left}_{top}_{right - left}x{bottom - top}.tif"

    def write(self, dataset: Path) -> None:
        """Write the part, unless it is there. Raises RasterError where the model cannot be read."""
        if (dataset / self.path).exists():
            return
        stored = read_stored(self.model.path, [1], self.window)
        write_floats(dataset / self.path, stored.physical(), ["elevation"], stored.grid)


def best(models: Sequence[Model], scene: Grid) -> Cut | None:
    """The part of the first model that covers all of a scene, else of the one that covers most; None where none does.

    Raises:
        RasterError: A model cannot be read.
    """
    if not scene.crs:
        return None
    cuts = [cut for model in models if (cut := model.cut(scene)) is not None]
    whole = [cut for cut in cuts if cut.share >= WHOLE]
    return whole[0] if whole else max(cuts, key=lambda cut: cut.share, default=None)
