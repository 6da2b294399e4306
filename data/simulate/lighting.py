"""Sunlight on a date's ground, and the shadows that the plan asks for beside those of the mountains."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from data.simulate.chips import KINDS, Sight
from data.simulate.fractal import Field, fractal, level, ramp
from data.simulate.scenery import INNER, Scenery
from data.simulate.sky import cast_shadow, facing, toward_sun
from data.simulate.spectra import SKY_SHARE


def shadows(
    rng: np.random.Generator, scenery: Scenery, sight: Sight, sun: tuple[float, float], *, own: Field, mapped: Field
) -> tuple[Field, NDArray[np.bool_]]:
    """(H, W) 0 to 1 where ground keeps the sun off: cast by the relief, over some of the lake where the reason is `shadow`; that some."""
    shadow = cast_shadow(scenery.height, *sun)[INNER]
    lake, hidden = own > 0.5, np.zeros(own.shape, dtype=bool)
    shadow = shadow * (1 - 0.8 * own * ramp(np.full_like(own, (shadow * own).sum() / max(float(own.sum()), 1)), 0.05, 0.2))
    if sight.reason == "shadow" and lake.any():
        peak = _peak(rng, lake, toward_sun(sun[1]), sight.hidden)
        hidden = lake & (peak > 0.5)
        shadow = np.maximum(shadow, peak)
    if sight.planted == "shadow_as_water":
        dark = ((mapped > 0.5) & ~lake).astype(np.float32)
        shadow = np.maximum(shadow, np.clip(1.6 * ndimage.gaussian_filter(dark, 0.8), 0, 1) * (own < 0.5))
    return shadow, hidden


def _peak(rng: np.random.Generator, lake: NDArray[np.bool_], sunward: tuple[float, float], share: float) -> Field:
    """(H, W) 0 to 1: the shadow of a summit that stands toward the sun, over a share of the lake."""
    x, y = sunward
    row, column = np.mgrid[: lake.shape[0], : lake.shape[1]].astype(np.float32)
    row, column = row - row[lake].mean(), column - column[lake].mean()
    toward = column * x + row * y + 5 * fractal(rng, lake.shape, 1.6, 60, 4)
    away = 9 * fractal(rng, lake.shape, 1.8, 80, 6) + np.abs(column * y - row * x)
    reach = 12 + 1.4 * float(np.sqrt(lake.sum()))
    within = toward - 2 * np.clip(away - reach, 0, None)
    edge = level(within, lake, share)
    far = ramp(toward + 0.4 * away, 2.2 * reach, 2.2 * reach + 12) * ~lake
    return (ramp(within, edge - 0.8, edge + 0.8) * (1 - far)).astype(np.float32)


def lit(
    scenery: Scenery,
    surface: Field,
    kind: NDArray[np.uint8],
    *,
    wet: Field,
    shadow: Field,
    clouded: Field,
    sun: tuple[float, float],
) -> tuple[Field, NDArray[np.uint8]]:
    """(6, H, W) reflectance as if the ground were level: sun by the cosine of its incidence, and the sky by band; what each pixel is."""
    flat = float(np.sin(np.radians(sun[0])))
    direct = np.clip(facing(scenery.slope, *sun) / flat, 0, 1.9)
    direct = (direct * (1 - wet) + wet) * (1 - shadow) * (1 - 0.72 * clouded)
    sky = np.array(SKY_SHARE, dtype=np.float32)[:, None, None]
    scene = surface * (direct * (1 - sky) + sky * (1 - 0.25 * clouded))
    dark = (direct < 0.12) & (kind != KINDS.index("cloud"))
    kind = np.where(dark, KINDS.index("shadow"), kind)
    return scene.astype(np.float32), np.where(clouded > 0.5, KINDS.index("cloud_shadow"), kind).astype(np.uint8)
