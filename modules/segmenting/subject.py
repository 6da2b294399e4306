"""What the page Segment works on, as frozen records: the image, a model's answer, the lake's water in it."""

from __future__ import annotations

import gzip
import math
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

if TYPE_CHECKING:
    from data.rasters.grid import Grid
    from data.records import Scene
    from data.uploads import Upload


@dataclass(frozen=True)
class Subject:
    """One image, its header read and judged.

    Args:
        key: Names it within the visit: what was made of another one does not belong to it.
        title: What a person calls it.
        grid: Of its pixels.
        bands: (B,) names.
        scene: Of the dataset; or
        upload: what was handed in.
        lake_key: Whose water is measured; None where that is open.
        day: When it was taken; None where unknown.
        lake: The newest outline of that lake, in longitude and latitude.
        old: Its oldest outline, likewise: what guides a guided model.
        label: (H, W) bytes of its reference mask, None where there is none.
        lakes: Keys of the lakes that lie in it, the one nearest to its middle first.
        rings: Of `lake`, in px.
        label_packed: `label` as the browser gets it; empty where there is none.
    """

    key: str
    title: str
    grid: Grid
    bands: tuple[str, ...]
    scene: Scene | None = None
    upload: Upload | None = None
    lake_key: int | None = None
    day: date | None = None
    lake: BaseGeometry | None = None
    old: BaseGeometry | None = None
    label: NDArray[np.uint8] | None = None
    lakes: tuple[int, ...] = ()
    rings: tuple[list[list[float]], ...] = ()
    label_packed: bytes = b""


@dataclass(frozen=True)
class Outcome:
    """What a model, or a stored mask, says of a subject.

    Args:
        subject: Key of the subject.
        model: What said it, as `Segmenting.model` names it.
        title: What a person calls that.
        stored: (H, W) bytes of probabilities; with augmentation, of the mean of all passes.
        packed: The same as the browser gets them.
        passes: (N, H, W) bytes, a pass each; None without augmentation.
        seconds: That it took; NaN for a stored mask.
        binary: Whether only water or not is known, so that no threshold matters.
    """

    subject: str
    model: str
    title: str
    stored: NDArray[np.uint8]
    packed: bytes
    passes: NDArray[np.uint8] | None = None
    seconds: float = math.nan
    binary: bool = False


@dataclass(frozen=True)
class Measured:
    """The water of a mask.

    Args:
        area_km2: The lake's own water; NaN where no lake is known, or nobody knows where the image lies.
        area_sd_km2: Its standard error, as `predict` gives it; the mapping error where a hand changed the mask, or nothing was calibrated.
        spread_km2: sd of its area over the passes of augmentation; NaN without them.
        other_km2: All other water of the image; without a lake all there is.
        water_px: All water, px.
        valid_share: Share of the lake that the mask knows.
        reason: A code of `areas`.
        iou, precision, recall: Against the label, all water of the image; NaN where there is none.
        own: (H, W) the lake's own water.
        own_runs: The same, row by row: value, length, value, length …
        mask: (H, W) bytes of the binary mask.
        by_hand: Pixels that a hand changed.
    """

    area_km2: float
    area_sd_km2: float
    spread_km2: float
    other_km2: float
    water_px: int
    valid_share: float
    reason: str
    iou: float
    precision: float
    recall: float
    own: NDArray[np.bool_]
    own_runs: list[int]
    mask: NDArray[np.uint8]
    by_hand: int


def packed(values: NDArray[np.uint8]) -> bytes:
    """(H, W) bytes, row by row, gzipped: how the browser gets rasters."""
    return gzip.compress(values.tobytes(), 1, mtime=0)
