"""`Stored`: pixels as a file holds them, a quarter of the memory of what they mean, and what they mean."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from data.bounded import Bounded
from data.rasters.grid import Grid

T = TypeVar("T", bound=np.generic)
Paint = Callable[[NDArray[np.float32]], NDArray[np.uint8]]
Tables = Bounded[NDArray[np.uint8]]

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

    def painted(self, place: int, paint: Paint, tables: Tables | None = None) -> NDArray[np.uint8]:
        """(H, W) bytes that `paint` makes of the physical values of a band, value by value; 0 where there is no data.

        Args:
            place: Of the band.
            paint: Equal ones paint alike, where `tables` are given.
            tables: What numbers become is kept there, for the next image that is painted as this one.
        """

        def painted(stored: NDArray[np.generic]) -> NDArray[np.uint8]:
            meant = self._meant(stored, place)
            return np.where(np.isnan(meant), np.uint8(0), paint(np.nan_to_num(meant)))

        stored = self.values[place]
        if tables is None or not _few(stored.dtype):
            made = self._looked_up(stored, painted)
        else:
            key: Hashable = (stored.dtype.str, self.scale[place], self.offset[place], self.nodata[place], paint)
            made = tables.made(key, lambda: painted(_every(stored.dtype)))[stored.view(_unsigned(stored.dtype))]
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

    def only(self, places: Sequence[int]) -> Stored:
        """Some of the bands, copied, so that the others need no memory."""
        chosen = list(places)
        return Stored(
            self.values[chosen], tuple(self.bands[n] for n in chosen), tuple(self.scale[n] for n in chosen),
            tuple(self.offset[n] for n in chosen), tuple(self.nodata[n] for n in chosen),
            None if self.valid is None else self.valid[chosen], self.grid,
        )  # fmt: skip

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
        if not _few(stored.dtype) or stored.size < TABLE:
            return work(stored)
        return work(_every(stored.dtype))[stored.view(_unsigned(stored.dtype))]

    def _meant(self, stored: NDArray[np.generic], place: int) -> NDArray[np.float32]:
        meant = stored.astype(np.float64) * self.scale[place] + self.offset[place]
        nodata = self.nodata[place]
        if nodata is not None and _holds(stored.dtype, nodata):
            # Compared in the file's own type: a float32 file's -3.4e38 differs from the float64 of its header.
            meant[stored == np.asarray(nodata).astype(stored.dtype)] = np.nan
        meant[~np.isfinite(meant)] = np.nan
        return meant.astype(np.float32)


def _few(kind: np.dtype[np.generic]) -> bool:
    """Whether there are so few numbers of a kind that each can be worked out."""
    return kind.kind in "iu" and kind.itemsize <= 2


def _unsigned(kind: np.dtype[np.generic]) -> np.dtype[np.unsignedinteger[Any]]:
    return np.dtype(f"u{kind.itemsize}")


def _every(kind: np.dtype[np.generic]) -> NDArray[np.generic]:
    """Every number of a kind, each at the place that its bits name."""
    bits = _unsigned(kind)
    return np.arange(np.iinfo(bits.name).max + 1, dtype=bits).view(kind)


def _holds(kind: np.dtype[np.generic], number: float) -> bool:
    if kind.kind not in "iu":
        return bool(np.isfinite(number))
    return float(number).is_integer() and np.iinfo(kind.name).min <= number <= np.iinfo(kind.name).max
