"""How well a mask agrees with its label. Every function takes plain arrays; what cannot be scored is NaN, never 0 or 1.

Definitions: FACTS of the project; IoU, precision and recall as in Everingham et al. 2010 (IJCV 88), boundary F1 as in Csurka et al.
2013 (BMVC), ECE as in Guo et al. 2017 (ICML), Fréchet distance as in Eiter and Mannila 1994 (on the corners of both shores).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
import shapely
from numpy.typing import NDArray
from rasterio.features import shapes
from scipy import ndimage
from shapely.geometry import shape

THRESHOLDS = tuple(k / 20 for k in range(20))
"""0 to 0.95 by 0.05; water is where the probability is above the threshold."""
BINS = 15
"""Of the reliability diagram, equally wide."""
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Counts:
    """Pixels that both, one or neither call water.

    Args:
        tp, fp, fn, tn: True and false positives and negatives; whole numbers or arrays of them, one a threshold.
    """

    tp: NDArray[np.int64]
    fp: NDArray[np.int64]
    fn: NDArray[np.int64]
    tn: NDArray[np.int64]

    @property
    def iou(self) -> NDArray[np.float64]:
        """TP / (TP + FP + FN); NaN where neither has water."""
        return _ratio(self.tp, self.tp + self.fp + self.fn)

    @property
    def precision(self) -> NDArray[np.float64]:
        """TP / (TP + FP); NaN where nothing was predicted."""
        return _ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> NDArray[np.float64]:
        """TP / (TP + FN); NaN where the label has no water."""
        return _ratio(self.tp, self.tp + self.fn)

    @property
    def area_bias(self) -> NDArray[np.float64]:
        """(FP − FN) / (TP + FN), the signed error of the area as a share of it; NaN where the label has no water."""
        return _ratio(self.fp - self.fn, self.tp + self.fn)


def _ratio(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=np.asarray(whole) > 0)


def counts(predicted: Mask, label: Mask, known: Mask | None = None) -> Counts:
    """The four counts of a mask against its label.

    Args:
        predicted, label: (H, W).
        known: (H, W) pixels that count; None: every one.
    """
    inside = np.ones(label.shape, dtype=bool) if known is None else known
    cells = np.bincount((2 * label[inside] + predicted[inside]).astype(np.int64), minlength=4)
    tn, fp, fn, tp = (np.asarray(cell, dtype=np.int64) for cell in cells)
    return Counts(tp, fp, fn, tn)


def counts_at(probability: NDArray[np.floating], label: Mask, known: Mask | None = None) -> Counts:
    """The counts at each of THRESHOLDS, in one pass over the pixels.

    Args:
        probability: (H, W), 0 to 1; pixels where it is NaN do not count.
        label, known: As in `counts`.

    Returns:
        Counts of (20,) arrays.
    """
    inside = _inside(probability, known)
    # How many thresholds a pixel lies above: water at exactly the first so many. Compared in the probability's own type.
    above = np.searchsorted(np.asarray(THRESHOLDS, dtype=probability.dtype), probability[inside], side="left")
    steps = len(THRESHOLDS) + 1
    water = np.bincount(above[label[inside]], minlength=steps)
    land = np.bincount(above[~label[inside]], minlength=steps)
    tp, fp = (line[::-1].cumsum()[::-1][1:] for line in (water, land))
    return Counts(tp, fp, water.sum() - tp, land.sum() - fp)


def _inside(probability: NDArray[np.floating], known: Mask | None) -> Mask:
    finite: Mask = np.isfinite(probability).astype(np.bool_)
    return finite if known is None else np.logical_and(finite, known)


@dataclass(frozen=True)
class ErrorParts:
    """A mask's errors by kind. Water bodies are connected components of pixels that share sides, among the pixels that count.

    A body of the label of which the mask has not one pixel is a lake missed; a body of the mask that holds not one pixel of the label's
    water is a false lake; every other error lies along the boundary of bodies that do meet. The three add up to FP + FN.

    Args:
        missed_lakes, label_lakes: Bodies of the label that are missed, and all.
        false_lakes, predicted_lakes: Bodies of the mask that are false, and all.
        missed_px, false_px, boundary_px: Pixels of either kind of body, and of the errors that are left.
    """

    missed_lakes: int
    label_lakes: int
    false_lakes: int
    predicted_lakes: int
    missed_px: int
    false_px: int
    boundary_px: int


def error_parts(predicted: Mask, label: Mask, known: Mask | None = None) -> ErrorParts:
    """Where a mask's errors come from; arguments as in `counts`."""
    inside = np.ones(label.shape, dtype=bool) if known is None else known
    water, truth = predicted & inside, label & inside
    missed, bodies, missed_px = _alone(truth, water)
    false, found, false_px = _alone(water, truth)
    return ErrorParts(missed, bodies, false, found, missed_px, false_px, int((water ^ truth).sum()) - missed_px - false_px)


def _alone(mask: Mask, other: Mask) -> tuple[int, int, int]:
    """How many bodies of a mask hold no pixel of the other, how many there are, and the pixels of the former."""
    labelled, count = cast(tuple[NDArray[np.int32], int], ndimage.label(mask))
    sizes = np.bincount(labelled.ravel(), minlength=count + 1)
    met = np.zeros(count + 1, dtype=bool)
    met[labelled[other]] = met[0] = True
    return int((~met).sum()), count, int(sizes[~met].sum())


def shore(mask: Mask) -> Mask:
    """(H, W) water pixels that share a side with land; the edge of the image is no shore."""
    land = np.logical_not(mask)
    beside = np.zeros_like(mask)
    beside[1:] |= land[:-1]
    beside[:-1] |= land[1:]
    beside[:, 1:] |= land[:, :-1]
    beside[:, :-1] |= land[:, 1:]
    return np.logical_and(mask, beside)


def boundary_f1(predicted: Mask, label: Mask, reach: int) -> float:
    """F1 of the shores' pixels, each found where the other has one within `reach` px (Euclid); NaN where neither has a shore.

    Args:
        predicted, label: (H, W).
        reach: px.
    """
    ours, theirs = shore(predicted), shore(label)
    box = bounds(ours | theirs, reach)
    if box is None:
        return float("nan")
    ours, theirs = ours[box], theirs[box]
    near_ours, near_theirs = (np.asarray(ndimage.binary_dilation(edge, _disk(reach)), dtype=np.bool_) for edge in (ours, theirs))
    found, given = int((ours & near_theirs).sum()), int((theirs & near_ours).sum())
    precision, recall = found / max(int(ours.sum()), 1), given / max(int(theirs.sum()), 1)
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def bounds(mask: Mask, margin: int) -> tuple[slice, slice] | None:
    """The rows and columns that hold all of a mask and a margin about it, cut to the image; None where it is empty."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return slice(max(int(rows[0]) - margin, 0), int(rows[-1]) + margin + 1), slice(
        max(int(columns[0]) - margin, 0), int(columns[-1]) + margin + 1
    )


def _disk(reach: int) -> Mask:
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    return x * x + y * y <= reach * reach


def frechet_px(predicted: Mask, label: Mask) -> float:
    """Discrete Fréchet distance in px between the outer shores of the largest water bodies; NaN where a mask is empty.

    As shapely gives it. GEOS searches near the diagonal of the table of distances only (Devogele et al. 2017): between ragged shores that
    have little in common it can come out above the least possible, never below.
    """
    ours, theirs = outer_shore(predicted), outer_shore(label)
    return float("nan") if ours is None or theirs is None else float(shapely.frechet_distance(ours, theirs))


def outer_shore(mask: Mask) -> shapely.LineString | None:
    """The outer ring of the largest connected body of a mask in px, clockwise from its uppermost, then leftmost corner; None if empty."""
    box = bounds(mask, 0)
    if box is None:
        return None
    part, corner = mask[box], (box[1].start, box[0].start)
    bodies = [cast(shapely.Polygon, shape(body)) for body, value in shapes(part.astype(np.uint8), part) if value]
    largest = max(bodies, key=lambda body: (body.area, body.bounds))
    corners = shapely.get_coordinates(shapely.normalize(shapely.Polygon(largest.exterior)).exterior)[:-1]
    first = int(np.lexsort((corners[:, 0], corners[:, 1]))[0])
    turned = np.roll(corners, -first, axis=0)
    return shapely.LineString(np.vstack([turned, turned[:1]]) + corner)


@dataclass(frozen=True)
class Reliability:
    """How often there is water where a probability says so.

    Args:
        pixels: (BINS,) how many fall into each bin.
        said: (BINS,) their mean probability, NaN where there are none.
        found: (BINS,) the share of them that is water, NaN where there are none.
    """

    pixels: NDArray[np.int64]
    said: NDArray[np.float64]
    found: NDArray[np.float64]

    @property
    def ece(self) -> float:
        """Expected calibration error: the mean of |said − found| over pixels; NaN where there are none."""
        total = int(self.pixels.sum())
        return float(np.nansum(self.pixels * np.abs(self.said - self.found)) / total) if total else float("nan")


def reliability(probability: NDArray[np.floating], label: Mask, known: Mask | None = None) -> Reliability:
    """The reliability diagram of any number of pixels; a probability of 1 belongs to the last bin.

    Args:
        probability: Of any shape, 0 to 1; pixels where it is NaN do not count.
        label, known: Of the same shape.
    """
    inside = _inside(probability, known)
    said = np.asarray(probability[inside], dtype=np.float64)
    place = np.minimum((said * BINS).astype(np.int64), BINS - 1)
    pixels = np.bincount(place, minlength=BINS)
    with np.errstate(invalid="ignore"):
        mean_said, mean_found = (
            np.bincount(place, weights=each, minlength=BINS) / pixels for each in (said, label[inside].astype(np.float64))
        )
    return Reliability(pixels, mean_said, mean_found)
