"""What the tests say of one lake, in words. Pure."""

from __future__ import annotations

import math
from typing import Any

from data.records import TrendTable
from modules.measures import slope_name, slope_unit, slope_words
from modules.numerals import figure_text, probability_text

NOT_TESTED = {
    "insufficient": "fewer than three usable dates: no trend",
    "constant": "its area did not change: not tested",
    "unsettled": "most of its points lie on one line exactly, or no line settled: not tested",
}
CAVEATS = {
    "few": "few dates, whose serial correlation is unknown",
    "r1 unknown": "serial correlation unknown: too few neighbouring years",
    "autocorrelated": "so serially correlated that its dates carry no evidence",
}


def verdict(lake: dict[str, Any], code: int, use: str, alpha: float) -> str:
    """One sentence on what the test says of a lake.

    Args:
        lake: A row of `measures.lake_rows`.
        code: Its class code.
        use: `p` or `q`.
        alpha: The cut-off.
    """
    status = str(lake["status"])
    if code == 0:
        return NOT_TESTED.get(status, "not tested")
    found = {1: f"no change at {use} < {alpha:g}", 2: f"growing at {use} < {alpha:g}", 3: f"shrinking at {use} < {alpha:g}"}[code]
    return f"{found} ({use} = {probability_text(float(lake[f'log_{use}']))})" + _caveat(status, quiet=code == 1)


def _caveat(status: str, *, quiet: bool) -> str:
    """What to beware of, behind a semicolon; where nothing was found, that little could have been."""
    power = "; few dates leave little power, and their serial correlation is unknown"
    return power if quiet and status == "few" else f"; {CAVEATS[status]}" if status in CAVEATS else ""


def trial_verdict(lake: dict[str, Any], threshold: float) -> str:
    """What the test says of a lake scored alone at a threshold; there is no q, which comes from all lakes.

    Args:
        lake: A row of `measures.lake_rows`, with the statistics at the threshold.
        threshold: Water is where the probability is above it.
    """
    status = str(lake["status"])
    tested = math.isfinite(float(lake["log_p"]))
    found = f"p = {probability_text(float(lake['log_p']))}" if tested else NOT_TESTED.get(status, "not tested")
    return f"at probability > {threshold:g}: {found}{_caveat(status, quiet=False)}"


def all_lakes_words(lake: dict[str, Any], response: str, threshold: float) -> str:
    """`all at > 0.5: +2.4 %/yr`: what the plots of all lakes go on showing of a lake that is scored at another threshold."""
    slope = lake[slope_name(response)]
    said = f"{figure_text(slope, signed=True)} {slope_unit(response)}" if math.isfinite(slope) else "no trend"
    return f"all at > {threshold:g}: {said}"


def other_words(other: TrendTable, row: int, response: str, use: str) -> str:
    """`by unet +3.7 [+2.0, +5.4] %/yr, its own q = 0.01`: what the source compared with says of a lake.

    Args:
        other: Its trends.
        row: Of the lake.
        response: What was fitted.
        use: `p` or `q`.
    """
    lake = other.frame.iloc[row].to_dict()
    slope = slope_words(lake, response)
    tested = math.isfinite(float(lake[f"log_{use}"]))
    none = NOT_TESTED.get(str(lake["status"]), "not tested")
    evidence = f"its own {use} = {probability_text(float(lake[f'log_{use}']))}" if tested else none
    return f"by {other.settings.source} {slope}, {evidence}" if slope else f"by {other.settings.source}: {evidence}"
