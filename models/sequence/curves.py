"""Random curves, and how often each has crossed a band: the whole of the toy problem. Pure numpy."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LENGTH = 200
"""Steps of a curve."""
BAND = (0.0, 1.0)
SMOOTHEST, ROUGHEST = 20.0, 5.0
"""Steps over which a curve forgets where it was: the sd of the Gaussian that smooths white noise."""
SPREAD = (0.6, 1.6)
"""Least and greatest sd of a curve round its own middle."""
MIDDLE = (0.5, 0.35)
"""Mean and sd of the middles."""


def curves(count: int, seed: int | Sequence[int]) -> NDArray[np.float32]:
    """(count, LENGTH) curves: white noise smoothed over ROUGHEST to SMOOTHEST steps, with an sd and a middle of its own each.

    Every value is one of half precision, so that a file of halves holds the very curve, with the very count.

    Args:
        count: How many.
        seed: They follow from it and from `count`.
    """
    rng = np.random.default_rng(seed)
    forgets = np.exp(rng.uniform(np.log(ROUGHEST), np.log(SMOOTHEST), count))[:, None]
    noise = np.fft.rfft(rng.standard_normal((count, 2 * LENGTH)), axis=1)
    # Smoothed on a ring of twice the length, of which one half is kept: else the end of a curve would know its start.
    shape = np.fft.irfft(noise * np.exp(-2 * (np.pi * np.fft.rfftfreq(2 * LENGTH) * forgets) ** 2), axis=1)[:, :LENGTH]
    shape /= shape.std(axis=1, keepdims=True)
    spread, middle = rng.uniform(*SPREAD, count), rng.normal(*MIDDLE, count)
    return (middle[:, None] + spread[:, None] * shape).astype(np.float16).astype(np.float32)


def running_count(curve: NDArray[np.floating], band: tuple[float, float] = BAND) -> NDArray[np.int64]:
    """How often a curve has crossed the band up to each step: a passage from below its lower edge to
    above its upper one, or back.

    A curve that enters the band and leaves it on the side where it came from has not crossed; neither has one that is still inside.
    The edges belong to the band.

    Args:
        curve: (..., T).
        band: Its edges.

    Returns:
        (..., T)
    """
    side = np.where(curve < band[0], -1, np.where(curve > band[1], 1, 0))
    # The step at which the curve was last outside the band; before it was ever outside, step 0, which is then inside: side 0.
    outside = np.maximum.accumulate(np.where(side != 0, np.arange(curve.shape[-1]), 0), axis=-1)
    was = np.take_along_axis(side, outside, axis=-1)
    crossed = was[..., 1:] * was[..., :-1] == -1
    return np.concatenate([np.zeros((*curve.shape[:-1], 1), dtype=np.int64), crossed.cumsum(axis=-1)], axis=-1)
