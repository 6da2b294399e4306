"""Crops of labelled scenes, changed as light, air, sensors and inventories change them, so that a network learns what stays the same.

Domain randomisation (Tobin et al. 2017, IROS): ranges wider than the simulator's own, so that a real image is one more variation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from data.records import LabelledScene
from models.guide import SHARE, eroded

UNKNOWN = 255
TWINS = 0.3
"""Share of crops that get a copy of their water as a neighbour."""
RIM = 3
"""px of shore that are copied with it, and that must lie between."""
SCATTER = {"blue": 1.0, "green": 0.65, "red": 0.42, "nir": 0.2, "swir1": 0.06, "swir2": 0.03}
"""How strongly air between ground and satellite brightens a band, blue being 1: about wavelength⁻² to ⁻³ (Chavez 1988, RSE 24)."""

SILTED = 0.3
"""Share of crops whose water carries more sediment than simulated."""
SILT = {"blue": 0.4, "green": 0.7, "red": 1.0, "nir": 0.8, "swir1": 0.1, "swir2": 0.05}
"""How strongly sediment brightens water in a band, red being 1: silty water is not dark in the infrared (Doxaran et al. 2002, RSE 81)."""
MOST_SILT = 0.15
"""Reflectance that the most sediment adds in the red."""


@dataclass(frozen=True)
class Crop:
    """What the network sees and should answer.

    Args:
        image: (B, S, S) float32 reflectance, NaN-free.
        guide: (S, S) float32 0 or 1; all 0 where there is none.
        target: (S, S) float32 0 or 1.
        weight: (S, S) float32: 0 where the answer is not known.
    """

    image: NDArray[np.float32]
    guide: NDArray[np.float32]
    target: NDArray[np.float32]
    weight: NDArray[np.float32]


def crop_of(sample: LabelledScene, side: int, bands: Sequence[str], guided: bool, rng: np.random.Generator) -> Crop:
    """A random crop of a scene, changed at random.

    Args:
        sample: The scene.
        side: px; smaller scenes are continued at the edge, where nothing counts.
        bands: (B,) names of the sample's bands.
        guided: Whether the target is the lake in question, pointed at by an old outline; else all water.
        rng: Where chance comes from.
    """
    top, left = _place(sample, side, rng)
    rows, columns = slice(top, top + side), slice(left, left + side)
    image = sample.reflectance[:, rows, columns].astype(np.float32)
    if rng.random() < SILTED:
        image = silted(image, sample.water[rows, columns] == 1, bands, rng)
    label = (sample.own if guided else sample.water)[rows, columns]
    guide = guide_of(sample, rng)[rows, columns] if guided else np.zeros(label.shape, dtype=bool)
    if guided and not guide.any():  # nothing is pointed at: nothing is asked for
        label = np.where(label == UNKNOWN, label, 0).astype(np.uint8)
    if rng.random() < TWINS:
        image, label = with_twin(image, label, guided, rng)
    known = np.isfinite(image).all(axis=0)
    image = randomised(np.where(known, image, 0.0).astype(np.float32), bands, rng)
    weight = (known & (label != UNKNOWN)).astype(np.float32)
    layers = np.concatenate([image, guide[None], (label == 1)[None], weight[None]]).astype(np.float32)
    layers = np.rot90(layers[..., ::-1] if rng.random() < 0.5 else layers, int(rng.integers(4)), (-2, -1))
    short = [max(side - length, 0) for length in layers.shape[-2:]]
    if any(short):
        layers = np.pad(layers, ((0, 0), (0, short[0]), (0, short[1])), mode="edge")
        layers[-1, layers.shape[1] - short[0] :], layers[-1, :, layers.shape[2] - short[1] :] = 0, 0
    count = len(bands)
    return Crop(layers[:count].copy(), layers[count].copy(), layers[count + 1].copy(), layers[count + 2].copy())


def with_twin(
    image: NDArray[np.float32], label: NDArray[np.uint8], guided: bool, rng: np.random.Generator
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """The same with a copy of the water elsewhere on dry land: a neighbour that looks just like the lake, and is not the one pointed at.

    Args:
        image: (B, S, S).
        label: (S, S) 1, 0 or UNKNOWN.
        guided: Whether the copy is not what is asked for.
        rng: Where it goes; where it would touch water it stays away.
    """
    water = label == 1
    body = np.asarray(ndimage.binary_dilation(water, iterations=RIM), dtype=bool)
    shift = tuple(int(step) for step in rng.integers(0, water.shape))
    moved = np.roll(body, shift, (0, 1))
    if not water.any() or (moved & ndimage.binary_dilation(body, iterations=RIM)).any() or (label[moved] == UNKNOWN).any():
        return image, label
    copied = np.where(moved, np.roll(image, shift, (1, 2)), image)
    wet = np.roll(water, shift, (0, 1))
    return copied, label if guided else np.where(wet, np.uint8(1), label)


def _place(sample: LabelledScene, side: int, rng: np.random.Generator) -> tuple[int, int]:
    """Upper left corner: four times in five about a pixel of the lake, else anywhere."""
    height, width = sample.water.shape
    most = np.maximum(np.array([height, width]) - side, 0)
    wet = np.flatnonzero(sample.own == 1)
    if len(wet) and rng.random() < 0.8:
        pixel = np.array(divmod(int(rng.choice(wet)), width))
        corner = pixel - rng.integers(side // 8, side - side // 8, 2)
    else:
        corner = rng.integers(0, most + 1)
    top, left = np.clip(corner, 0, most)
    return int(top), int(left)


def guide_of(sample: LabelledScene, rng: np.random.Generator) -> NDArray[np.bool_]:
    """(H, W) one of the lake's outlines, older ones more often, eroded to a random share, moved by up to 2 px: no inventory is exact."""
    if not sample.outlines:
        return np.zeros(sample.water.shape, dtype=bool)
    age = np.arange(len(sample.outlines), 0, -1, dtype=float)
    outline = sample.outlines[int(rng.choice(len(sample.outlines), p=age / age.sum()))]
    guide = eroded(outline, float(rng.uniform(0.1, SHARE)))
    return np.asarray(ndimage.shift(guide, rng.integers(-2, 3, 2), order=0), dtype=bool)


def randomised(image: NDArray[np.float32], bands: Sequence[str], rng: np.random.Generator) -> NDArray[np.float32]:
    """(B, H, W) the same ground under other light, air and sensor."""
    count = len(bands)
    gain = np.exp(rng.normal(0, 0.15) + rng.normal(0, 0.05, count)).astype(np.float32)
    image = image * gain[:, None, None]
    if rng.random() < 0.6:
        air = rng.uniform(0, 0.12) * np.array([SCATTER.get(band, 0.2) for band in bands]) * np.exp(rng.normal(0, 0.15, count))
        air = air.astype(np.float32)
        image = image * (1 - air[:, None, None]) + air[:, None, None]
    if rng.random() < 0.25:
        image = _coarser(image, float(rng.uniform(1.5, 3.0)))
    noise = rng.uniform(0, 0.008)
    return (image + rng.normal(0, noise, image.shape)).astype(np.float32)


def silted(image: NDArray[np.float32], wet: NDArray[np.bool_], bands: Sequence[str], rng: np.random.Generator) -> NDArray[np.float32]:
    """The same with sediment in all its water; the shore, half water, gets half of it.

    Args:
        image: (B, S, S).
        wet: (S, S).
        bands: (B,).
        rng: How much.
    """
    share = ndimage.gaussian_filter(wet.astype(np.float32), 0.5, mode="nearest")
    added = rng.uniform(0, MOST_SILT) * np.array([SILT.get(band, 0.3) for band in bands], dtype=np.float32)
    return (image + added[:, None, None].astype(np.float32) * share).astype(np.float32)


def _coarser(image: NDArray[np.float32], times: float) -> NDArray[np.float32]:
    """As a sensor with larger pixels sees it, laid on the finer grid."""
    blurred = ndimage.gaussian_filter(image, (0, times / 2.355, times / 2.355), mode="nearest")
    return np.asarray(blurred, dtype=np.float32)
