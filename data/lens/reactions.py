"""What the feature maps of a layer react to: how each correlates with what is known of the scene's pixels. Pure.

A reaction is Pearson's r, over the cells of the map, between the map and the mean of a *target* over the part of the image that a cell
stands for (cell i of m along a side of H px: from floor(iH/m) to ceil((i+1)H/m), as the maps were reduced). Pixels where the target is not
known are left out of a mean, cells of which less than half is known out of r. r is NaN where the map or the target is the same everywhere.
The targets, from the probe's picture (0 to 1), label and prediction:

- `water`: 1 water, 0 land by the label;
- `error`: the absolute difference of prediction and label, at the epoch of the maps;
- `bright`: the mean of red, green and blue: snow, cloud and sunlit rock are high, water and shadow low;
- `index`: (green - red) / (green + red), the part of a water index (NDWI, McFeeters 1996) that a picture without near infrared holds;
- `edges`: length of the gradient of `bright` by central differences: shores, ridges, crevasses.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

TARGETS = {
    "water": "the water of the label",
    "error": "where prediction and label differ",
    "bright": "brightness (snow, cloud, sunlit rock)",
    "index": "a water index of the picture, (green − red) / (green + red)",
    "edges": "edges of the picture",
}
"""Target → what it is in words, in the order in which they are offered."""
UNKNOWN = 255
KNOWN_SHARE = 0.5
"""Of a cell, at least, for it to count."""


def targets_of(image: NDArray[np.uint8], label: NDArray[np.uint8], probability: NDArray[np.uint8] | None) -> dict[str, NDArray[np.float64]]:
    """Target → (H, W), NaN where it is not known; `error` only where there is a prediction.

    Args:
        image: (H, W, 3) true colours.
        label: (H, W) 1 water, 0 land, 255 unknown.
        probability: (H, W) 255 × the probability of water, or None.
    """
    colours = image.astype(np.float64) / 255
    red, green = colours[..., 0], colours[..., 1]
    bright = colours.mean(axis=-1)
    wet = np.where(label == UNKNOWN, np.nan, (label == 1).astype(np.float64))
    both = red + green
    down, right = np.gradient(bright) if min(bright.shape) > 1 else (np.zeros_like(bright), np.zeros_like(bright))
    held = {
        "water": wet,
        "bright": bright,
        "index": np.divide(green - red, both, out=np.full_like(both, np.nan), where=both > 0),
        "edges": np.hypot(down, right),
    }
    if probability is not None:
        held["error"] = np.abs(probability.astype(np.float64) / 255 - wet)
    return {name: held[name] for name in TARGETS if name in held}


def cell_means(values: NDArray[np.float64], cells: tuple[int, int]) -> NDArray[np.float64]:
    """(h, w) means of what each cell of a map stands for, NaN where less than half of it is known.

    Args:
        values: (H, W), NaN where not known.
        cells: h and w; more than H and W are as many.
    """
    known = np.isfinite(values)
    total, count = (_sums(_sums(each, cells[0]).T, cells[1]).T for each in (np.where(known, values, 0.0), known.astype(np.float64)))
    whole = np.outer(*(_sizes(side, number) for side, number in zip(values.shape, cells, strict=True)))
    return np.divide(total, count, out=np.full(cells, np.nan), where=(count > 0) & (count >= KNOWN_SHARE * whole))


def spread(maps: NDArray[np.uint8], low: NDArray[np.floating[Any]], high: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """(C,) the standard deviation of each map over its cells, in the layer's own units.

    Args:
        maps: (C, h, w): value = low + (high - low) × byte / 255.
        low, high: (C,).
    """
    return maps.reshape(len(maps), -1).std(axis=1, dtype=np.float64) / 255 * (high.astype(np.float64) - low.astype(np.float64))


def reactions(maps: NDArray[np.uint8], targets: Mapping[str, NDArray[np.float64]]) -> dict[str, NDArray[np.float64]]:
    """Target → (C,) Pearson's r of each map with it; NaN where one of the two is the same everywhere.

    Args:
        maps: (C, h, w) of one layer, on any scale that is linear in the activation.
        targets: Name → (H, W).
    """
    flat = maps.reshape(len(maps), -1)
    return {name: _correlations(flat, cell_means(values, maps.shape[1:]).ravel()) for name, values in targets.items()}


def _correlations(rows: NDArray[np.uint8], target: NDArray[np.float64]) -> NDArray[np.float64]:
    known = np.isfinite(target)
    nothing = np.full(len(rows), np.nan)
    if known.sum() < 2:
        return nothing
    held, wanted = rows[:, known].astype(np.float64), target[known] - target[known].mean()
    held -= held.mean(axis=1, keepdims=True)
    size = np.sqrt((held**2).sum(axis=1) * (wanted**2).sum())
    varies = (rows[:, known].max(axis=1) > rows[:, known].min(axis=1)) & (np.ptp(target[known]) > 1e-12)
    return np.clip(np.divide(held @ wanted, size, out=nothing, where=varies & (size > 0)), -1, 1)


def _ends(side: int, number: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First pixel, and the one past the last, of each of `number` cells along `side` px."""
    place = np.arange(number, dtype=np.int64)
    return place * side // number, -(-(place + 1) * side // number)


def _sizes(side: int, number: int) -> NDArray[np.int64]:
    first, past = _ends(side, number)
    return past - first


def _sums(values: NDArray[np.float64], number: int) -> NDArray[np.float64]:
    """(number, W) sums over the rows of each cell."""
    first, past = _ends(len(values), number)
    summed = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    return summed[past] - summed[first]
