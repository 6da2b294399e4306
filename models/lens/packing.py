"""Arrays made small: levels that the eye tells apart, mantissas as long as a comparison needs. What is lost is said in docs/lens.md."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LEVELS = 12
"""Of a probability: steps of 1/11. An even number: .5 lies between two of them."""
MAP_LEVELS = 10
"""Of a feature map, between the lowest and the highest of its channel in its scene."""
IMAGE_LEVELS = 24
"""Of each colour of a probe's image."""
STEPS = 4
"""Of a mean activation: one step is a power of two, at most its channel's sd over STEPS. The error is at most an eighth of the sd, and adds
at most half a percent to the variance."""


def probability_bytes(probability: NDArray[np.float32]) -> NDArray[np.uint8]:
    """uint8, p = value / 255, at LEVELS levels; the value is above 127 exactly where p > .5."""
    return _levelled(probability.clip(0, 1), LEVELS)


def image_bytes(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The same picture at IMAGE_LEVELS levels."""
    return _levelled(image / 255, IMAGE_LEVELS)


def _levelled(share: NDArray[np.floating], levels: int) -> NDArray[np.uint8]:
    level = np.ceil(share.astype(np.float64) * (levels - 1) - 0.5)  # halves go down: .5 itself is not above .5
    return np.rint(level * (255 / (levels - 1))).astype(np.uint8)


def block_means(probability: NDArray[np.float32], side: int = 16) -> NDArray[np.float32]:
    """(…, side, side) means of blocks; height and width are multiples of `side`."""
    height, width = probability.shape[-2:]
    blocks = probability.reshape(*probability.shape[:-2], side, height // side, side, width // side)
    return blocks.mean(axis=(-3, -1))


def coarse(features: NDArray[np.float32]) -> NDArray[np.float16]:
    """Mean activations rounded to steps that matter, channel by channel, so that they deflate.

    Args:
        features: (N, C): the sd is over the N scenes; a channel without one is kept as it is.
    """
    sd = features.std(axis=0, dtype=np.float64)
    step = np.exp2(np.floor(np.log2(np.where(sd > 0, sd / STEPS, 1.0))))
    most = float(np.finfo(np.float16).max)
    return np.where(sd > 0, np.rint(features / step) * step, features).clip(-most, most).astype(np.float16)


def map_bytes(maps: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.float32]]:
    """(…, C, h, w) uint8 at MAP_LEVELS levels, and (…, C) low and high: value = low + (high − low) × byte / 255."""
    low, high = maps.min(axis=(-2, -1)), maps.max(axis=(-2, -1))
    span = np.where(high > low, high - low, 1)[..., None, None]
    return _levelled((maps - low[..., None, None]) / span, MAP_LEVELS), low, high
