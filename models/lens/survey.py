"""Every scene, seen once by the last network: scores, concepts, mean activations, a thumbnail and the outcome of each of its pixels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.records import LabelledScene
from models.lens.concepts import concepts_of
from models.lens.crops import LensCrop, crop_about_lake
from models.lens.layers import Layer
from models.lens.packing import coarse
from models.lens.pictures import outcome_of, rgb_of, sheet_jpeg, sheet_png, smaller
from models.lens.showing import BATCH, shown
from models.unet import UNet

TILE, COLUMNS = 40, 40
"""px of a thumbnail, and how many stand in a row of the sheet."""


@dataclass
class Survey:
    """What was seen, in the order in which the scenes came.

    Args:
        rows: A dict a scene: scene_key, reason, split (the dataset's), region, loss, iou, area_bias, and the concepts.
        features: Layer → parts (n, C).
        thumbs: (TILE, TILE, 3) each.
        outcomes: (TILE, TILE) each.
    """

    rows: list[dict[str, object]] = field(default_factory=list[dict[str, object]])
    features: dict[str, list[NDArray[np.float32]]] = field(default_factory=dict[str, list[NDArray[np.float32]]])
    thumbs: list[NDArray[np.uint8]] = field(default_factory=list[NDArray[np.uint8]])
    outcomes: list[NDArray[np.uint8]] = field(default_factory=list[NDArray[np.uint8]])

    @property
    def scenes(self) -> pd.DataFrame:
        """A row a scene; numbers as float32."""
        table = pd.DataFrame(self.rows)
        numbers = [name for name in table.columns if table[name].dtype.kind == "f"]
        return table.astype(dict.fromkeys(numbers, np.float32))

    def arrays(self) -> dict[str, NDArray[np.float16]]:
        """Layer → (N, C): `features.npz`."""
        return {name: coarse(np.concatenate(parts)) for name, parts in self.features.items()}

    def sheets(self) -> dict[str, bytes]:
        """`scenes.jpg` and `outcomes.png`."""
        return {"scenes.jpg": sheet_jpeg(self.thumbs, COLUMNS), "outcomes.png": sheet_png(self.outcomes, COLUMNS)}


def surveyed(net: UNet, layers: Sequence[Layer], samples: Iterable[LabelledScene], side: int) -> Survey:
    """Look at every scene; no more than a batch of them is held at a time.

    Args:
        net: In evaluation mode.
        layers: Of it.
        samples: The scenes.
        side: px of a crop.
    """
    survey = Survey()
    for batch in _batches(samples):
        crops = [crop_about_lake(sample, side, net.shape.guided) for sample in batch]
        told = shown(net, layers, crops)
        for name, part in told.features.items():
            survey.features.setdefault(name, []).append(part)
        for sample, crop, probability, scores in zip(batch, crops, told.probability, told.scores, strict=True):
            survey.rows.append(_row(sample, crop, net.shape.bands) | dict(scores))
            survey.thumbs.append(smaller(rgb_of(crop.image, net.shape.bands), TILE))
            survey.outcomes.append(smaller(outcome_of(probability > 0.5, crop.label, crop.counted), TILE, exact=True))
    return survey


def _row(sample: LabelledScene, crop: LensCrop, bands: Sequence[str]) -> dict[str, object]:
    told = {"scene_key": sample.scene_key, "reason": sample.reason, "split": sample.split, "region": sample.region}
    return {**told, **concepts_of(crop, bands, sample.pixel_m)}


def _batches(samples: Iterable[LabelledScene]) -> Iterator[list[LabelledScene]]:
    rest = iter(samples)
    while batch := list(islice(rest, BATCH)):
        yield batch
