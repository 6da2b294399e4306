"""Outlines: irregular, bent, elongated, and nested, each with exactly the area it should have.

A shape is star-shaped about the lake's centre before it is bent: radii r(θ) that grow by a factor 1 + g·w(θ). The
area under polygon edges is then a quadratic in g, so the g that gives an area is known in closed form, and a larger outline
contains a smaller one. Stretching and turning keep that; bending (a shear that varies along the axis) keeps it up to the
straightness of polygon edges, some 0.1 % of the area, which `fitted_m` takes out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

VERTICES = 40
THETA = np.linspace(0, 2 * np.pi, VERTICES, endpoint=False)
EQUATOR_M, FLATTENING = 6378137.0, 1 / 298.257223563
"""WGS84."""
ECCENTRICITY = float(np.sqrt(FLATTENING * (2 - FLATTENING)))


@dataclass(frozen=True)
class Shapes:
    """What each lake looks like; its long axis lies up-valley.

    Args:
        radius: (L, V), of unit area.
        weight: (L, V) where growth goes: 1 all round, or mostly toward the glacier.
        stretch: (L,) long axis over short axis.
        bend: (L,) curvature, in units of one over the square root of the area.
        turn: (L,) direction of the long axis, radians anticlockwise from east.
    """

    radius: NDArray[np.float64]
    weight: NDArray[np.float64]
    stretch: NDArray[np.float64]
    bend: NDArray[np.float64]
    turn: NDArray[np.float64]


def make_shapes(rng: np.random.Generator, up_valley: NDArray[np.float64], one_sided: NDArray[np.bool_]) -> Shapes:
    """Random shapes: five harmonics, the higher the weaker, which leave bays and headlands."""
    count = len(up_valley)
    order = np.arange(2, 7)
    size = rng.normal(0, 0.24, (count, len(order))) / order**0.7
    wave = np.cos(order[:, None] * THETA + rng.uniform(0, 2 * np.pi, (count, len(order)))[..., None])
    radius = np.exp((size[..., None] * wave).sum(axis=1))
    radius /= np.sqrt(_swept(radius, radius))[:, None]
    toward = 0.05 + 0.95 * np.maximum(np.cos(THETA), 0)
    return Shapes(
        radius, np.where(one_sided[:, None], toward, 1.0), np.exp(rng.normal(0.45, 0.3, count)), rng.normal(0, 0.22, count),
        up_valley + rng.normal(0, 0.3, count),
    )  # fmt: skip


def _swept(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """Area under the edges of star polygons, bilinear in two sets of radii (..., V)."""
    cross = left * np.roll(right, -1, axis=-1) + right * np.roll(left, -1, axis=-1)
    return cross.sum(axis=-1) * np.sin(2 * np.pi / VERTICES) / 4


def outlines_m(shapes: Shapes, area_km2: NDArray[np.float64]) -> NDArray[np.float64]:
    """The outline of each lake at each area, in metres east and north of its centre.

    Args:
        shapes: Of L lakes.
        area_km2: (L, T); NaN gives NaN vertices.

    Returns:
        (L, T, V, 2), anticlockwise. Within a lake a larger outline contains a smaller one.
    """
    smallest = np.nanmin(area_km2, axis=1, keepdims=True)
    grown = shapes.radius * shapes.weight
    b, c = (_swept(shapes.radius, grown) * 2)[:, None], _swept(grown, grown)[:, None]
    excess = area_km2 / smallest - 1
    growth = 2 * excess / (b + np.sqrt(b**2 + 4 * c * excess))  # the stable root of c·g² + b·g = excess
    radius = shapes.radius[:, None] * (1 + growth[..., None] * shapes.weight[:, None]) * 1000 * np.sqrt(smallest)[..., None]
    stretch = np.sqrt(shapes.stretch)[:, None, None]
    x, y = radius * np.cos(THETA) * stretch, radius * np.sin(THETA) / stretch
    y = y + shapes.bend[:, None, None] * x**2 / (1000 * np.sqrt(smallest))[..., None]
    cos, sin = np.cos(shapes.turn)[:, None, None], np.sin(shapes.turn)[:, None, None]
    return np.stack([x * cos - y * sin, x * sin + y * cos], axis=-1)


def swelled(outline_m: NDArray[np.float64], weight: NDArray[np.float64], area_m2: NDArray[np.float64]) -> NDArray[np.float64]:
    """Outlines (N, V, 2) about their centres whose vertices move out, or in, along their rays until they enclose these areas (N,).

    Args:
        outline_m: Anticlockwise.
        weight: (N, V) how far each vertex moves, relative to its distance.
        area_m2: Wanted.
    """
    moved = outline_m * weight[..., None]
    held, b, c = _crossed(outline_m, outline_m), _crossed(outline_m, moved) + _crossed(moved, outline_m), _crossed(moved, moved)
    excess = area_m2 - held
    growth = 2 * excess / (b + np.sqrt(b**2 + 4 * c * excess))
    return outline_m + growth[:, None, None] * moved


def _crossed(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N,) half the sum of the cross products of each vertex with the next one of the other ring: the area where both are the same."""
    after = np.roll(other, -1, axis=1)
    return (one[..., 0] * after[..., 1] - one[..., 1] * after[..., 0]).sum(axis=1) / 2


def perimeter_km(outline_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Length of closed outlines (..., V, 2) in metres, as km (...)."""
    step = np.roll(outline_m, -1, axis=-2) - outline_m
    return np.hypot(step[..., 0], step[..., 1]).sum(axis=-1) / 1000


def fitted_m(
    outline_m: NDArray[np.float64], lon: NDArray[np.float64], lat: NDArray[np.float64], area_km2: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Outlines (N, V, 2) in metres about their centres, scaled to have exactly these areas (N,) on the WGS84 ellipsoid.

    They are measured in a cylindrical equal-area projection (Snyder 1987, USGS Professional Paper 1395, eq. 3-12 and 10-14).
    """
    found = _shoelace(_equal_area(to_degrees(outline_m, lon, lat))) / 1e6
    return outline_m * np.sqrt(area_km2 / found)[:, None, None]


def to_degrees(outline_m: NDArray[np.float64], lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Outlines (N, V, 2) in metres about centres (N,) as longitude/latitude, by the ellipsoid's radii of curvature at the centre."""
    sin = np.sin(np.radians(lat))
    w = 1 - (ECCENTRICITY * sin) ** 2
    east = EQUATOR_M / np.sqrt(w) * np.cos(np.radians(lat))
    north = EQUATOR_M * (1 - ECCENTRICITY**2) / w**1.5
    x = lon[:, None] + np.degrees(outline_m[..., 0] / east[:, None])
    y = lat[:, None] + np.degrees(outline_m[..., 1] / north[:, None])
    return np.stack([x, y], axis=-1)


def _equal_area(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    e, sin = ECCENTRICITY, np.sin(np.radians(degrees[..., 1]))
    q = (1 - e**2) * (sin / (1 - (e * sin) ** 2) + np.arctanh(e * sin) / e)
    return EQUATOR_M * np.stack([np.radians(degrees[..., 0]), q / 2], axis=-1)


def _shoelace(ring: NDArray[np.float64]) -> NDArray[np.float64]:
    """Signed area of closed rings (N, V, 2), about their first vertex, which keeps the digits."""
    here = ring - ring[:, :1]
    there = np.roll(here, -1, axis=1)
    return (here[..., 0] * there[..., 1] - there[..., 0] * here[..., 1]).sum(axis=1) / 2
