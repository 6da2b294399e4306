"""Which lake and which scene a mask belongs to. Ids are not unique: what overlap does not decide is listed, never guessed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from data.errors import RasterError
from data.known_lakes import KnownLakes, lake_names
from data.masks.finding import Given
from data.masks.pixels import grid_of
from data.problems import Problem
from data.rasters.grid import Grid
from data.rasters.own import reached
from data.records import Scene
from data.store import Store

Water = Callable[[], NDArray[np.bool_]]


@dataclass(frozen=True)
class Target:
    """Where a mask belongs.

    Args:
        lake_key: The lake; None for a scene that shows none in particular.
        scene: None where the dataset has no image of that lake and day.
    """

    lake_key: int | None
    scene: Scene | None


def refused(given: Given, error: RasterError) -> Problem:
    """A mask of which something cannot be used."""
    return Problem(given.name, "refused", f"{error.what.removeprefix(f'{given.path} ')}: {error.remedy}")


class Matcher:
    """The lakes and scenes of a dataset, by what masks say of them.

    Args:
        store: The dataset.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lakes = KnownLakes(store)
        self._grids: dict[Path, Grid | None] = {}
        self._faults: dict[Path, str] = {}

    @cached_property
    def _scenes_by_stem(self) -> dict[str, list[int]]:
        held: dict[str, list[int]] = {}
        rows = self._store.scenes.rows
        names = rows["name"] if "name" in rows.columns else rows["path"]
        for key, path, name in zip(rows["scene_key"], rows["path"], names, strict=True):
            for stem in {Path(str(path)).stem, str(name)}:
                held.setdefault(stem, []).append(int(key))
        return held

    def outline(self, lake_key: int | None) -> BaseGeometry | None:
        """The newest outline of a lake in longitude and latitude, mended; None where it has none."""
        return self._lakes.outline(lake_key)

    def grid(self, scene: Scene | None) -> Grid | None:
        """The grid of a scene's file; None where it cannot be read, and then `fault` says why."""
        if scene is None:
            return None
        if scene.path not in self._grids:
            try:
                self._grids[scene.path] = grid_of(scene.path)
            except RasterError as error:
                self._grids[scene.path], self._faults[scene.path] = None, error.what
        return self._grids[scene.path]

    def fault(self, scene: Scene | None) -> str:
        """Why the file of a scene that `grid` was asked of cannot be read; empty where it can."""
        return self._faults.get(scene.path, "") if scene is not None else ""

    def _aligned(self, scene: Scene, grid: Grid | None) -> bool:
        own = self.grid(scene) if grid is not None else None
        return own is not None and grid is not None and own.same(grid)

    def target(self, given: Given, grid: Grid | None, water: Water) -> Target | Problem:
        """Where a mask belongs.

        Args:
            given: The mask.
            grid: Its own grid, None for polygons.
            water: Its water on that grid; asked for only where nothing else decides.

        Raises:
            RasterError: The mask cannot be read.
        """
        named = [scene for key in self._scenes_by_stem.get(given.stem, ()) if (scene := self._store.scenes.scene(key))]
        free = [scene for scene in named if scene.lake_key is None]
        if len(named) == len(free) == 1:
            return Target(None, free[0])
        if len(free) > 1:
            return Problem(given.name, "ambiguous", f"{len(free)} scenes are called {given.stem}: give each scene its own name")
        shown = {scene.lake_key for scene in named if scene.lake_key is not None}
        lakes = sorted(shown.union(self._lakes.called(given.lake_id)))
        if not lakes:
            remedy = "name it <GL_ID>_<date>_prob.tif after a lake of the dataset"
            return Problem(given.name, "unmatched", f"no lake has the id {given.lake_id!r}: {remedy}")
        reaching = self._reaching(lakes, given, grid)
        if not reaching:
            return Problem(given.name, "unmatched", f"it does not cover the outline of {lake_names(lakes)}: it shows another place")
        of_lake = {key: self._scenes_of(key, given, named) for key in reaching}
        return self._decided(given, grid, water, of_lake)

    def _decided(self, given: Given, grid: Grid | None, water: Water, of_lake: dict[int, list[Scene]]) -> Target | Problem:
        key = next(iter(of_lake)) if len(of_lake) == 1 else self._one_of(given, grid, water, of_lake)
        if key is None:
            what = f"the id {given.lake_id} belongs to {lake_names(of_lake)}, and the mask lies over several of them"
            return Problem(given.name, "ambiguous", f"{what}: give each lake its own id, or cut the mask to one lake")
        scenes = of_lake[key]
        if len(scenes) > 1:
            scenes = [scene for scene in scenes if self._aligned(scene, grid)] or scenes
        if len(scenes) > 1:
            what = f"lake {key} has {len(scenes)} scenes of that time"
            return Problem(given.name, "ambiguous", f"{what}, and none of them alone has its grid: give it the name of its scene")
        if not scenes and given.day is None and given.year is None:
            return Problem(given.name, "unmatched", "its name holds no day: name it <GL_ID>_<yyyy-mm-dd>_prob.tif")
        return Target(key, scenes[0] if scenes else None)

    def _reaching(self, lakes: Sequence[int], given: Given, grid: Grid | None) -> list[int]:
        """The lakes whose outline the mask covers at least in part; all, where nobody knows where it lies."""
        if given.shape is not None:
            ground = given.shape.buffer(1e-4)
        elif grid is not None and grid.crs:
            ground = grid.to_lonlat(shapely.box(0, 0, grid.width, grid.height))
        else:
            return list(lakes)
        drawn = {key: self.outline(key) for key in lakes}
        return [key for key, outline in drawn.items() if outline is None or outline.intersects(ground)]

    def _scenes_of(self, lake_key: int, given: Given, named: Sequence[Scene]) -> list[Scene]:
        own = [scene for scene in named if scene.lake_key == lake_key]
        if own:
            return own
        scenes = self._store.scenes.of_lake(lake_key)
        if given.day is not None:
            return [scene for scene in scenes if scene.date == given.day]
        return [scene for scene in scenes if given.year is not None and scene.date is not None and scene.date.year == given.year]

    def _one_of(self, given: Given, grid: Grid | None, water: Water, of_lake: dict[int, list[Scene]]) -> int | None:
        """The only lake with a scene on the mask's grid, else the only one whose outline the mask's water meets."""
        aligned = [key for key, scenes in of_lake.items() if any(self._aligned(scene, grid) for scene in scenes)]
        if len(aligned) == 1:
            return aligned[0]
        wet = [key for key in of_lake if self._meets(key, given, grid, water)]
        return wet[0] if len(wet) == 1 else None

    def _meets(self, lake_key: int, given: Given, grid: Grid | None, water: Water) -> bool:
        outline = self.outline(lake_key)
        if outline is None:
            return False
        if given.shape is not None:
            return outline.intersects(given.shape)
        if grid is None or not grid.crs:
            return False
        wet = water()
        return bool((reached(grid.to_pixels(outline), wet.shape) & wet).any())
