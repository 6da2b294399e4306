"""The smoothed error over 100 × 100 places of 1,200 scenes, beside the sum over every scene at every place; and finding its bandwidth."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from data.lens.error_field import chosen_bandwidth, error_field, grid_over

SCENES, TIMES = 1_200, 7


def _given() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(SCENES, 2)), rng.random(SCENES), rng.integers(0, 150, SCENES)


def _milliseconds(work: Callable[[], object]) -> float:
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        work()
        took.append(1_000 * (time.perf_counter() - began))
    return round(min(took), 2)


def field() -> dict[str, Any]:
    places, errors, _ = _given()
    x, y = grid_over(places)
    crossings = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)

    def whole() -> np.ndarray:
        square = ((crossings[:, None, :] - places) ** 2).sum(axis=2)
        weights = np.exp(-0.5 * square / 0.2**2)
        return weights @ errors / weights.sum(axis=1)

    fast = _milliseconds(lambda: error_field(places, errors, 0.2, (x, y)))
    return {"value": fast, "unit": "ms", "peer": "every scene at every place", "peer_value": _milliseconds(whole)}


def bandwidth() -> dict[str, Any]:
    places, errors, lakes = _given()
    return {"value": _milliseconds(lambda: chosen_bandwidth(places, errors, lakes)), "unit": "ms"}


BENCHMARKS = {"lens.field_ms": field, "lens.bandwidth_ms": bandwidth}
