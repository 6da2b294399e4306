"""A mask as a picture and as outlines."""

from __future__ import annotations

import io
import json

import numpy as np
import shapely
from numpy.typing import NDArray
from PIL import Image

from data.rasters.own import own_water
from data.rasters.vectors import water_shape
from data.records import Scene
from data.store import Store
from modules.image_urls import LARGEST
from modules.images.colours import mask_colour
from modules.images.ground import lake_outline
from modules.images.pixels import Pixels

CLEAR, WATER = 0, 1
"""Places in the picture's palette. What the source could not tell is as clear as land: only the scene itself shows why."""


def mask_png(pixels: Pixels, store: Store, scene: Scene, source: str, above: float | None = None) -> bytes:
    """PNG with a palette: water opaque in the colour of its source, all else transparent; the size of the whole-scene picture.

    Of a scene larger than LARGEST px each pixel is water where at least half of what it stands for is.

    Raises:
        MissingError, RasterError: The mask cannot be read or lies on another grid than the scene.
    """
    wet, _, _ = pixels.water(store, scene, source, above)
    picture = Image.fromarray(shrunk(wet).astype(np.uint8) * WATER, "P")
    picture.putpalette([0, 0, 0, *mask_colour(source)])
    made = io.BytesIO()
    picture.save(made, "PNG", transparency=CLEAR, bits=1, compress_level=6)
    return made.getvalue()


def shrunk(wet: NDArray[np.bool_], largest: int = LARGEST) -> NDArray[np.bool_]:
    """(H, W) booleans at most `largest` px a side: the majority of what each pixel stands for."""
    height, width = wet.shape
    shrink = max(1.0, max(height, width) / largest)
    if shrink == 1:
        return wet
    size = max(1, round(width / shrink)), max(1, round(height / shrink))
    return np.asarray(Image.fromarray(wet.astype(np.uint8) * 255).resize(size, Image.Resampling.BOX)) >= 128


def mask_rings(pixels: Pixels, store: Store, scene: Scene, source: str, above: float | None = None) -> bytes:
    """The JSON of `modules.image_urls.rings_url`: outlines along the edges of pixels, of exactly the area of the mask.

    `own` is the water that touches the newest outline of the scene's lake (see `data.rasters.own`); of a scene of no lake, all of it.
    Exteriors and holes run in opposite directions: fill them by the even-odd rule.

    Raises:
        MissingError, RasterError: As `mask_png`.
    """
    wet, _, grid = pixels.water(store, scene, source, above)
    left, top, right, bottom = extent(wet)
    wet = wet[top:bottom, left:right]
    if scene.lake_key is None:
        own = wet
    else:
        lake = lake_outline(store, scene, grid)
        own = own_water(wet, shapely.transform(lake, lambda xy: xy - (left, top)) if lake is not None else shapely.Polygon())
    told = {"own": edge_rings(own, (left, top)), "other": edge_rings(wet & ~own, (left, top))}
    return json.dumps(told, separators=(",", ":")).encode()


def extent(wet: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) of what is true; no pixel where nothing is. What follows costs as much as it is large."""
    rows, columns = np.flatnonzero(wet.any(axis=1)), np.flatnonzero(wet.any(axis=0))
    if not len(rows):
        return 0, 0, 0, 0
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def edge_rings(wet: NDArray[np.bool_], corner: tuple[int, int] = (0, 0)) -> list[list[list[int]]]:
    """Rings in px along the edges of the pixels that are true; exteriors first, each followed by its holes.

    Args:
        wet: (H, W).
        corner: (x, y) px of its top left corner.
    """
    left, top, right, bottom = extent(wet)
    found: list[list[list[int]]] = []
    if right == left:
        return found
    moved = np.array([left + corner[0], top + corner[1]])
    for part in shapely.get_parts(shapely.orient_polygons(water_shape(wet[top:bottom, left:right]))):
        rings = (part.exterior, *part.interiors)
        found += [(np.rint(shapely.get_coordinates(ring)).astype(int) + moved).tolist() for ring in rings]
    return found
