"""What lakes could have shown: the zone of the volcano in which changes hide, and the words for one lake. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from data.records import TrendTable
from modules.measures import Limits, measure, slope_unit
from modules.numerals import NONE, figure_text
from modules.palette import colour

SHADE = 0.09
"""Opacity of each of the two layers of the zone."""


@dataclass(frozen=True)
class Zone:
    """Quartiles of the detectable change of some lakes, on the x axis of the volcano; infinite where so many could show none.

    Args:
        low, middle, high: A quarter, half and three quarters of the lakes could show so much or less.
        unit: Of all three; empty for the t statistic.
    """

    low: float
    middle: float
    high: float
    unit: str

    def left(self, edge: float) -> float:
        """Where a shrinking lake shows as much: a little nearer in %/yr, since logarithms are even."""
        return -edge / (1 + edge / 100) if self.unit == "%/yr" else -edge


def detectable_zone(table: TrendTable, axis: str, lit: np.ndarray) -> Zone | None:
    """The zone of the tested lakes among these; None where there are none.

    Args:
        table: L lakes.
        axis: `slope` or `t`.
        lit: (L,) booleans.
    """
    frame = table.frame
    if axis == "slope":
        reach, unit = measure(table, "detectable"), slope_unit(table.settings.response)
    else:
        reach, unit = (frame["detectable"] / frame["se"]).to_numpy(dtype=float), ""
    reach = np.nan_to_num(reach[lit & frame["log_p"].notna().to_numpy(dtype=bool)], nan=np.inf)
    if not len(reach):
        return None
    quarters = [math.ceil(share * len(reach)) - 1 for share in (0.25, 0.5, 0.75)]
    low, middle, high = np.partition(reach, quarters)[quarters].tolist()
    return Zone(low, middle, high, unit)


def zone_shapes(zone: Zone, span: Limits) -> list[dict[str, Any]]:
    """The zone as high as points go: darker where three quarters of the lakes show nothing, dashed where half begin to."""
    most = span.x * 1.04
    ends = [(-min(-zone.left(edge), most), min(edge, most)) for edge in (zone.low, zone.high) if math.isfinite(zone.left(edge))]
    ends += [(-most, most)] * (2 - len(ends))
    tall = {"y0": -0.02 * span.y, "y1": span.y, "layer": "below"}
    shapes = [
        {**tall, "type": "rect", "x0": left, "x1": right, "fillcolor": colour("steady"), "opacity": SHADE, "line": {"width": 0}}
        for left, right in ends
    ]
    line = {"color": colour("steady"), "width": 1, "dash": "dash"}
    sides = (zone.left(zone.middle), zone.middle) if zone.middle < most else ()
    return shapes + [{**tall, "type": "line", "x0": side, "x1": side, "line": line} for side in sides]


def zone_words(zone: Zone) -> str:
    """What the zone says, short enough for a phone."""
    if not math.isfinite(zone.middle):
        return "shaded: most could not have shown any change"
    unit = f" {zone.unit}" if zone.unit else ""
    return f"shaded: half the lakes could hide < {figure_text(zone.middle, 2)}{unit}"


def reach_words(lake: dict[str, Any], response: str) -> str:
    """`≥ 7.4 %/yr would have shown`: what one lake could have shown; empty where it was not tested.

    Args:
        lake: A row of `measures.lake_rows`.
        response: What was fitted.
    """
    if not math.isfinite(float(lake["log_p"])):
        return ""
    least = figure_text(float(lake["detectable_pct" if response == "log" else "detectable"]), 2)
    return "no change would have shown" if least == NONE else f"≥ {least} {slope_unit(response)} would have shown"
