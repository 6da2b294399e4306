"""Thumbnails: the lake and a little around it, its water outlined."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from data.rasters.grid import Grid
from data.records import Scene
from data.store import Store
from modules.image_urls import THUMB
from modules.images.colours import HALO, mask_colour
from modules.images.ground import lake_square
from modules.images.masks import edge_rings
from modules.images.rendering import Painter


def thumb(painter: Painter, store: Store, scene: Scene, look: str, source: str | None) -> NDArray[np.uint8]:
    """(THUMB, THUMB, 3) of the square about the scene's lake; the whole scene's middle square where the lake is not known.

    Raises:
        MissingError, RasterError: The scene or the mask cannot be read.
    """
    grid = painter.pixels.header(store, scene).grid
    square = square_of(store, scene, grid)
    picture = Image.fromarray(painter.part(store, scene, look, square, largest=2 * THUMB))
    picture = picture.resize((THUMB, THUMB), Image.Resampling.BICUBIC if picture.width < THUMB else Image.Resampling.BOX)
    if source is not None:
        left, top, right, bottom = square
        wet, _, _ = painter.pixels.water(store, scene, source)
        outline(picture, wet[top:bottom, left:right], source)
    return np.asarray(picture)


def square_of(store: Store, scene: Scene, grid: Grid) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) px: the square about the lake, else the largest one in the middle of the scene."""
    found = lake_square(store, scene, grid) if grid.crs else None
    if found is not None:
        return found[0], found[1], found[2], found[3]
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
