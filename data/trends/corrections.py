"""The corrections for testing many lakes: their names, words for the person who picks one, and which function each is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.records import CORRECTIONS as NAMES
from data.trends.multiplicity import log_q_benjamini_hochberg, log_q_benjamini_yekutieli, log_q_two_stage


@dataclass(frozen=True)
class Correction:
    """How q follows from the p values of the family.

    Args:
        name: Its token in settings, caches, URLs and exports.
        title: A few words for a menu.
        help: What it promises, for the person who picks it.
        log_q: Maps (L,) log p, NaN outside the family, to (L,) log q.
    """

    name: str
    title: str
    help: str
    log_q: Callable[[NDArray[np.float64]], NDArray[np.float64]]


_ALL = (
    Correction(
        "bh",
        "Benjamini–Hochberg",
        "Of the lakes with q below the cut-off, no larger share than that is expected to be false. Holds where lakes are independent, or "
        "tend to err in the same direction.",
        log_q_benjamini_hochberg,
    ),
    Correction(
        "by",
        "Benjamini–Yekutieli",
        "The same promise however lakes depend on each other, at a price: q is larger by the sum of 1/k over the family, 7.8 times for "
        "1,400 lakes.",
        log_q_benjamini_yekutieli,
    ),
    Correction(
        "bky",
        "Two-stage of Benjamini, Krieger and Yekutieli",
        "A first pass estimates how many lakes change, the second corrects for the others only. Finds more "
        "where many lakes change, 5 % less where few do. Made for a cut-off of 0.05: at another one the first pass is still that of 0.05.",
        log_q_two_stage,
    ),
)
CORRECTIONS: dict[str, Correction] = {each.name: each for each in _ALL}
"""By name, the default first; `data.records.CORRECTIONS` are their names."""

if tuple(CORRECTIONS) != NAMES:
    raise AssertionError(f"corrections {tuple(CORRECTIONS)} are not those of the settings, {NAMES}")
