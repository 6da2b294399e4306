"""`Chip`: the pixels of one scene as every segmenter takes them, and what a segmenter asks of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.errors import InputError
from models.guide import eroded


@dataclass(frozen=True)
class Chip:
    """One scene, or a part of it.

    Args:
        reflectance: (B, H, W) float32, 0 to about 1; NaN where there is no data.
        bands: (B,) names in lower case.
        pixel_m: Side of a pixel in metres; NaN where unknown.
        outline: (H, W) where the lake in question was long ago; None where nobody knows.
        inner: (H, W) the guide that follows from it, where it was worked out already: of a part, by the outline of the whole.
    """

    reflectance: NDArray[np.float32]
    bands: tuple[str, ...]
    pixel_m: float = math.nan
    outline: NDArray[np.bool_] | None = None
    inner: NDArray[np.bool_] | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """(H, W)."""
        return self.reflectance.shape[1], self.reflectance.shape[2]

    def band(self, *names: str) -> NDArray[np.float32]:
        """(N, H, W) these bands, in this order.

        Raises:
            InputError: Some are not there; the message names them.
        """
        missing = [name for name in names if name not in self.bands]
        if missing:
            there = ", ".join(self.bands) or "none"
            raise InputError(f"the scene has no band {', '.join(missing)} (it has {there})", "choose a model for these bands, or name them")
        return self.reflectance[[self.bands.index(name) for name in names]]

    def known(self, *names: str) -> NDArray[np.bool_]:
        """(H, W) pixels with data in all of these bands."""
        return np.asarray(np.isfinite(self.band(*names)).all(axis=0), dtype=np.bool_)

    def old_outline(self) -> NDArray[np.bool_]:
        """(H, W) `outline`, where a segmenter cannot do without.

        Raises:
            InputError: Nobody knows it.
        """
        if self.outline is None:
            raise InputError("no outline says where the lake was", "choose a model that needs none, or give the lake an outline")
        return self.outline

    def guide(self) -> NDArray[np.bool_]:
        """(H, W) the innermost part of the old outline (`models.guide.eroded`).

        Raises:
            InputError: Nobody knows the outline.
        """
        return eroded(self.old_outline()) if self.inner is None else self.inner

    def part(self, rows: slice, columns: slice) -> Chip:
        """A window of it; its guide is that of the whole."""
        if self.outline is None:
            return Chip(self.reflectance[:, rows, columns], self.bands, self.pixel_m)
        outline, inner = self.outline[rows, columns], self.guide()[rows, columns]
        return Chip(self.reflectance[:, rows, columns], self.bands, self.pixel_m, outline, inner)


Segment = Callable[[Chip], NDArray[np.float32]]
"""What a segmenter does: (H, W) probabilities of water, NaN where the chip has no data in a band that it needs."""
