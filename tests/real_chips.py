"""`python -m tests.real_chips FOLDER`: every segmenter on three real chips that none was trained on, a row a chip and model.

FOLDER holds `ukis-csmask-chips` (Wieland, Li & Martinis 2019, Remote Sens. Environ. 230): top-of-atmosphere reflectance, lowlands, cloud.
A guided segmenter is told where the lake was by the label itself, eroded; it is scored, as the others, on all water of the chip. Where an
error comes from is told by the chip's other classes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from models.chips import Chip
from models.metrics import counts
from models.zoo import zoo

CLASSES = ("shadow", "water", "snow or ice", "land", "cloud")
WATER = 1
BANDS = ("blue", "green", "red", "nir", "swir1", "swir2")


class Row(NamedTuple):
    """One model on one chip; shares of the water class."""

    chip: str
    model: str
    iou: float
    precision: float
    recall: float
    area_bias: float
    taken: dict[str, float]
    """Class → share of the pixels wrongly called water."""


def rows(folder: Path) -> Iterator[Row]:
    """Every chip with every segmenter, chips in order of name."""
    for path in sorted((folder / "ukis-csmask-chips").glob("*.npz")):
        with np.load(path) as held:
            image, classes = held["img"].astype(np.float32), held["msk"].squeeze()
        values = np.moveaxis(image, -1, 0) if image.shape[-1] == len(BANDS) else image
        label = classes == WATER
        for name, segmenter in zoo().items():
            found = segmenter.load()(Chip(values, BANDS, outline=label)) > 0.5
            scored, false = counts(found, label), classes[found & ~label]
            taken = {each: float((false == number).mean()) for number, each in enumerate(CLASSES) if len(false) and (false == number).any()}
            yield Row(path.stem, name, *(float(each) for each in (scored.iou, scored.precision, scored.recall, scored.area_bias)), taken)


def table(folder: Path) -> Iterator[str]:
    """The rows as lines of Markdown."""
    yield "| chip | model | IoU (water) | precision | recall | area bias | wrongly called water |"
    yield "|---|---|---|---|---|---|---|"
    for row in rows(folder):
        taken = ", ".join(f"{name} {share:.0%}" for name, share in sorted(row.taken.items(), key=lambda pair: -pair[1])) or "nothing"
        name = f"{row.model} (guided by the eroded label)" if zoo()[row.model].CARD.guided else row.model
        yield f"| {row.chip} | {name} | {row.iou:.2f} | {row.precision:.2f} | {row.recall:.2f} | {row.area_bias:+.0%} | {taken} |"


if __name__ == "__main__":
    print("\n".join(table(Path(sys.argv[1]))))
