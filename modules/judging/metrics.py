"""The metrics of `scores` as a person meets them: name, unit, which way is better, how many digits. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from modules.numerals import fixed_text


@dataclass(frozen=True)
class Metric:
    """One metric.

    Args:
        column: Of the rows of `modules.judging.frame`.
        words: What it is called.
        unit: `%` for shares that are shown so, `px`, or empty.
        low_is_good: Whether less of it is better.
        decimals: In its unit.
        about: What it is, in a sentence.
    """

    column: str
    words: str
    unit: str
    low_is_good: bool
    decimals: int
    about: str

    @property
    def scale(self) -> float:
        """By which a stored value is multiplied to be in its unit."""
        return 100.0 if self.unit == "%" else 1.0

    def text(self, value: float, *, signed: bool = False) -> str:
        """A stored value in its unit, `–` where there is none."""
        if not math.isfinite(value):
            return fixed_text(value, self.decimals)
        unit = " %" if self.unit == "%" else f" {self.unit}" if self.unit else ""
        return fixed_text(value * self.scale, self.decimals, signed=signed) + unit

    def end(self, value: float) -> str:
        """A stored value as the end of an axis: `0`, `1`, `120 px`."""
        return f"{value * self.scale:.3g} {self.unit}".strip()

    def badness(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The larger the worse; NaN stays NaN."""
        return values if self.low_is_good else -values


METRICS = {
    metric.column: metric
    for metric in (
        Metric("iou", "IoU", "", False, 3, "Water that both have, as a share of the water that either has."),
        Metric("precision", "Precision", "", False, 3, "Share of the mask's water that is water in the label."),
        Metric("recall", "Recall", "", False, 3, "Share of the label's water that the mask has."),
        Metric("boundary_f1_1px", "Boundary F1, 1 px", "", False, 3, "F1 of shore pixels that have a counterpart within one pixel."),
        Metric("boundary_f1_2px", "Boundary F1, 2 px", "", False, 3, "The same within two pixels."),
        Metric("area_error", "Area error", "%", True, 1, "Difference between the two areas, without its sign, as a share of the label's."),
        Metric("frechet_px", "Fréchet distance", "px", True, 1, "How far the outer shores of the largest water bodies stray apart."),
        Metric("ece", "Calibration error", "", True, 3, "ECE: how far probabilities are from how often there is water, 15 bins."),
    )
}
"""By column, in the order of the lists."""
