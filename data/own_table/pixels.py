"""The pixel that outlines were drawn from, guessed: told by scene ids, else seen in the steps of the outlines, else by a name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from data.importing.dates import scene
from data.importing.frames import objects
from data.readers import Layer

SIZES = (3.0, 5.0, 10.0, 15.0, 20.0, 30.0, 60.0)
"""Metres that are looked for in the steps of outlines."""
OUTLINES = 300
"""Outlines that are looked at, evenly spread."""
ON_STEP, MOSTLY = 0.06, 0.7
"""An edge is a step if it is within 6 % of a pixel of a whole number of pixels; this share of the edges must be."""
LANDSAT = 30.0
METRES_A_DEGREE = 111_195.0
SENSORS = (
    (re.compile(r"sentinel|(?<![a-z0-9])s2(?![a-z0-9])", re.IGNORECASE), "Sentinel-2", 10.0),
    (re.compile(r"planet", re.IGNORECASE), "PlanetScope", 3.0),
    (re.compile(r"landsat|(?<![a-z0-9])l[4-9](?![a-z0-9])", re.IGNORECASE), "Landsat", LANDSAT),
    (re.compile(r"aster", re.IGNORECASE), "ASTER", 15.0),
)


@dataclass(frozen=True)
class Pixel:
    """A guess.

    Args:
        metres: Side of the pixel.
        why: How that is known, as a sentence.
        sure: Whether the file tells it.
    """

    metres: float
    why: str
    sure: bool = False


def pixel_guess(layers: Sequence[Layer], scene_column: str | None) -> Pixel:
    """What the pixel most likely was."""
    told = _told(layers, scene_column) if scene_column else None
    if told is not None:
        return told
    shapes = np.concatenate([layer.shapes for layer in layers if layer.shapes is not None] or [np.empty(0, dtype=object)])
    step = _step(shapes)
    if step is not None:
        return Pixel(step, f"The outlines have steps of {step:g} m.", sure=True)
    names = " ".join([layer.stem for layer in layers] + [str(name) for name in layers[0].frame.columns])
    for pattern, sensor, metres in SENSORS:
        if pattern.search(names):
            return Pixel(metres, f"The file speaks of {sensor}.")
    return Pixel(LANDSAT, "Nothing in the file tells; most inventories are drawn from Landsat.")


def _told(layers: Sequence[Layer], scene_column: str) -> Pixel | None:
    """The commonest pixel of the scene ids, where there are any."""
    ids = {cell for layer in layers for cell in objects(layer.frame, scene_column)}
    scenes = [found for cell in ids if (found := scene(cell)) and found.pixel_m]
    if not scenes:
        return None
    sizes = [found.pixel_m or 0.0 for found in scenes]
    metres = max(set(sizes), key=sizes.count)
    sensors = sorted({found.sensor or "" for found in scenes if found.pixel_m == metres})
    return Pixel(metres, f"The scene ids in {scene_column} are of {', '.join(sensors[:3])}.", sure=True)


def _step(shapes: NDArray[np.object_]) -> float | None:
    """The largest size of SIZES of which nearly every edge is a whole multiple, across or along; None where none is.

    Edges of outlines drawn from pixels lie along the axes of their map, which may be turned against north: their length tells all the same.
    """
    drawn = shapes[shapely.get_num_coordinates(shapes) > 8] if len(shapes) else shapes
    if not len(drawn):
        return None
    lengths = np.concatenate([_edges(shape) for shape in drawn[:: max(len(drawn) // OUTLINES, 1)][:OUTLINES]])
    lengths = lengths[lengths > min(SIZES) / 2]
    fitting = [size for size in SIZES if len(lengths) and _share(lengths / size) > MOSTLY]
    return max(fitting, default=None)


def _share(steps: NDArray[np.float64]) -> float:
    return float(np.mean((np.abs(steps - np.round(steps)) < ON_STEP) & (steps > 0.5)))


def _edges(shape: shapely.Geometry) -> NDArray[np.float64]:
    """(E,) lengths of a shape's edges in metres, on a sphere, as good as 1 %."""
    points = shapely.get_coordinates(shape)
    across, up = np.diff(points, axis=0).T
    return np.hypot(across * np.cos(np.radians(points[:-1, 1])), up) * METRES_A_DEGREE
