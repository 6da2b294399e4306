"""Season coverage: dates that drift through the year, are spread over it, or lie outside the season."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data.flags.flag import NO_DAY, Flag, Found, joined
from data.flags.seen import Seen
from data.records import Season
from data.trends.student import log_p_two_sided

LEAST_N = 5
DRIFT_DAYS = 20.0
DRIFT_LOG_P = float(np.log(0.01))
SPREAD_DAYS = 92.0
YEAR_DAYS = 365.25
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")


def season(seen: Seen) -> Found:
    """Three ways in which dates can bend a trend, from the days of the images (the first that holds is said).

    Drift: the day of the year moves by 20 days or more from the first date to the last, p < 0.01 (least squares). Spread: without a season,
    nine tenths of the days span more than 92. Outside: more observations lie outside the season, and are left out, than inside.
    """
    phase, dated = phases(seen.used.taken)
    parts = [_drift(seen, phase, dated), *([_spread(phase, dated)] if seen.season is None else [_outside(seen, seen.season)])]
    taken = np.zeros(len(seen.rows), dtype=bool)
    kept = list[Found]()
    for part in parts:
        fresh = np.flatnonzero(~taken[part.lake])
        taken[part.lake] = True
        kept.append(Found(part.lake[fresh], part.date[fresh], part.value[fresh], [part.words[at] for at in fresh.tolist()]))
    return joined(kept)


def phases(taken: NDArray[np.datetime64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(L, W) days from the middle of each lake's days of the year, -183 to 183, NaN without a day; and (L,) how many there are."""
    day = (taken - taken.astype("datetime64[Y]")).astype(float)
    day[np.isnat(taken)] = np.nan
    turn = 2 * np.pi * day / YEAR_DAYS
    centre = np.arctan2(np.nansum(np.sin(turn), axis=1), np.nansum(np.cos(turn), axis=1))
    away = np.angle(np.exp(1j * (turn - centre[:, None])))
    return away * YEAR_DAYS / (2 * np.pi), np.count_nonzero(~np.isnan(day), axis=1).astype(float)


def _drift(seen: Seen, phase: NDArray[np.float64], n: NDArray[np.float64]) -> Found:
    held = ~np.isnan(phase)
    year = np.where(held, seen.used.year, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        x, y = (np.nan_to_num(values - (np.nansum(values, axis=1) / n)[:, None]) for values in (year, phase))
        slope = np.vecdot(x, y) / np.vecdot(x, x)
        rest = y - slope[:, None] * x
        t = slope / np.sqrt(np.vecdot(rest, rest) / (n - 2) / np.vecdot(x, x))
    span = np.where(held, x, -np.inf).max(axis=1, initial=0.0) - np.where(held, x, np.inf).min(axis=1, initial=0.0)
    drift = np.where(n >= LEAST_N, slope * span, 0.0)
    far = np.flatnonzero(np.abs(drift) >= DRIFT_DAYS)
    lake = far[log_p_two_sided(t[far], n[far] - 2) < DRIFT_LOG_P]
    words = [
        f"images come {abs(days):.0f} days {'later' if days > 0 else 'earlier'} in the year at the end than at the start"
        for days in drift[lake].tolist()
    ]
    return Found(lake, np.full(len(lake), NO_DAY), drift[lake], words)


def _spread(phase: NDArray[np.float64], n: NDArray[np.float64]) -> Found:
    ordered = np.sort(phase, axis=1)  # NaN last
    lakes, last = np.arange(len(n)), np.maximum(n - 1, 0)
    if not phase.shape[1]:
        return Found(np.empty(0, np.intp), np.empty(0, "datetime64[D]"), np.empty(0), [])
    low, high = (ordered[lakes, np.round(share * last).astype(np.intp)] for share in (0.05, 0.95))
    lake = np.flatnonzero((n >= LEAST_N) & (high - low > SPREAD_DAYS))
    span = (high - low)[lake]
    return Found(lake, np.full(len(lake), NO_DAY), span, [f"images are spread over {days:.0f} days of the year" for days in span.tolist()])


def _outside(seen: Seen, months: Season) -> Found:
    lake = np.flatnonzero((seen.unused > seen.used.n) & (seen.unused >= 2))
    between = f"{MONTHS[months.first - 1]} to {MONTHS[months.last - 1]}"
    counts = zip(seen.unused[lake].tolist(), (seen.unused + seen.used.n)[lake].tolist(), strict=True)
    words = [f"{out} of {every} dates lie outside {between} and are not used" for out, every in counts]
    return Found(lake, np.full(len(lake), NO_DAY), seen.unused[lake].astype(float), words)


FLAG = Flag(
    name="season",
    title="Season coverage",
    help=(
        "Dates that could make a trend of the seasons: they drift by 20 days or more through the year from first to last, or without a "
        "season are spread over more than three months, or most lie outside the season and are not used. The value is in days, or the "
        "number of dates outside. Dates of which only the year is known say nothing."
    ),
    version=1,
    find=season,
)
