"""The small dataset with five images of two lakes, and a source with probabilities of them: the higher the threshold, the narrower a lake."""

from __future__ import annotations

from pathlib import Path

from tests.mask_folders import chip_dataset, chip_masks, taken

SEGMENTER = "unet"
"""Its areas are known at 20 thresholds; the inventory's have none."""


def probable_dataset(folder: Path) -> Path:
    """Write the dataset into `folder` and return it; the handed-over masks lie beside it."""
    chip_dataset(folder)
    taken(folder, chip_masks(folder, folder.with_name(f"{folder.name}-masks")), SEGMENTER)
    return folder
