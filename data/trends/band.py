"""The fitted line of one lake and its confidence band, drawn from a row of the trend table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class FitLine:
    """A line with the 95 % confidence band of its mean; `low` and `high` are NaN where there is no test.

    Args:
        year: (K,) decimal years.
        fitted: (K,) km². For the log response this is the median, exp of the mean log area.
        low: (K,) km².
        high: (K,) km².
    """

    year: NDArray[np.float64]
    fitted: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def fit_line(row: Mapping[str, Any], year: NDArray[np.float64], response: str) -> FitLine:
    """The line at these years, in km².

    With x̄, s, Sxx of the row: standard error s·√(1/n_eff + (x - x̄)²/Sxx), times the t quantile that the slope's own
    interval was made with. With n_eff = n this is the textbook band of OLS.

    Args:
        row: A row of a trend table's frame.
        year: (K,) decimal years.
        response: The response that the table was fitted with.
    """
    away = year - row["mean_year"]
    fitted = row["mean_response"] + row["slope"] * away
    quantile = (row["ci_high"] - row["slope"]) / row["se"]
    half = quantile * row["resid_sd"] * np.sqrt(1.0 / row["n_eff"] + np.square(away) / row["sxx"])
    edges = (fitted, fitted - half, fitted + half)
    return FitLine(year, *(np.exp(edges) if response == "log" else edges))
