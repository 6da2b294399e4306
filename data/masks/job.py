"""One mask that is to be taken in: what was handed in, where it belongs, and by what it is known when it comes again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import shapely
from shapely.geometry.base import BaseGeometry

from data.cache import file_digest, fingerprint
from data.masks.finding import Given
from data.masks.matching import Target
from data.masks.values import Meaning
from data.rasters.grid import Grid

VERSION = "1"
"""Part of every record: a change in how masks are made must make them anew."""


@dataclass(frozen=True)
class Job:
    """A mask that is to be taken in.

    Args:
        given: The mask.
        target: Where it belongs.
        grid: Its own grid, None for polygons.
        scene_grid: The grid of its scene, None without a scene.
        outline: Of the lake in longitude and latitude, None where it has none or there is no lake.
        means: What its values mean, and those of the `_pred` file beside it.
        threshold: At which the two are compared.
        factor: `area_sd_factor` of the dataset.
        pixel_m: The pixel that outlines of the dataset were drawn from, m, None where that differs.
        fault: Why its scene's file cannot be read; empty where it can, or there is none.
    """

    given: Given
    target: Target
    grid: Grid | None
    scene_grid: Grid | None
    outline: BaseGeometry | None
    means: Meaning
    second_means: Meaning | None
    threshold: float
    factor: float
    pixel_m: float | None = None
    fault: str = ""

    @property
    def called(self) -> str:
        """The mask's name, with what is wrong with its scene."""
        return f"{self.given.name} (its scene cannot be read: {self.fault})" if self.fault else self.given.name

    @property
    def day(self) -> date | None:
        """The day of its area rows."""
        scene = self.target.scene
        return scene.date if scene is not None and scene.date is not None else self.given.day

    @property
    def binary(self) -> bool:
        """Whether it has no probabilities."""
        return self.given.shape is not None or self.means.binary

    @property
    def measurable(self) -> bool:
        """Whether it gives area rows."""
        grid = self.scene_grid or self.grid
        placed = bool(grid.crs) if grid is not None else self.given.shape is not None
        return self.target.lake_key is not None and self.outline is not None and self.day is not None and placed

    def record(self) -> str:
        """A digest of everything that its mask and area rows follow from."""
        given, scene = self.given, self.target.scene
        second = f"{file_digest(given.second)} {self.second_means} {self.threshold}" if given.second else ""
        content = shapely.to_wkb(given.shape) if given.shape is not None else file_digest(given.path)
        image = "" if scene is None else f"{scene.scene_key} {scene.valid_share} {scene.reason} {scene.sensor} {self.scene_grid}"
        outline = shapely.to_wkb(self.outline) if self.outline is not None else b""
        asked = f"{self.target.lake_key} {self.day} {self.means} {self.factor} {self.pixel_m} {given.name}"
        return fingerprint(VERSION, content, second, image, outline, asked)
