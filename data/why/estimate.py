"""One trend of the lake in question: a slope with its interval and test, as a row to hold against others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from data.trends.fit import STATUSES, Fit

if TYPE_CHECKING:
    from data.records import TrendTable

LOG_ALPHA = math.log(0.05)
"""What one lake's tests are held against: a lake alone has no q."""


@dataclass(frozen=True)
class Estimate:
    """One fit of the lake; NaN where there is none.

    Args:
        name: A method, a source, a threshold, or the ISO date that was left out.
        slope, low, high: With its 95 % interval: %/yr for log area, km²/yr for area.
        log_p: Natural logarithm of the two-sided p.
        n: Observations.
        status: Of `data.trends.STATUSES`.
        note: What else a person must know of it; empty for nothing.
    """

    name: str
    slope: float
    low: float
    high: float
    log_p: float
    n: int
    status: str
    note: str = ""

    @property
    def sign(self) -> int:
        """1 growing, -1 shrinking, 0 neither or no slope."""
        return 0 if not math.isfinite(self.slope) else (self.slope > 0) - (self.slope < 0)

    @property
    def significant(self) -> bool:
        """p < .05; False without a test."""
        return self.log_p < LOG_ALPHA


def nothing(name: str, note: str, status: str = "insufficient") -> Estimate:
    """A row without a fit, which says why."""
    return Estimate(name, math.nan, math.nan, math.nan, math.nan, 0, status, note)


def of_fit(names: Sequence[str], fit: Fit, response: str) -> tuple[Estimate, ...]:
    """One estimate a lake of a fit: its lakes are one lake under different conditions.

    Args:
        names: (L,) of the conditions.
        fit: L lakes.
        response: `log` or `area`.
    """
    held = {name: fit.columns[name] for name in ("slope", "ci_low", "ci_high", "log_p", "n")}
    return _rows(names, held, [STATUSES[code] for code in fit.status], response)


def of_table(names: Sequence[str], table: TrendTable) -> tuple[Estimate, ...]:
    """The same of a trend table."""
    held = {name: table.frame[name].to_numpy(dtype=float) for name in ("slope", "ci_low", "ci_high", "log_p", "n")}
    return _rows(names, held, table.frame["status"].astype(str).tolist(), table.settings.response)


def _rows(names: Sequence[str], held: dict[str, np.ndarray], status: list[str], response: str) -> tuple[Estimate, ...]:
    with np.errstate(over="ignore"):
        slopes = [100.0 * np.expm1(held[name]) if response == "log" else held[name] for name in ("slope", "ci_low", "ci_high")]
    columns = [*(values.tolist() for values in slopes), held["log_p"].tolist(), held["n"].astype(int).tolist(), status]
    return tuple(Estimate(*row) for row in zip(names, *columns, strict=True))
