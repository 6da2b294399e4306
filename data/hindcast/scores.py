"""By what lakes can be ranked in a hindcast. Each looks at `Known` only; a watch-list's own score can be handed in beside these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.hindcast.known import Known
from data.trends.fit import MIN_N
from data.trends.series import barred, days_of

Values = NDArray[np.float64]


@dataclass(frozen=True)
class Score:
    """One way to rank.

    Args:
        name: In links and commands.
        title: For people.
        help: What it is, and what it takes.
        least: Observations that a lake needs.
        score: (L,) the higher, the nearer the top; NaN for a lake that is not ranked.
    """

    name: str
    title: str
    help: str
    least: int
    score: Callable[[Known], Values]


def evidence(known: Known) -> Values:
    """Signed evidence of growth: -log10 p with the sign of the slope, so that the surest growth comes first, the surest decline last."""
    frame = known.table.frame
    return np.sign(frame["slope"].to_numpy(dtype=float)) * -frame["log_p"].to_numpy(dtype=float) / np.log(10)


def change(known: Known) -> Values:
    """Change of log area from the first observation used to the last, in units of the mapping errors of both; NaN where one has none."""
    first, last = _ends(known)
    log_first, sd_first = first
    log_last, sd_last = last
    return (log_last - log_first) / np.sqrt(sd_first**2 + sd_last**2)


def area(known: Known) -> Values:
    """The last area, km²: what a ranking that knows nothing of growth would go by."""
    return np.exp(_ends(known, least=1)[1][0])


def _ends(known: Known, least: int = 2) -> tuple[tuple[Values, Values], tuple[Values, Values]]:
    """(log area, its relative error) of each lake's first and last observation used; NaN for lakes with fewer than `least`."""
    settings = known.table.settings
    rows = known.rows.loc[barred(known.rows, settings.season) == ""]
    rows = rows.iloc[np.lexsort((days_of(rows, settings)[0], rows["lake_key"].to_numpy()))]  # by the dates that the trend goes by
    keys, log_area = rows["lake_key"].to_numpy(), np.log(rows["area_km2"].to_numpy(dtype=float))
    error = rows["area_sd_km2"].to_numpy(dtype=float, na_value=np.nan) / rows["area_km2"].to_numpy(dtype=float)
    lakes = known.lakes["lake_key"].to_numpy()
    low, high = np.searchsorted(keys, lakes), np.searchsorted(keys, lakes, side="right")
    some = high - low >= least
    ends: list[tuple[Values, Values]] = []
    for place in (low[some], high[some] - 1):
        pair = np.full(len(lakes), np.nan), np.full(len(lakes), np.nan)
        pair[0][some], pair[1][some] = log_area[place], error[place]
        ends.append(pair)
    return ends[0], ends[1]


SCORES = {
    each.name: each
    for each in (
        Score(
            "evidence",
            "Evidence of growth",
            "−log₁₀ p of the trend, with the sign of its slope. A lake needs three dates.",
            MIN_N,
            evidence,
        ),
        Score("change", "Change so far", "Log area, last date against first, in mapping errors. Two dates are enough.", 2, change),
        Score("area", "Size", "The last area: what a ranking that knows nothing of growth would go by.", 1, area),
    )
}
"""By name; the first is the default."""
