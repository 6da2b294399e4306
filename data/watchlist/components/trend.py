"""What the trend of a lake says: how fast it grows, how surely, and by how much."""

from __future__ import annotations

import numpy as np

from data.watchlist.component import Component, Values
from data.watchlist.given import Given

LN10 = float(np.log(10))


def _percent(given: Given, name: str) -> Values:
    values = given.statistic(name)
    return 100.0 * np.expm1(values) if given.table.settings.response == "log" else values


def _evidence(given: Given) -> Values:
    """-log10 q of growth; a lake that was tested and does not grow has no evidence of growth: 0, which is known."""
    evidence, slope = 0.0 - given.statistic("log_q") / LN10, given.statistic("slope")
    return np.where(np.isnan(evidence), np.nan, np.where(slope > 0, evidence, 0.0))


def fitted_area(given: Given, year: str) -> Values:
    """(L,) km²: the fitted line at `first_year` or `last_year`."""
    at = given.statistic("mean_response") + given.statistic("slope") * (given.statistic(year) - given.statistic("mean_year"))
    return np.exp(at) if given.table.settings.response == "log" else at


COMPONENTS = (
    Component(
        "growth", "Growth", "%/yr", "The slope of the trend. Shrinking lakes stand at the lower end.",
        lambda given: _percent(given, "slope"), area_unit="km²/yr", reads="signed",
    ),
    Component(
        "evidence", "Evidence of growth", "−log10 q",
        "How surely the lake grows: −log10 of q, which is corrected for having tested many lakes. 0 where the slope is not upwards.",
        _evidence, needs="lakes that were tested",
    ),
    Component(
        "growth_low", "Growth at least", "%/yr", "The lower end of the slope's 95 % interval: growth that even a cautious reading leaves.",
        lambda given: _percent(given, "ci_low"), area_unit="km²/yr", reads="signed",
    ),
    Component(
        "detectable", "Growth that would show", "%/yr",
        "The smallest growth that the lake's own dates and noise would reveal with 80 % power. Large values speak for watching: such a "
        "lake may grow unseen.",
        lambda given: given.statistic("detectable_pct"), needs="lakes whose noise is known",
    ),
    Component(
        "growth_km2", "Growth over the record", "km²", "The fitted line's area at the last date used less that at the first.",
        lambda given: fitted_area(given, "last_year") - fitted_area(given, "first_year"), reads="signed",
    ),
)  # fmt: skip
