"""The guide: where a lake is known to have been, drawn so small that a model cannot copy today's shore from it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

SHARE = 0.4
"""Of the old outline's area that is left at most."""


def eroded(outline: NDArray[np.bool_], share: float = SHARE) -> NDArray[np.bool_]:
    """(H, W) the innermost pixels of an old outline: all those deeper than a depth, as many as `share` of its area allows.

    Of an outline so small, or so thin, that no depth leaves some and few enough, the single deepest pixel is left, so that the lake is
    still pointed at; of nothing, nothing. What the image cuts off counts as going on beyond its edge.

    Args:
        outline: (H, W) the old outline, rasterised.
        share: Above 0, at most 1.
    """
    inner = np.zeros_like(outline)
    if outline.any():
        around = tuple(_span(np.asarray(outline.any(axis=axis))) for axis in (1, 0))
        inner[around] = _inner(outline[around], share)
    return inner


def _span(held: NDArray[np.bool_]) -> slice:
    """Where something is, and one pixel more on each side: a lake is small beside its image."""
    places = np.flatnonzero(held)
    return slice(max(int(places[0]) - 1, 0), int(places[-1]) + 2)


def _inner(outline: NDArray[np.bool_], share: float) -> NDArray[np.bool_]:
    depth = np.asarray(ndimage.distance_transform_edt(np.pad(outline, 1, mode="edge")))[1:-1, 1:-1]
    depths = np.sort(depth[outline])[::-1]
    most = int(share * len(depths))
    inner = outline & (depth > depths[most]) if most < len(depths) else outline
    if not inner.any():
        inner = np.zeros_like(outline)
        inner[np.unravel_index(int(np.where(outline, depth, 0).argmax()), outline.shape)] = True
    return inner
