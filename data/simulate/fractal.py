"""Random textures with the statistics of ground and cloud, and the ramps that blend them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Field = NDArray[np.floating]
"""Anything real on a grid; float32 where it matters."""


def ramp(values: Field, low: float | Field, high: float | Field) -> Field:
    """Smooth step: 0 below `low`, 1 above `high`, without a kink between."""
    share = np.clip((values - low) / (high - low), 0, 1)
    return (share * share * (3 - 2 * share)).astype(np.float32)


def level(field: Field, within: NDArray[np.bool_], share: float) -> float:
    """The value that this share of the pixels within exceeds, to a pixel."""
    ranked = np.sort(field[within])[::-1]
    count = round(share * len(ranked))
    if count <= 0:
        return float(ranked[0]) + 1e-3
    if count >= len(ranked):
        return float(ranked[-1]) - 1e-3
    return float(ranked[count - 1] + ranked[count]) / 2


def spectrum(shape: tuple[int, int]) -> Field:
    """(H, W // 2 + 1) wave numbers of `rfft2`, cycles a pixel; that of the mean is infinite."""
    k = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])[None]).astype(np.float32)
    k[0, 0] = np.inf
    return k


def fractal(rng: np.random.Generator, shape: tuple[int, int], steep: float, longest: float = 512.0, shortest: float = 2.0) -> Field:
    """Gaussian noise of mean 0 and sd 1 with a power-law amplitude spectrum; it wraps round at the edges.

    Args:
        rng: Random numbers.
        shape: (H, W).
        steep: Amplitude falls as wave number to this power: 1 is rough, 2 smooth as hills.
        longest, shortest: Wavelengths beyond which there is little, px.
    """
    white = np.fft.rfft2(rng.standard_normal(shape, dtype=np.float32))
    k = spectrum(shape)
    made = np.fft.irfft2(white * (np.hypot(k, 1 / longest) ** -steep * np.exp(-((k * shortest) ** 2))) * np.isfinite(k), s=shape)
    made = np.asarray(made - made.mean(), dtype=np.float32)
    return made / np.float32(made.std())


def ridged(rng: np.random.Generator, shape: tuple[int, int], longest: float, octaves: int = 5) -> Field:
    """Crests and valleys, 0 to about 1: a ridged multifractal, each octave strong only where the one before was high.

    After Musgrave in Ebert et al. 2003, Texturing and Modeling, chapter 16.

    Args:
        rng: Random numbers.
        shape: (H, W).
        longest: Distance between the main crests, px.
        octaves: Each of half the wavelength and two fifths of the height.
    """
    total, weight, height = np.zeros(shape, dtype=np.float32), np.ones(shape, dtype=np.float32), 1.0
    for octave in range(octaves):
        length = longest / 2**octave
        wave = fractal(rng, shape, 3.0, length, length / 4)
        crest = np.clip(1 - np.abs(wave) * 0.8, 0, 1) ** 2
        total += height * weight * crest
        weight, height = np.clip(crest * 1.8, 0.1, 1), height / 2.5
    return (total / 1.6).astype(np.float32)


def sampled(field: Field, row: Field, column: Field) -> Field:
    """(H, W) a wrapping texture read at fractional pixels."""
    y, x = np.floor(row).astype(np.int32), np.floor(column).astype(np.int32)
    v, u = row - y, column - x
    height, width = field.shape
    y0, x0, y1, x1 = y % height, x % width, (y + 1) % height, (x + 1) % width
    top = field[y0, x0] * (1 - u) + field[y0, x1] * u
    low = field[y1, x0] * (1 - u) + field[y1, x1] * u
    return (top * (1 - v) + low * v).astype(np.float32)


def distance(inside: NDArray[np.bool_]) -> Field:
    """(H, W) px from each true pixel to the nearest false one; 0 in false pixels."""
    return np.asarray(ndimage.distance_transform_edt(inside), dtype=np.float32)
