"""`Scenery`: all of a place that stands still, made once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from data.rasters.coverage import covered
from data.simulate.chips import Place, Sight
from data.simulate.fractal import Field, distance, ramp
from data.simulate.relief import MARGIN, Relief, make_relief
from data.simulate.sky import slopes
from data.simulate.surfaces import Surfaces, make_surfaces

INNER = (slice(MARGIN, -MARGIN), slice(MARGIN, -MARGIN))


@dataclass(frozen=True)
class Scenery:
    """What the dates of a place share; on the chip's grid but for `height`, which has MARGIN.

    Args:
        place: Whose.
        relief, surfaces: Of the ground.
        height: (H + 2 MARGIN, W + 2 MARGIN) m.
        slope: Rise to the east and to the north, (H, W) each.
        basin: (H, W) wherever the lake ever is.
        front: By sight: m along the valley of the shore nearest the glacier so far; the ice never comes back.
    """

    place: Place
    relief: Relief
    surfaces: Surfaces
    height: Field
    slope: tuple[Field, Field]
    basin: NDArray[np.bool_]
    front: tuple[float, ...]


def make_scenery(place: Place, sights: Sequence[Sight]) -> Scenery:
    """The ground on which all dates are painted."""
    rng = np.random.default_rng([place.seed, place.lake_key])
    shape = place.grid.shape
    own = [covered(sight.water[:1], shape) > 0.5 for sight in sights]
    basin = np.logical_or.reduce([covered(sight.water[:1], shape) > 0 for sight in sights]) if sights else np.zeros(shape, dtype=bool)
    if not basin.any():
        basin = basin.copy()
        basin[shape[0] // 2 - 4 : shape[0] // 2 + 4, shape[1] // 2 - 4 : shape[1] // 2 + 4] = True
    relief = make_relief(rng, place, np.pad(basin, MARGIN))
    others = covered([one for sight in sights for one in sight.water[1:]], shape) > 0
    relief = replace(relief, height=_with_ponds(relief.height, np.pad(others & ~basin, MARGIN)))
    surfaces = make_surfaces(rng, place, relief)
    inner = _inner_relief(relief)
    return Scenery(
        place, inner, _inner_surfaces(surfaces), relief.height, _inner_pair(slopes(relief.height)), basin, _fronts(sights, own, inner)
    )


def _with_ponds(height: Field, water: NDArray[np.bool_]) -> Field:
    """Neighbouring lakes lie flat, each at a level of its own, and the ground comes down to them."""
    parts, count = ndimage.label(water)  # pyright: ignore[reportGeneralTypeIssues]
    for part in range(1, count + 1):
        here = parts == part
        level = float(np.quantile(height[here], 0.2))
        near = ramp(distance(~here), 0, 14)
        height = (level + (height - level) * near).astype(np.float32)
    return height


def _fronts(sights: Sequence[Sight], own: list[NDArray[np.bool_]], relief: Relief) -> tuple[float, ...]:
    reached = [float(relief.along[lake].max()) if lake.any() else relief.lower for lake in own]
    days = [sight.date for sight in sights]
    return tuple(max(shore for shore, other in zip(reached, days, strict=True) if other <= day) for day in days)


def _inner_pair(pair: tuple[Field, Field]) -> tuple[Field, Field]:
    return pair[0][INNER], pair[1][INNER]


def _inner_relief(relief: Relief) -> Relief:
    names = ("height", "along", "across", "shore", "moraine")
    return replace(relief, **{name: getattr(relief, name)[INNER] for name in names})


def _inner_surfaces(surfaces: Surfaces) -> Surfaces:
    flat = ("ground_kind", "ice_kind", "trough", "reach", "grain")
    cut = {name: np.ascontiguousarray(getattr(surfaces, name)[INNER]) for name in flat}
    deep = {name: np.ascontiguousarray(getattr(surfaces, name)[(slice(None), *INNER)]) for name in ("ground", "ice")}
    return replace(surfaces, **cut, **deep)
