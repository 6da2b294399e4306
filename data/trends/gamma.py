"""log Γ and ψ' of whole arrays, several times as fast as scipy's: seven steps of the recurrence, then the asymptotic series."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma

STEPS = 7
"""From x + STEPS on the series below are good to rounding."""


def log_gamma(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """log Γ(x), 0 < x < 1e40 (DLMF 5.11.1)."""
    product = x.copy()
    for step in range(1, STEPS):
        product *= x + step
    y = x + STEPS
    r2 = 1.0 / np.square(y)
    series = 1 / 12 + r2 * (-1 / 360 + r2 * (1 / 1260 + r2 * (-1 / 1680 + r2 * (1 / 1188 + r2 * (-691 / 360360 + r2 / 156)))))
    return (y - 0.5) * np.log(y) - y + 0.5 * math.log(2 * math.pi) + series / y - np.log(product)


def trigamma(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """ψ'(x), x > 0 (DLMF 5.15.8)."""
    total = np.zeros_like(x)
    for step in range(STEPS):
        total += 1.0 / np.square(x + step)
    r = 1.0 / (x + STEPS)
    r2 = np.square(r)
    series = 1 / 6 + r2 * (-1 / 30 + r2 * (1 / 42 + r2 * (-1 / 30 + r2 * (5 / 66 + r2 * (-691 / 2730 + r2 * 7 / 6)))))
    return total + r + 0.5 * r2 + r * r2 * series


def log_less_digamma(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """log x - ψ(x), x > 0."""
    return np.log(x) - digamma(x)
