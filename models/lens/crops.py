"""The square of a scene about its lake that the lens looks at: image, guide and label on one small grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from data.records import LabelledScene
from models.augmentation import UNKNOWN
from models.guide import eroded

Kind = TypeVar("Kind", bound=np.generic)


@dataclass(frozen=True)
class LensCrop:
    """A crop.

    Args:
        scene_key: Of its scene.
        image: (B, S, S) float32 reflectance; NaN where there is no data, or no scene.
        guide: (S, S) the oldest outline, eroded; all False where none is known.
        label: (S, S) uint8 what is to be found: 1 water, 0 land, 255 unknown, also outside of the scene.
        own: (S, S) uint8 likewise, the scene's lake alone.
        own_px: Pixels of the lake in the whole scene.
    """

    scene_key: int
    image: NDArray[np.float32]
    guide: NDArray[np.bool_]
    label: NDArray[np.uint8]
    own: NDArray[np.uint8]
    own_px: int

    @property
    def counted(self) -> NDArray[np.bool_]:
        """(S, S) the pixels that count: seen in every band, with a label."""
        return np.isfinite(self.image).all(axis=0) & (self.label != UNKNOWN)


def crop_about_lake(sample: LabelledScene, side: int, guided: bool) -> LensCrop:
    """The square of `side` px about the centroid of the lake's label, of its oldest outline where that has no water, else of the scene.

    Args:
        sample: The scene.
        side: px.
        guided: Whether the lake alone is to be found, as `models.training.label_of` has it; else all water.
    """
    outline = sample.outlines[0] if sample.outlines else np.zeros(sample.water.shape, dtype=bool)
    top, left = (round(middle) - side // 2 for middle in _middle(sample.own == 1, outline))
    corner = (top, left)
    label = sample.own if guided else sample.water
    return LensCrop(
        sample.scene_key, _cut(sample.reflectance.astype(np.float32), corner, side, np.nan), _cut(eroded(outline), corner, side, False),
        _cut(label, corner, side, UNKNOWN), _cut(sample.own, corner, side, UNKNOWN), int(np.count_nonzero(sample.own == 1)),
    )  # fmt: skip


def _middle(own: NDArray[np.bool_], outline: NDArray[np.bool_]) -> tuple[float, float]:
    for mask in (own, outline):
        rows, columns = np.nonzero(mask)
        if len(rows):
            return float(rows.mean()), float(columns.mean())
    return own.shape[0] / 2, own.shape[1] / 2


def _cut(layers: NDArray[Kind], corner: tuple[int, int], side: int, outside: float) -> NDArray[Kind]:
    """(…, side, side) from a corner that may lie outside."""
    cut = np.full((*layers.shape[:-2], side, side), outside, dtype=layers.dtype)
    there: list[slice] = []
    here: list[slice] = []
    for start, length in zip(corner, layers.shape[-2:], strict=True):
        first, last = max(start, 0), min(start + side, length)
        there.append(slice(first, max(last, first)))
        here.append(slice(first - start, max(last, first) - start))
    cut[..., here[0], here[1]] = layers[..., there[0], there[1]]
    return cut
