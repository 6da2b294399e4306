"""A block of lakes as flags look at it: what was seen of each, and what lies around."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from data.flags.apart import Apart, apart
from data.flags.drops import drops
from data.flags.packed import Packed
from data.records import Season

NEAREST = 10
"""Lakes that count as neighbours."""


@dataclass(frozen=True)
class Around:
    """Which other lakes were mapped when.

    Args:
        years: (Y,) nominal years of the source, ascending: those in which it mapped any lake.
        day: (Y,) datetime64[D]: the earliest day of each.
        mapped: (A, Y) whether a lake has a row of any kind.
        near: (A, K) rows of the nearest lakes that were mapped in two years or more, nearest first; -1 where there are fewer.
    """

    years: NDArray[np.float64]
    day: NDArray[np.datetime64]
    mapped: NDArray[np.bool_]
    near: NDArray[np.int32]


@dataclass(frozen=True)
class Seen:
    """A block of L lakes of the A that there are.

    Args:
        rows: (L,) rows of `Store.lakes`.
        used: What trends use.
        water: The same, and the dates on which nothing of the lake was left though it could be seen.
        unused: (L,) observations with water that lie outside the season, and would be used but for that.
        season: The season in use.
        sensors: Names.
        around: Which other lakes were mapped when.
        gone: (L, Y) years of `around.years` in which, by recorded merges, the lake was part of another.
    """

    rows: NDArray[np.intp]
    used: Packed
    water: Packed
    unused: NDArray[np.intp]
    season: Season | None
    sensors: tuple[str, ...]
    around: Around
    gone: NDArray[np.bool_]

    @cached_property
    def apart(self) -> Apart:
        """How far each used area lies from its neighbours in time."""
        return apart(self.used)

    @cached_property
    def drops(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Drops of log area that last, and what each has to exceed (`data.flags.drops.drops`)."""
        return drops(self.water)

    @cached_property
    def drained(self) -> NDArray[np.bool_]:
        """(L,) which lakes have drained."""
        drop, limit = self.drops
        return np.asarray((drop > limit).any(axis=1))
