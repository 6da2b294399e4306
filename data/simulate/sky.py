"""Where the sun stands, what it lights, and what throws a shadow."""

from __future__ import annotations

from datetime import date

import numpy as np

from data.simulate.fractal import Field, ramp
from data.simulate.relief import PIXEL_M

OVERPASS_H = 10.5
"""Local solar time at which the satellites pass."""


def sun(day: date, latitude: float) -> tuple[float, float]:
    """Elevation and azimuth (clockwise from north) of the sun at the overpass, degrees.

    Declination by Cooper 1969 (Solar Energy 12); the rest is the spherical triangle. Good to half a degree.
    """
    declination = np.radians(23.45 * np.sin(2 * np.pi * (284 + day.timetuple().tm_yday) / 365))
    hour, here = np.radians(15 * (OVERPASS_H - 12)), np.radians(latitude)
    up = np.sin(here) * np.sin(declination) + np.cos(here) * np.cos(declination) * np.cos(hour)
    elevation = np.arcsin(up)
    east = -np.cos(declination) * np.sin(hour)
    north = np.cos(here) * np.sin(declination) - np.sin(here) * np.cos(declination) * np.cos(hour)
    return float(np.degrees(elevation)), float(np.degrees(np.arctan2(east, north)) % 360)


def toward_sun(azimuth: float) -> tuple[float, float]:
    """(x, y) of a step of one pixel toward the sun on the image, y down."""
    return float(np.sin(np.radians(azimuth))), float(-np.cos(np.radians(azimuth)))


def slopes(height: Field) -> tuple[Field, Field]:
    """m of rise per m to the east and to the north, (H, W) each."""
    down, right = np.gradient(height, np.float32(PIXEL_M))
    return np.asarray(right), -np.asarray(down)


def facing(slope: tuple[Field, Field], elevation: float, azimuth: float) -> Field:
    """(H, W) cosine between the sun and the ground's normal; below 0 the ground turns its back."""
    e, a = np.radians(elevation), np.radians(azimuth)
    east, north = slope
    light = np.sin(e) - np.cos(e) * (np.sin(a) * east + np.cos(a) * north)
    return (light / np.sqrt(1 + east * east + north * north)).astype(np.float32)


def moved(field: Field, x: int, y: int, beyond: float) -> Field:
    """(H, W) what lies x pixels right and y down of each pixel; `beyond` outside."""
    height, width = field.shape
    out = np.full_like(field, beyond)
    if abs(x) >= width or abs(y) >= height:
        return out
    there = field[max(y, 0) : height + min(y, 0), max(x, 0) : width + min(x, 0)]
    out[max(-y, 0) : height + min(-y, 0), max(-x, 0) : width + min(-x, 0)] = there
    return out


def cast_shadow(height: Field, elevation: float, azimuth: float) -> Field:
    """(H, W) 0 to 1: how deep in the shadow of other ground.

    The highest line of sight toward the sun is found in doubling steps: what is known k pixels ahead serves 2k pixels.
    """
    x, y = toward_sun(azimuth)
    drop = np.float32(PIXEL_M * np.tan(np.radians(elevation)))
    horizon, step, reach = height, 1.0, float(np.hypot(*height.shape))
    while step < reach:
        right, down = round(step * x), round(step * y)
        horizon = np.maximum(horizon, moved(horizon, right, down, -1e6) - drop * np.float32(np.hypot(right, down)))
        step *= 2
    return ramp(horizon - height, 0.5, 14.0)
