"""Thumbnails: the lake and a little around it, its water outlined."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from data.rasters.grid import Grid
from data.records import Scene
from data.store import Store
from modules.image_urls import THUMB
from modules.images.colours import HALO, mask_colour
from modules.images.ground import Box, lake_square
from modules.images.masks import edge_rings
from modules.images.rendering import Painter


@dataclass(frozen=True)
class Shown:
    """What small pictures show: a look, the source whose water is outlined (None: no outline), and above which threshold if not its own."""

    look: str
    source: str | None
    above: float | None = None


def thumb(painter: Painter, store: Store, scene: Scene, shown: Shown) -> NDArray[np.uint8]:
    """(THUMB, THUMB, 3) of the square about the scene's lake; the whole scene's middle square where the lake is not known.

    Raises:
        MissingError, RasterError: The scene or the mask cannot be read.
    """
    return np.asarray(small(painter, store, scene, shown, THUMB))


def small(painter: Painter, store: Store, scene: Scene, shown: Shown, side: int) -> Image.Image:
    """The square about the scene's lake, `side` px wide; a mask that the scene does not have is not drawn."""
    square = square_of(painter, store, scene)
    found = Image.fromarray(painter.part(store, scene, shown.look, square, largest=2 * side))
    picture = found.resize((side, side), Image.Resampling.BICUBIC if found.width < side else Image.Resampling.BOX)
    if shown.source is not None and shown.source in scene.masks:
        left, top, right, bottom = square
        wet, _, _ = painter.pixels.water(store, scene, shown.source, shown.above)
        outline(picture, wet[top:bottom, left:right], shown.source)
    return picture


def square_of(painter: Painter, store: Store, scene: Scene) -> Box:
    """(left, top, right, bottom) px: the square about the lake, else the largest one in the middle of the scene."""
    grid = painter.pixels.header(store, scene).grid
    return painter.squares.made((store.digest, scene.lake_key, grid), lambda: _square(store, scene, grid))


def _square(store: Store, scene: Scene, grid: Grid) -> Box:
    found = lake_square(store, scene, grid) if grid.crs else None
    if found is not None:
        return found
    side = min(grid.shape)
    x, y = (grid.width - side) // 2, (grid.height - side) // 2
    return x, y, x + side, y + side


def outline(picture: Image.Image, wet: NDArray[np.bool_], source: str) -> None:
    """Draw the edge of water (of the same place as the picture, at any size) into a picture, light on dark so that it reads anywhere."""
    if not wet.any():
        return
    draw = ImageDraw.Draw(picture)
    across, down = picture.width / wet.shape[1], picture.height / wet.shape[0]
    lines = [[(x * across, y * down) for x, y in ring] for ring in edge_rings(wet)]
    for width, colour in ((4, HALO), (2, mask_colour(source))):
        for line in lines:
            draw.line(line, fill=colour, width=width, joint="curve")
