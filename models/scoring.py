"""The scores of one scene, as rows of `scores`: shares at every threshold, shores and calibration at the source's own."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.metrics import (
    THRESHOLDS,
    Counts,
    ErrorParts,
    Mask,
    Reliability,
    boundary_f1,
    counts,
    counts_at,
    error_parts,
    frechet_px,
    reliability,
)

PARTS = tuple(field.name for field in fields(ErrorParts))


@dataclass(frozen=True)
class Predicted:
    """What a source says of a scene, beside its label.

    Args:
        probability: (H, W) of water, 0 to 1; NaN where the source could not tell.
        label: (H, W) where there is water.
        labelled: (H, W) where the label is known.
        threshold: Above it is water; None for a mask that is water or not, whose probabilities are 0 and 1.
        pixel_km2: Area of a pixel; NaN where unknown.
    """

    probability: NDArray[np.float64]
    label: Mask
    labelled: Mask
    threshold: float | None
    pixel_km2: float = math.nan

    @cached_property
    def known(self) -> Mask:
        """(H, W) pixels that count: both know them."""
        return self.labelled & np.isfinite(self.probability)

    @cached_property
    def reliability(self) -> Reliability:
        """How often there is water where the source says how likely it is."""
        return reliability(self.probability, self.label & self.known, self.known)


def of_lake(predicted: Predicted, joined: Callable[[Mask], Mask]) -> Predicted:
    """Both cut to the water of one lake, at every threshold: what belongs to neither's lake counts as land.

    The lower the threshold, the more water joins, so that a pixel belongs to the lake up to some threshold. A probability becomes at most
    the next threshold above that one: compared with any of THRESHOLDS or the source's own, it gives the lake's water there and no other.

    Args:
        predicted: All water of a scene.
        joined: From water (H, W) to those connected components of it that touch the lake.
    """
    cuts = sorted({*THRESHOLDS, _cut(predicted)})
    above, most = [*cuts[1:], 1.0], np.zeros(predicted.probability.shape)
    held, water = -1, predicted.label
    for cut, following in zip(cuts, above, strict=True):
        found = predicted.probability > cut
        if int(found.sum()) != held:  # the same number of nested pixels: the same ones
            held, water = int(found.sum()), joined(found)
        if not water.any():
            break
        most[water] = following
    return replace(predicted, probability=np.minimum(predicted.probability, most), label=joined(predicted.label))


def score_rows(predicted: Predicted) -> list[dict[str, Any]]:
    """A row a threshold (one for a mask that has none); what belongs to the source's own threshold is NaN in the others.

    Shores are compared as they are seen: what one of the two does not know is land to both.
    """
    known = predicted.known
    water, label = predicted.probability > _cut(predicted), predicted.label & known
    own = {
        "boundary_f1_1px": boundary_f1(water & known, label, 1), "boundary_f1_2px": boundary_f1(water & known, label, 2),
        "frechet_px": frechet_px(water & known, label), "ece": predicted.reliability.ece,
        **asdict(error_parts(water, label, known)),
    }  # fmt: skip
    if predicted.threshold is None:
        return [_row(None, counts(water, label, known), None, predicted.pixel_km2) | own | {"ece": math.nan}]
    found = counts_at(predicted.probability, label, known)
    rows = [_row(cut, found, place, predicted.pixel_km2) for place, cut in enumerate(THRESHOLDS)]
    if predicted.threshold not in THRESHOLDS:
        rows.append(_row(predicted.threshold, counts(water, label, known), None, predicted.pixel_km2))
    nothing = {name: None if name in PARTS else math.nan for name in own}
    return [row | (own if row["threshold"] == predicted.threshold else nothing) for row in rows]


def reliability_rows(predicted: Predicted) -> list[dict[str, Any]]:
    """A row a bin that holds pixels; none for a mask that is water or not, which says nothing of how sure it is."""
    if predicted.threshold is None:
        return []
    found = predicted.reliability
    return [
        {"bin": place, "pixels": int(found.pixels[place]), "said": float(found.said[place]), "found": float(found.found[place])}
        for place in np.flatnonzero(found.pixels).tolist()
    ]


def _cut(predicted: Predicted) -> float:
    return 0.5 if predicted.threshold is None else predicted.threshold


def _row(threshold: float | None, found: Counts, place: int | None, pixel_km2: float) -> dict[str, Any]:

    def at(line: NDArray[Any]) -> float:
        return float(line if place is None else line[place])

    return {
        "threshold": threshold, "iou": at(found.iou), "precision": at(found.precision), "recall": at(found.recall),
        "area_bias": at(found.area_bias), "predicted_km2": at(found.tp + found.fp) * pixel_km2,
        "label_km2": at(found.tp + found.fn) * pixel_km2, "pixels": int(at(found.tp + found.fp + found.fn + found.tn)),
    }  # fmt: skip
