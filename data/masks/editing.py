"""A mask corrected by hand: which pixels somebody called water or land, whatever the probability says there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from data.errors import InputError
from data.rasters.probability import STEPS, UNKNOWN, water

LEFT, WATER, LAND = 0, 1, 2
"""What is said of a pixel: nothing, water, or not water."""
MOST_RUNS = 100_000
"""Of an edit that comes from a browser."""
AGAIN = "undo the last strokes, or load the image again"


def edits_from(runs: object, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """(H, W) of LEFT, WATER and LAND from runs row by row: value, length, value, length …

    Args:
        runs: As it was sent; anything at all.
        shape: (H, W) of the mask.

    Raises:
        InputError: It is not a list of runs, or they do not fill the mask exactly.
    """
    if not isinstance(runs, list | tuple) or len(cast(Sequence[object], runs)) % 2:
        raise InputError("an edit of the mask came in a form that cannot be read", AGAIN)
    given = cast(Sequence[object], runs)
    if len(given) > 2 * MOST_RUNS:
        raise InputError(f"an edit of the mask has {len(given) // 2:,} runs", f"edit fewer places: at most {MOST_RUNS:,} runs are taken")
    size = shape[0] * shape[1]
    if not all(isinstance(part, int) and not isinstance(part, bool) and 0 <= part <= size for part in given):
        raise InputError("an edit of the mask holds something else than values and lengths", AGAIN)
    values, lengths = (np.array(given[start::2], dtype=np.int64) for start in (0, 1))
    if len(values) and values.max() > LAND:
        raise InputError(f"an edit of the mask says {int(values.max())} of a pixel", AGAIN)
    if int(lengths.sum()) != size:
        raise InputError(f"an edit of the mask is of {int(lengths.sum()):,} px, the mask has {size:,}", AGAIN)
    return np.repeat(values.astype(np.uint8), lengths).reshape(shape)


def runs_of(values: NDArray[np.uint8]) -> list[int]:
    """Runs row by row, as `edits_from` reads them: value, length, value, length …"""
    flat = values.ravel()
    starts = np.flatnonzero(np.r_[True, flat[1:] != flat[:-1]][: len(flat)])
    lengths = np.diff(np.r_[starts, len(flat)])
    return np.column_stack([flat[starts].astype(np.int64), lengths]).ravel().tolist()


def edited(stored: NDArray[np.uint8], threshold: float, edits: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    """(H, W) bytes of a binary mask: water above the threshold, then what was said by hand, also where nothing was known.

    Args:
        stored: (H, W) bytes of `data.rasters.probability`.
        threshold: A twentieth.
        edits: (H, W) of LEFT, WATER and LAND; None: nobody said anything.
    """
    mask = np.where(stored == UNKNOWN, np.uint8(UNKNOWN), water(stored, threshold).astype(np.uint8) * np.uint8(STEPS))
    if edits is None:
        return mask
    return np.select([edits == WATER, edits == LAND], [np.uint8(STEPS), np.uint8(0)], mask).astype(np.uint8)
