"""The baseline that every paper compares with: NDWI, cut where its histogram parts in two, less what is snow, ice, cloud or shadow.

NDWI: McFeeters 1996 (Int. J. Remote Sens. 17); the cut: Otsu 1979 (IEEE Trans. Syst. Man Cybern. 9). MNDWI (Xu 2006, Int. J. Remote
Sens. 27) is left out, though many scenes have its band: snow and ice are as high in it as water, and so is shadow under a blue sky.
Measured on 120 clear scenes of the simulated basin's training sub-basins, mean (median) IoU with the same rules: MNDWI .36 (.21), both
indices .76 (.83), NDWI .78 (.85); bounds and rules were chosen on those scenes.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from models.card import SHIPPED, read_card
from models.chips import Chip, Segment

CARD = read_card(SHIPPED, "water_index")
VERSION = "1"
BOUNDS = (0.3, 0.5)
"""The cut lies between these, whatever the histogram says: in a scene without water Otsu parts two kinds of land."""
BRIGHT_NIR = 0.12
"""Near infrared reflectance from which a pixel is snow, ice or cloud: water, even white with rock flour, stays below .08."""
DARK_GREEN = 0.03
"""Green reflectance below which a pixel is shadow: clear water is as dark in the infrared, but not in green."""
SPREAD = 0.06
"""Change of the index over which the probability goes from .5 to .73."""
BINS = 128


def load() -> Segment:
    """Nothing to load."""
    return probability


def probability(chip: Chip) -> NDArray[np.float32]:
    """(H, W) of water; NaN where green or near infrared has no data.

    Raises:
        InputError: Green or near infrared is lacking.
    """
    green, nir = chip.band("green", "nir")
    known = chip.known("green", "nir")
    index = normalised_difference(green, nir)
    land = (nir >= BRIGHT_NIR) | (green < DARK_GREEN)
    cut = float(np.clip(otsu(index[known]), *BOUNDS)) if known.any() else BOUNDS[1]
    found = np.where(land, 0.0, expit((index - cut) / SPREAD))
    return np.where(known, found, np.nan).astype(np.float32)


def normalised_difference(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    """(a − b) / (a + b), cut to −1 … 1; −1 where the sum is not positive."""
    total = first + second
    return np.clip(np.divide(first - second, total, out=np.full_like(total, -1), where=total > 0), -1, 1)


def otsu(values: NDArray[np.floating]) -> float:
    """The cut that parts values into the two classes of largest variance between them (Otsu 1979), over BINS equal bins.

    Minus infinity where all are the same, so that there is nothing to part.

    Args:
        values: At least one, finite.
    """
    count, edges = np.histogram(values, BINS)
    middle = (edges[:-1] + edges[1:]) / 2
    below, mass = np.cumsum(count), np.cumsum(count * middle)
    above = below[-1] - below
    with np.errstate(invalid="ignore", divide="ignore"):
        between = below * above * (mass / below - (mass[-1] - mass) / above) ** 2
    best = np.nan_to_num(between[:-1])
    if best.max() <= 0:
        return -math.inf
    # Of several equally good cuts, as between two narrow humps, the middle one.
    return float(edges[1:-1][best >= best.max() * (1 - 1e-12)].mean())
