"""Filling a pack: the files of a group of scenes, written below the pack's folder, and what they weigh."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj.exceptions import ProjError

from data.errors import MoraineError, RasterError
from data.packing.previews import Ranges, ranges_of, write_heights, write_preview
from data.packing.sums import line_bytes
from data.rasters.grid import Grid
from data.rasters.own import rasterised
from data.rasters.reading import header, read_bytes, read_stored
from data.rasters.writing import write_mask
from data.records import Scene
from data.store import Store

MARGIN = 4
"""px of an elevation model that are packed beyond the scenes."""
SHORE_KM, SHORE_SHARE = 0.2, 0.4
"""The shore is as wide as the greater of these: kilometres, and a share of the square root of the lake's largest area."""


@dataclass
class Group:
    """Scenes that are packed together, and what became of them.

    Args:
        scenes: Of one lake, or one of none.
        files: What was written for them, below the pack's folder.
        heights: Of these, the elevation models.
        dems: scene_key → the elevation model that came along, for those that have one.
        trouble: scene_key → why it cannot be packed.
    """

    scenes: list[Scene]
    files: list[Path] = field(default_factory=list[Path])
    heights: list[Path] = field(default_factory=list[Path])
    dems: dict[int, str] = field(default_factory=dict[int, str])
    trouble: dict[int, str] = field(default_factory=dict[int, str])
    steps: int = 0

    @property
    def kept(self) -> list[Scene]:
        return [scene for scene in self.scenes if scene.scene_key not in self.trouble]

    def drop(self) -> None:
        """Take away what was written."""
        for path in self.files:
            path.unlink(missing_ok=True)
        self.files.clear()


class Filler:
    """Writes groups of scenes.

    Args:
        store: The dataset that they come from.
        pack: Where they go.
    """

    def __init__(self, store: Store, pack: Path) -> None:
        self._store, self._dataset, self._pack = store, store.path.absolute(), pack

    def fill(self, scenes: Sequence[Scene], steps: int) -> Group:
        """Write all that belongs to some scenes; one whose files are missing or damaged is left out, and the group says why."""
        group = Group(list(scenes))
        for scene in group.scenes:
            missing = [path for path in (scene.path, *scene.masks.values()) if not path.exists()]
            if missing:
                group.trouble[scene.scene_key] = f"{self._name(missing[0])} is not there"
        ranges = self._ranges(group)
        for scene in group.kept:
            try:
                self._scene(group, scene, ranges, steps)
            except RasterError as error:
                group.trouble[scene.scene_key] = self._told(error)
        self._heights(group)
        return group

    def weight(self, files: Iterable[Path]) -> int:
        """Bytes that files add to a pack."""
        return sum(path.stat().st_size + line_bytes(path.relative_to(self._pack).as_posix()) for path in files)

    def _ranges(self, group: Group) -> Ranges:
        """Of the scenes that can be read; one that cannot is left out."""
        while group.kept:
            for scene in group.kept:
                try:
                    header(scene.path)
                except RasterError as error:
                    group.trouble[scene.scene_key] = self._told(error)
            try:
                return ranges_of([scene for scene in group.kept if not header(scene.path).picture])
            except RasterError as error:
                broken = next((scene for scene in group.kept if str(scene.path) in error.what), group.kept[-1])
                group.trouble[broken.scene_key] = self._told(error)
        return {}

    def _scene(self, group: Group, scene: Scene, ranges: Ranges, steps: int) -> None:
        written: list[Path] = []
        try:
            for path in scene.masks.values():
                stored, grid = read_bytes(path)
                written.append(self._pack / self._name(path))
                write_mask(written[-1], stored, grid, compact=True)
            written.append(self._pack / self._name(scene.path))
            if header(scene.path).picture:
                written[-1].parent.mkdir(parents=True, exist_ok=True)
                written[-1].write_bytes(scene.path.read_bytes())
            else:
                stored = read_stored(scene.path)
                write_preview(written[-1], stored, ranges, steps, self._near(scene, stored.grid))
                group.steps = steps
        except RasterError:
            Group([], written).drop()
            raise
        group.files += written

    def _near(self, scene: Scene, grid: Grid) -> NDArray[np.bool_] | None:
        """(H, W) the lake and its shores, as wide as they ever were; None where nobody knows."""
        if scene.lake_key is None or not grid.crs:
            return None
        rows = self._store.outlines(scene.lake_key)
        shapes = shapely.from_wkb(rows["geometry"].to_numpy(), on_invalid="ignore")
        largest = float(rows["area_km2"].to_numpy().max(initial=0.0))
        try:
            shore = max(SHORE_KM, SHORE_SHARE * largest**0.5) * 1000 / grid.pixel_m
            near = shapely.buffer(grid.to_pixels(shapely.union_all(shapes)), shore)
        except (ProjError, shapely.GEOSException, ValueError):
            return None
        painted = rasterised(near, grid.shape) if not near.is_empty else None
        return painted if painted is not None and painted.any() else None

    def _heights(self, group: Group) -> None:
        """The part of each elevation model that lies under the group's scenes; one that cannot be used does not come along."""
        for dem in {scene.dem for scene in group.kept if scene.dem is not None}:
            over = [scene for scene in group.kept if scene.dem == dem]
            name = Path(self._name(dem)).with_name(f"{dem.stem}-{over[0].scene_key}.tif")
            try:
                whole, grids = header(dem).grid, [header(scene.path).grid for scene in over]
                largest = 2 * max(max(grid.shape) for grid in grids)
                write_heights(self._pack / name, read_stored(dem, [1], _window(whole, grids), largest))
            except (MoraineError, ProjError, ValueError):
                continue
            group.files.append(self._pack / name)
            group.heights.append(self._pack / name)
            group.dems |= {scene.scene_key: name.as_posix() for scene in over}

    def _name(self, path: Path) -> str:
        return path.relative_to(self._dataset).as_posix()

    def _told(self, error: RasterError) -> str:
        return error.what.replace(f"{self._dataset}/", "")


def _window(whole: Grid, grids: Sequence[Grid]) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) px of a raster that lie under others, with a margin. Raises ProjError and ValueError where none do."""
    edges = [grid.to_lonlat(shapely.segmentize(shapely.box(0, 0, grid.width, grid.height), max(grid.shape) / 8)) for grid in grids]
    left, top, right, bottom = whole.to_pixels(shapely.union_all(edges)).bounds
    return int(left) - MARGIN, int(top) - MARGIN, int(right) + 1 + MARGIN, int(bottom) + 1 + MARGIN
