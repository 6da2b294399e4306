"""How masks are stored: a probability of water in one byte, such that comparing it with any twentieth stays exact.

A byte is ceil(200 · p), 255 where nothing is known. For a threshold t = k/20, 200 t is whole, and byte > 200 t exactly where p > t.
A binary mask is the special case of bytes 0 and 200.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STEPS = 200
UNKNOWN = 255
THRESHOLDS = tuple(k / 20 for k in range(20))
"""0 to 0.95 by 0.05. Water is where the probability is *above* the threshold."""
CLOSE = 2e-5
"""Steps within which a probability counts as a whole step: float32 holds 1.2e-5 of one near 1."""


def encoded(probability: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Probabilities 0 to 1 as bytes; NaN as UNKNOWN.

    The bytes of a float32 array give the same water at every twentieth as the array itself, compared in its own type: a float32 .15
    is not above .15, though as a float64 it would be; the next float32 above it is. The same holds for float64.
    """
    given = np.asarray(probability)
    steps = given.astype(np.float64) * STEPS
    whole = np.rint(steps)
    near = np.abs(steps - whole) < CLOSE
    at_twentieth = near & (whole % 10 == 0)
    above = given > (whole / STEPS).astype(given.dtype)
    steps = np.where(at_twentieth, whole + above, np.where(near, whole, steps))
    return np.where(np.isnan(steps), UNKNOWN, np.ceil(np.clip(steps, 0, STEPS))).astype(np.uint8)


def decoded(stored: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Bytes as probabilities, NaN where unknown; at most 1/200 above the probability that was stored."""
    return np.where(stored == UNKNOWN, np.nan, stored / np.float32(STEPS)).astype(np.float32)


def water(stored: NDArray[np.uint8], threshold: float = 0.5) -> NDArray[np.bool_]:
    """Where the probability is above a threshold (a twentieth, else the comparison is to the stored step)."""
    return (stored != UNKNOWN) & (stored > round(threshold * STEPS, 6))
