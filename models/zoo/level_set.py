"""An active contour without edges (Chan and Vese 2001, IEEE Trans. Image Process. 10), started from where the lake was.

The contour runs over the water index and parts it into two means; scikit-image evolves it. Land that is no water by brightness or
darkness (snow, ice, cloud, shadow: the rules of `water_index`) cannot be taken in. It knows no degrees: its probability says how far a
pixel lies on the water's side of the two means, smoothly across the contour.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.special import expit

from models.card import SHIPPED, read_card
from models.chips import Chip, Segment
from models.zoo.water_index import BRIGHT_NIR, DARK_GREEN, normalised_difference

CARD = read_card(SHIPPED, "level_set")
VERSION = "1"
AROUND = 1.5
"""The contour may grow to a window that reaches so many times the old outline's own size beyond it, at least LEAST px."""
LEAST = 24
STEPS = 120
SMOOTHNESS = 1
"""Passes of curvature smoothing a step (Márquez-Neila et al. 2014, IEEE Trans. Pattern Anal. 36)."""
SPREAD = 0.06
"""Change of the index over which the probability goes from .5 to .73, as in `water_index`."""


def load() -> Segment:
    """Nothing to load."""
    return probability


def probability(chip: Chip) -> NDArray[np.float32]:
    """(H, W) of the lake that the old outline points at; NaN where green or near infrared has no data.

    Raises:
        InputError: Green, near infrared or the outline is lacking.
    """
    from skimage.segmentation import morphological_chan_vese  # noqa: PLC0415  slow

    green, nir = chip.band("green", "nir")
    known = chip.known("green", "nir")
    outline = chip.old_outline()
    found = np.zeros(known.shape, dtype=np.float64)
    if outline.any():
        window = _window(outline)
        index = normalised_difference(green, nir)[window].astype(np.float64)
        land = ((nir >= BRIGHT_NIR) | (green < DARK_GREEN) | ~known)[window]
        seed = chip.guide()[window] & ~land
        driest = float(index[~land].min()) if (~land).any() else -1.0
        index = np.where(land, driest, index)
        if seed.any():
            inside = np.asarray(morphological_chan_vese(index, STEPS, seed.astype(np.int8), smoothing=SMOOTHNESS), dtype=bool)
            found[window] = _soft(index, inside & ~land, seed)
    return np.where(known, found, np.nan).astype(np.float32)


def _window(outline: NDArray[np.bool_]) -> tuple[slice, slice]:
    spans: list[slice] = []
    for axis in (1, 0):
        held = np.flatnonzero(outline.any(axis=axis))
        reach = max(LEAST, int(AROUND * (held[-1] - held[0] + 1)))
        spans.append(slice(max(int(held[0]) - reach, 0), int(held[-1]) + reach + 1))
    return spans[0], spans[1]


def _soft(index: NDArray[np.float64], inside: NDArray[np.bool_], seed: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Probabilities: of the bodies that the seed touches, the side of the middle of the two means that a pixel lies on; elsewhere none."""
    bodies = np.asarray(ndimage.label(inside)[0])  # pyright: ignore[reportIndexIssue]
    wanted = np.unique(bodies[seed & inside])
    own = np.isin(bodies, wanted[wanted > 0])
    if not own.any() or own.all():
        return own.astype(np.float64)
    middle = (index[own].mean() + index[~own].mean()) / 2
    sure = expit((index - middle) / SPREAD)
    return np.where(own, np.maximum(sure, 0.5 + 1e-6), 0.0)
