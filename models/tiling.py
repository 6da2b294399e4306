"""Scenes too large for one pass: overlapping tiles, whose answers fade into each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from models.chips import Chip, Segment

LARGEST = 1024
"""px: a scene with a longer side is taken in tiles."""
TILE = 512
OVERLAP = 32
"""px that a tile shares with the next one, over which the one fades into the other."""
Tell = Callable[[int, int], object]


def segment_whole(segment: Segment, chip: Chip, tell: Tell | None = None) -> NDArray[np.float32]:
    """(H, W) probabilities of a scene of any size; one up to LARGEST px is taken in one piece.

    Args:
        segment: The segmenter.
        chip: The scene.
        tell: Told after each tile how many of how many are done; what it raises ends the work.
    """
    height, width = chip.shape
    whole = max(height, width) <= LARGEST
    rows, columns = ([slice(0, side)] if whole else spans(side) for side in (height, width))
    if whole:
        found = segment(chip)
        if tell:
            tell(1, 1)
        return found
    total = np.zeros((height, width), dtype=np.float64)
    weight = np.zeros((height, width), dtype=np.float64)
    chip = chip if chip.outline is None else replace(chip, inner=chip.guide())
    for number, (row, column) in enumerate([(row, column) for row in rows for column in columns], 1):
        found = segment(chip.part(row, column))
        share = np.outer(fade(row, height), fade(column, width)) * np.isfinite(found)
        total[row, column] += share * np.nan_to_num(found)
        weight[row, column] += share
        if tell:
            tell(number, len(rows) * len(columns))
    return np.divide(total, weight, out=np.full_like(total, np.nan), where=weight > 0).astype(np.float32)


def spans(side: int, tile: int = TILE, overlap: int = OVERLAP) -> list[slice]:
    """Windows of at most `tile` px that cover a side, each sharing at least `overlap` px with the next; the last ends with the side."""
    if side <= tile:
        return [slice(0, side)]
    count = -(-(side - overlap) // (tile - overlap))
    starts = np.linspace(0, side - tile, count).round().astype(int).tolist()
    return [slice(start, start + tile) for start in starts]


def fade(span: slice, side: int, overlap: int = OVERLAP) -> NDArray[np.float64]:
    """Weights of a window's pixels: 1, falling off toward an edge beyond which another window goes on."""
    length = span.stop - span.start
    ramp = np.minimum((np.arange(length) + 0.5) / overlap, 1.0)
    weights = np.ones(length)
    if span.start > 0:
        weights *= ramp
    if span.stop < side:
        weights *= ramp[::-1]
    return weights
