"""Test-time augmentation: the same scene turned and mirrored in all eight ways; how far the answers part tells how sure they are."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from models.chips import Chip, Segment

T = TypeVar("T", bound=np.generic)

WAYS = tuple((turns, mirrored) for mirrored in (False, True) for turns in range(4))
"""The dihedral group of the square: quarter turns, then the same of the mirror image."""


def dihedral(segment: Segment, chip: Chip) -> NDArray[np.float32]:
    """(8, H, W) probabilities, each turned back; the first is that of the scene as it is."""
    return np.stack([_back(segment(_turned(chip, *way)), *way) for way in WAYS])


def _turned(chip: Chip, turns: int, mirrored: bool) -> Chip:
    outline = None if chip.outline is None else _way(chip.outline, turns, mirrored)
    return Chip(_way(chip.reflectance, turns, mirrored), chip.bands, chip.pixel_m, outline)


def _way(values: NDArray[T], turns: int, mirrored: bool) -> NDArray[T]:
    return np.ascontiguousarray(np.rot90(values[..., ::-1] if mirrored else values, turns, (-2, -1)))


def _back(values: NDArray[T], turns: int, mirrored: bool) -> NDArray[T]:
    turned = np.rot90(values, -turns, (-2, -1))
    return turned[..., ::-1] if mirrored else turned
