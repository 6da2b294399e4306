"""What a measure of similarity answers with: a number, or why there is none, and what to mind of it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Features = NDArray[np.float64]
"""(N, C): a row a scene, a column a channel."""

FLAT = 1e-12
"""Share of the largest absolute value that spread must exceed: below it, features are constant and only rounding varies."""


@dataclass(frozen=True)
class Alike:
    """How alike two representations are.

    Args:
        value: 1 for the same up to what the measure forgives; NaN where it cannot be told.
        reason: Why there is no value; empty where there is one.
        warning: What to mind of the value; empty where there is nothing.
    """

    value: float
    reason: str = ""
    warning: str = ""


def untold(reason: str) -> Alike:
    """No value, and why."""
    return Alike(math.nan, reason)


def centred(features: NDArray[np.floating], weights: Features | None = None) -> Features:
    """(N, C) float64, each column less its mean; the mean is weighted by (N,) `weights` where they are given."""
    held = np.asarray(features, dtype=np.float64)
    return held - (held.mean(axis=0) if weights is None else weights @ held / weights.sum())


def is_flat(features: NDArray[np.floating]) -> bool:
    """Whether no column varies by more than rounding."""
    held = np.asarray(features, dtype=np.float64)
    return bool(np.abs(centred(held)).max(initial=0.0) <= FLAT * np.abs(held).max(initial=0.0))


def unusable(first: NDArray[np.floating], second: NDArray[np.floating], least: int) -> str:
    """Why two representations cannot be compared, in words; empty where they can.

    Args:
        first, second: (N, p) and (N, q), the same scenes in the same order.
        least: Scenes that the measure takes.

    Raises:
        ValueError: They are not two tables of the same number of rows.
    """
    if first.ndim != 2 or second.ndim != 2 or len(first) != len(second):
        raise ValueError(f"features must be (N, p) and (N, q) of the same scenes, not {first.shape} and {second.shape}")
    if len(first) < least:
        return f"{len(first)} scenes in common are too few: it takes {least}"
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        return "a feature is not a finite number"
    flat = [name for name, each in (("the first", first), ("the second", second)) if is_flat(each)]
    if flat:
        return f"{' and '.join(flat)} layer's features are the same for every scene: a layer that does not vary resembles nothing"
    return ""
