"""Lakes as the unit of chance: the scenes of one lake are not so many independent ones. Pure numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def numbered(groups: NDArray[np.generic]) -> NDArray[np.intp]:
    """(N,) numbers from 0 in place of names."""
    return np.unique(groups, return_inverse=True)[1].reshape(-1).astype(np.intp)


def resampled(count: int, times: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """(times, count) how often each group is drawn when as many are drawn, with replacement, as there are."""
    return rng.multinomial(count, np.full(count, 1.0 / count), size=times).astype(np.float64)


def groups_of(lakes: NDArray[np.integer], known: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(N,) the group of each scene: its lake; a scene without one is a group of its own.

    Args:
        lakes: (N,) lake keys; anything where none is known.
        known: (N,).
    """
    alone = -1 - np.arange(len(lakes), dtype=np.int64)
    return np.where(known, np.asarray(lakes, dtype=np.int64), alone)
