"""Standard errors that cover: split conformal prediction (Vovk et al. 2005; Lei et al. 2018, JASA 113), by size of the lake.

|error| / standard error over validation regions says by what the standard errors of a size class must be multiplied for 1.96 of them to
hold 95 % of the errors.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

SIZES = {"below 0.02 km²": 0.02, "0.02 to 0.1 km²": 0.1, "0.1 to 0.5 km²": 0.5, "0.5 km² and more": math.inf}
"""Size class → its upper edge, km²; from 0.02 a lake counts as large enough for an outburst flood (ICIMOD and UNDP 2020)."""
NORMAL = 1.959963984540054
"""Standard errors on each side of a 95 % interval."""
SHARE = 0.95
FEWEST = 20
"""Observations below which a size class has no factor of its own."""


def size_of(area_km2: float) -> str:
    """The size class of an area."""
    return next(name for name, edge in SIZES.items() if area_km2 < edge)


def factors(area: Sequence[float], raw: Sequence[float], truth: Sequence[float]) -> dict[str, float]:
    """Size class → the factor; `all` for every observation. A class with fewer than FEWEST observations has none.

    Args:
        area, truth: (N,) km², measured and true.
        raw: (N,) km², standard errors as they are, > 0.
    """
    sizes = np.array([size_of(each) for each in area])
    ratio = np.abs(np.asarray(area, dtype=float) - np.asarray(truth, dtype=float)) / np.asarray(raw, dtype=float)
    held = {"all": _quantile(ratio)}
    return held | {name: _quantile(ratio[sizes == name]) for name in SIZES if (sizes == name).sum() >= FEWEST}


def _quantile(ratio: np.ndarray) -> float:
    """The ⌈(n + 1) · .95⌉-th smallest, in standard errors of a normal interval; the largest where there are too few."""
    place = min(math.ceil((len(ratio) + 1) * SHARE), len(ratio))
    return float(np.sort(ratio)[place - 1] / NORMAL)


def error_kind(area_sd: Mapping[str, Mapping[str, float]], several: bool) -> str:
    """What a card's errors are measured by: `tta`, the spread over guises, where it says by what to widen that; else `mapping`.

    Args:
        area_sd: Of the card.
        several: Whether the scene was seen in several guises.
    """
    return "tta" if several and area_sd.get("tta") else "mapping"


def widen(held: Mapping[str, float], area_km2: float) -> float:
    """The factor of an area: the widest there is for a class that nobody calibrated; 1 where nothing was."""
    return held.get(size_of(area_km2), max(held.values(), default=1.0))
