"""The small dataset with five images of two lakes, and a source with probabilities of them, whose trend hangs on the threshold."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from data.store import Store
from tests.mask_folders import LAKES, SIDE, YEARS, chip_dataset, chip_day, chip_grid, taken, write_tif

SEGMENTER = "unet"
"""Its areas are known at 20 thresholds; the inventory's have none."""
WOBBLE = (0.1, -0.1, 0.15, -0.2, 0.05)
"""px: by which the radius of the lake strays from its growth, year by year."""


def probability(lake: int, year: int) -> np.ndarray:
    """(64, 64) float32: a round lake that grows, its shore less certain year by year, so that low thresholds see it grow faster."""
    since = year - YEARS[0]
    away = np.hypot(*(np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2))
    radius = 9 + lake / 5 + 0.4 * since + WOBBLE[since]
    return (1 / (1 + np.exp((away - radius) / (0.8 + 0.25 * since)))).astype(np.float32)


def probable_dataset(folder: Path) -> Path:
    """Write the dataset into `folder` and return it; the handed-over masks lie beside it."""
    chip_dataset(folder)
    masks, ids = folder.with_name(f"{folder.name}-masks"), Store(folder).ids
    for lake in LAKES:
        for year in YEARS:
            write_tif(masks / f"{ids[lake]}_{chip_day(year)}_prob.tif", probability(lake, year), chip_grid(lake))
    taken(folder, masks, SEGMENTER)
    return folder
