"""`Stored`: pixels as a file holds them, a quarter of the memory of what they mean, and what they mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from data.rasters.grid import Grid

T = TypeVar("T", bound=np.generic)

TABLE = 65536
"""Values of a 16-bit number. From so many pixels on it is quicker to work out every value once than every pixel."""


@dataclass(frozen=True)
class Stored:
    """Pixels in the numbers of their file.

    Args:
        values: (B, H, W) as stored.
        bands: (B,) names as the file gives them, lower case; `band 1` … where it gives none.
        scale, offset: (B,) physical value = stored × scale + offset.
        nodata: (B,) the stored number that means no data, None where there is none.
        valid: (B, H, W) the file's own mask, where it has one beside `nodata`.
        grid: Of these pixels.
    """

    values: NDArray[np.generic]
    bands: tuple[str, ...]
    scale: tuple[float, ...]
    offset: tuple[float, ...]
    nodata: tuple[float | None, ...]
    valid: NDArray[np.bool_] | None
    grid: Grid

    @property
    def nbytes(self) -> int:
        return self.values.nbytes + (self.valid.nbytes if self.valid is not None else 0)

    def physical(self, places: Sequence[int] | None = None) -> NDArray[np.float32]:
        """(N, H, W) physical values of the bands at these places (from 0; None: all), NaN where there is no data."""
        chosen = range(len(self.bands)) if places is None else places
        out = np.empty((len(chosen), *self.values.shape[1:]), dtype=np.float32)
        for row, place in enumerate(chosen):
            out[row] = self._band(place)
            if self.valid is not None:
                out[row][~self.valid[place]] = np.nan
        return out

    def painted(self, place: int, paint: Callable[[NDArray[np.float32]], NDArray[np.uint8]]) -> NDArray[np.uint8]:
        """(H, W) bytes that `paint` makes of the physical values of a band, value by value; 0 where there is no data."""

        def painted(stored: NDArray[np.generic]) -> NDArray[np.uint8]:
            meant = self._meant(stored, place)
            return np.where(np.isnan(meant), np.uint8(0), paint(np.nan_to_num(meant)))

        made = self._looked_up(self.values[place], painted)
        if self.valid is not None:
            made[~self.valid[place]] = 0
        return made

    def thinned(self, step: int) -> Stored:
        """Every so-manieth pixel in both directions; nothing is copied."""
        valid = None if self.valid is None else self.valid[:, ::step, ::step]
        values = self.values[:, ::step, ::step]
        a, b, c, d, e, f = self.grid.transform
        grid = Grid(self.grid.crs, (a * step, b * step, c, d * step, e * step, f), values.shape[2], values.shape[1])
        return replace(self, values=values, valid=valid, grid=grid)

    def part(self, left: int, top: int, right: int, bottom: int) -> Stored:
        """A window of these pixels, inside them; nothing is copied."""
        a, b, c, d, e, f = self.grid.transform
        moved = (a, b, a * left + b * top + c, d, e, d * left + e * top + f)
        valid = None if self.valid is None else self.valid[:, top:bottom, left:right]
        values = self.values[:, top:bottom, left:right]
        return replace(self, values=values, valid=valid, grid=Grid(self.grid.crs, moved, right - left, bottom - top))

    def _band(self, place: int) -> NDArray[np.float32]:
        return self._looked_up(self.values[place], lambda stored: self._meant(stored, place))

    @staticmethod
    def _looked_up(stored: NDArray[np.generic], work: Callable[[NDArray[np.generic]], NDArray[T]]) -> NDArray[T]:
        """What `work` makes of each stored number: of every number there can be, where that is less work."""
        if stored.dtype.kind not in "iu" or stored.dtype.itemsize > 2 or stored.size < TABLE:
            return work(stored)
        kind = np.dtype(f"u{stored.dtype.itemsize}")
        every = np.arange(np.iinfo(kind).max + 1, dtype=kind).view(stored.dtype)
        return work(every)[stored.view(kind)]

    def _meant(self, stored: NDArray[np.generic], place: int) -> NDArray[np.float32]:
        meant = stored.astype(np.float64) * self.scale[place] + self.offset[place]
        nodata = self.nodata[place]
        if nodata is not None and _holds(stored.dtype, nodata):
            # Compared in the file's own type: a float32 file's -3.4e38 differs from the float64 of its header.
            meant[stored == np.asarray(nodata).astype(stored.dtype)] = np.nan
        meant[~np.isfinite(meant)] = np.nan
        return meant.astype(np.float32)


def _holds(kind: np.dtype[np.generic], number: float) -> bool:
    if kind.kind not in "iu":
        return bool(np.isfinite(number))
    return float(number).is_integer() and np.iinfo(kind.name).min <= number <= np.iinfo(kind.name).max
