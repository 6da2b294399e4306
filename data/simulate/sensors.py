"""What each sensor makes of a scene: its pixels, its bands, its gaps, its noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.simulate.fractal import Field, level


@dataclass(frozen=True)
class Sensor:
    """A simulated sensor.

    Args:
        blocks: Pixels of the 10 m grid to one of its own, by band.
        gain: By band: what its response makes of the same ground.
        gaps: Whether lines are missing.
    """

    blocks: tuple[int, int, int, int, int, int]
    gain: tuple[float, float, float, float, float, float]
    gaps: bool = False


SENSORS = {
    "Sentinel-2 (simulated)": Sensor((1, 1, 1, 1, 2, 2), (1.0, 1.0, 1.0, 1.0, 1.0, 1.0)),
    "Landsat-8 (simulated)": Sensor((3, 3, 3, 3, 3, 3), (0.985, 0.995, 0.985, 1.015, 1.01, 0.985)),
    "Landsat-7 (simulated)": Sensor((3, 3, 3, 3, 3, 3), (1.02, 0.985, 1.01, 0.975, 0.99, 1.015), gaps=True),
}
"""By the names of the dataset's sensors. Gains of a few per cent: Roy et al. 2016, Remote Sens. Environ. 185, between ETM+ and OLI."""
GAP_EVERY = 99
"""px from one gap of Landsat 7 to the next."""
NOISE = 0.001
"""Sd of the noise, reflectance."""
BLUR = 0.23
"""Of a pixel's light comes from each neighbour on its row, and as much on its column: the optics of a real sensor."""


def sensed(scene: Field, sensor: Sensor, shift: tuple[float, float], rng: np.random.Generator) -> Field:
    """(6, H, W) the scene as this sensor delivers it on the 10 m grid, moved by `shift` (x, y) px, its gaps still filled."""
    out = _blurred(_shifted(scene, *shift))
    for band, (block, gain) in enumerate(zip(sensor.blocks, sensor.gain, strict=True)):
        out[band] = gain * (_coarse(out[band], block, rng) if block > 1 else _noisy(out[band], rng))
    return np.clip(_stepped(out), np.float32(0.001), None)


def _noisy(band: Field, rng: np.random.Generator) -> Field:
    return band + np.float32(NOISE) * rng.standard_normal(band.shape, dtype=np.float32)


def _blurred(scene: Field) -> Field:
    for axis in (1, 2):
        moved = np.moveaxis(scene, axis, 0)
        out = np.float32(1 - 2 * BLUR) * moved
        out[1:] += np.float32(BLUR) * moved[:-1]
        out[:-1] += np.float32(BLUR) * moved[1:]
        out[0] += np.float32(BLUR) * moved[0]
        out[-1] += np.float32(BLUR) * moved[-1]
        scene = np.ascontiguousarray(np.moveaxis(out, 0, axis))
    return scene


def _shifted(scene: Field, x: float, y: float) -> Field:
    """Moved by less than a pixel, between neighbours in proportion; the edge is repeated."""
    for axis, amount in ((2, x), (1, y)):
        edge = np.take(scene, [0 if amount > 0 else -1], axis=axis)
        whole = np.concatenate([edge, scene] if amount > 0 else [scene, edge], axis=axis)
        size, first = scene.shape[axis], 0 if amount > 0 else 1
        here = np.take(whole, range(1 - first, 1 - first + size), axis=axis)
        beside = np.take(whole, range(first, first + size), axis=axis)
        scene = here + np.float32(abs(amount)) * (beside - here)
    return scene


def _coarse(band: Field, block: int, rng: np.random.Generator) -> Field:
    """Averaged to pixels of `block` px with their noise, and each repeated on the grid: one sees how coarse they are."""
    size = band.shape
    padded = np.pad(band, [(0, -length % block) for length in size], mode="edge")
    high, wide = padded.shape[0] // block, padded.shape[1] // block
    own = _noisy(padded.reshape(high, block, wide, block).mean(axis=(1, 3), dtype=np.float32), rng)
    return np.repeat(np.repeat(own, block, axis=0), block, axis=1)[: size[0], : size[1]]


def _stepped(scene: Field) -> Field:
    """In steps of some hundredths of the light: finer ones carry no more than noise, and double the size of a file."""
    step = np.full_like(scene, 0.002)
    for above in (0.1, 0.25, 0.5):
        step[scene > above] *= 2
    return np.rint(scene / step) * step


def gap(rng: np.random.Generator, lake: NDArray[np.bool_], hidden: float) -> NDArray[np.bool_]:
    """(H, W) wedges of missing lines as with Landsat 7's scan-line corrector off: about a kilometre apart, wider to one side, aslant.

    Args:
        rng: The date's random numbers.
        lake: (H, W), at least one pixel.
        hidden: Share of the lake that lies in them: the lines begin beside it.
    """
    y, x = np.mgrid[: lake.shape[0], : lake.shape[1]].astype(np.float32)
    aslant = y - np.float32(0.17) * x
    into = (aslant - aslant[lake].min() + rng.uniform(4, 16)) % GAP_EVERY
    into = into + np.float32(rng.choice([-1, 1]) * 0.035) * (x - x[lake].mean())
    return into < -level(-into, lake, hidden)
