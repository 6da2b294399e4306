"""Which observations cover the same ground, and how much of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

BLOCK = 50_000


@dataclass(frozen=True)
class Overlaps:
    """Pairs of footprints that overlap, each pair once, first < second.

    Args:
        first: (P,) row numbers.
        second: (P,) row numbers.
        shared: (P,) m² in common, > 0.
        size: (N,) m² of each footprint, 0 where there is none.
    """

    first: NDArray[np.intp]
    second: NDArray[np.intp]
    shared: NDArray[np.float64]
    size: NDArray[np.float64]

    def both_ways(self) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
        """Each pair twice, (a, b) and (b, a), sorted by the first."""
        a, b = np.concatenate([self.first, self.second]), np.concatenate([self.second, self.first])
        order = np.lexsort((b, a))
        return a[order], b[order], np.tile(self.shared, 2)[order]

    def among(self, keep: NDArray[np.bool_]) -> Overlaps:
        """The pairs of which both are kept, renumbered to the kept rows."""
        number = np.cumsum(keep) - 1
        both = keep[self.first] & keep[self.second]
        return Overlaps(number[self.first[both]], number[self.second[both]], self.shared[both], self.size[keep])


def overlaps(footprints: NDArray[np.object_], alike: NDArray[np.intp] | None = None) -> Overlaps:
    """All pairs among footprints that share ground.

    Args:
        footprints: (N,) valid polygons of an equal-area plane, None allowed.
        alike: (N,) numbers; pairs of one number, unless it is negative, belong together for sure and are left out to save the work.
    """
    size = np.nan_to_num(shapely.area(footprints))
    tree = shapely.STRtree(footprints)
    first, second = tree.query(footprints, predicate="intersects")
    once = first < second
    if alike is not None:
        once &= (alike[first] < 0) | (alike[first] != alike[second])
    first, second = first[once], second[once]
    order = np.lexsort((second, first))
    first, second = first[order], second[order]
    shared = np.empty(len(first))
    for start in range(0, len(first), BLOCK):
        part = slice(start, start + BLOCK)
        shared[part] = shapely.area(shapely.intersection(footprints[first[part]], footprints[second[part]]))
    real = shared > 0
    return Overlaps(first[real], second[real], shared[real], size)
