"""Pictures of how a mask agrees with its label: the place, what a source believes of it, and its errors, all of one square of the scene."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from data.rasters.own import joined_to, reached
from data.rasters.probability import STEPS
from data.records import Scene
from data.store import Store
from modules.image_urls import CHIP
from modules.images.colours import HALO, NO_DATA, mask_colour, rgb
from modules.images.ground import Box, lake_outline
from modules.images.rendering import Painter
from modules.images.thumbs import square_of

CLEAR, AGREED, FALSE, MISSED, VEILED = range(5)
"""Places in the palette of errors."""
OPACITY = (0, 150, 235, 235, 170)
"""Of each: agreement is quiet, errors are loud, what is unknown is veiled."""


@dataclass(frozen=True)
class Judged:
    """What is held against what.

    Args:
        source: Whose mask.
        label: The source that is taken for the truth.
        scope: `lake` or `scene`, as in `scores`.
    """

    source: str
    label: str
    scope: str


def place(painter: Painter, store: Store, scene: Scene, scope: str) -> Box:
    """(left, top, right, bottom) px: the square about the scene's lake, or the largest one in the middle of the scene."""
    if scope == "lake":
        return square_of(painter, store, scene)
    grid = painter.pixels.header(store, scene).grid
    side = min(grid.shape)
    x, y = (grid.width - side) // 2, (grid.height - side) // 2
    return x, y, x + side, y + side


def chip(painter: Painter, store: Store, scene: Scene, look: str, scope: str) -> NDArray[np.uint8]:
    """(H, W, 3) of the place, at most CHIP px a side. Raises MissingError and RasterError as `Painter.part` does."""
    return painter.part(store, scene, look, place(painter, store, scene, scope), largest=CHIP)


def belief_png(painter: Painter, store: Store, scene: Scene, source: str, scope: str) -> bytes:
    """PNG of a source's probabilities: dark where 0, the source's colour where 1, grey where it could not tell.

    Raises:
        MissingError, RasterError: The scene or the mask cannot be read, or they lie on two grids.
    """
    left, top, right, bottom = place(painter, store, scene, scope)
    stored, _ = painter.pixels.mask(store, scene, source)
    share = np.minimum(np.arange(256) / STEPS, 1)[:, None]
    palette = np.rint(np.array(HALO) * (1 - share) + np.array(mask_colour(source)) * share).astype(np.uint8)
    palette[STEPS + 1 :] = NO_DATA
    return _png(stored[top:bottom, left:right], palette)


def errors_png(painter: Painter, store: Store, scene: Scene, judged: Judged) -> bytes:
    """PNG of `error_classes` within the place.

    Raises:
        MissingError, RasterError: As `belief_png`.
    """
    left, top, right, bottom = place(painter, store, scene, judged.scope)
    palette = np.array([(0, 0, 0), *(rgb(name) for name in ("agreed", "false", "missed")), HALO], dtype=np.uint8)
    return _png(error_classes(painter, store, scene, judged)[top:bottom, left:right], palette, bytes(OPACITY))


def error_classes(painter: Painter, store: Store, scene: Scene, judged: Judged) -> NDArray[np.uint8]:
    """(H, W) AGREED, FALSE or MISSED water of the scene, CLEAR where both say land, VEILED where one of them does not know.

    In scope `lake` mask and label are each cut to the water that touches the lake's outline, as scores are.

    Raises:
        MissingError, RasterError: A mask cannot be read or lies on another grid than the scene.
    """
    wet, strange, grid = painter.pixels.water(store, scene, judged.source)
    truth, unknown, _ = painter.pixels.water(store, scene, judged.label)
    outline = lake_outline(store, scene, grid) if judged.scope == "lake" else None
    if outline is not None:
        touched = reached(outline, grid.shape)
        wet, truth = joined_to(wet, touched), joined_to(truth, touched)
    classes = np.select([wet & truth, wet, truth], [AGREED, FALSE, MISSED], CLEAR).astype(np.uint8)
    classes[strange | unknown] = VEILED
    return classes


def _png(places: NDArray[np.uint8], palette: NDArray[np.uint8], opacity: bytes | None = None) -> bytes:
    """A palette PNG at CHIP px or less: every pixel keeps one of the values that are there."""
    picture = Image.fromarray(np.ascontiguousarray(places), "P")
    picture.putpalette(palette.tobytes())
    if max(picture.size) > CHIP:
        picture = picture.resize((CHIP, CHIP), Image.Resampling.NEAREST)
    made = io.BytesIO()
    picture.save(made, "PNG", compress_level=6, **({} if opacity is None else {"transparency": opacity}))
    return made.getvalue()
