"""What was seen of each lake, packed: its observations stand one after another without gaps, neighbours in time side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.records import TrendSettings
from data.trends.series import VALID_SHARE, barred, days_of, decimal_years, out_of_season
from data.trends.student import MAD


@dataclass(frozen=True)
class Packed:
    """Observations of L lakes, the first n of each row in order of time; NaN, NaT, False or -1 behind them.

    Args:
        n: (L,) observations.
        year: (L, W) decimal years.
        nominal: (L, W) whole years by which neighbours in time are told.
        log_area: (L, W) natural log of km²; -inf where nothing of the lake was left.
        error: (L, W) relative mapping error (area_sd/area), NaN where unknown.
        day: (L, W) datetime64[D] of the observation.
        dated: (L, W) whether that day is known; else only its year is.
        taken: (L, W) datetime64[D] of the image, NaT where only the year is known.
        sensor: (L, W) place in `Seen.sensors`, -1 where unknown.
    """

    n: NDArray[np.intp]
    year: NDArray[np.float64]
    nominal: NDArray[np.float64]
    log_area: NDArray[np.float64]
    error: NDArray[np.float64]
    day: NDArray[np.datetime64]
    dated: NDArray[np.bool_]
    taken: NDArray[np.datetime64]
    sensor: NDArray[np.int16]

    @property
    def held(self) -> NDArray[np.bool_]:
        """(L, W) where there is an observation."""
        return np.arange(self.year.shape[1]) < self.n[:, None]

    def when(self, lake: NDArray[np.intp], at: NDArray[np.intp]) -> list[str]:
        """The dates of M observations as a person reads them: the day, or the year where only that is known."""
        days = zip(self.day[lake, at].tolist(), self.dated[lake, at].tolist(), strict=True)
        return [str(day if dated else day.year) for day, dated in days]


@dataclass(frozen=True)
class Columns:
    """The area rows of one source as arrays, in order of lake and time: what blocks are cut from.

    Args:
        lake: (N,) places in `lake_keys`, ascending.
        why: (N,) why trends do not use it, empty where they do.
        left: (N,) whether it is a date on which nothing of the lake was left though it could be seen.
        year, nominal, log_area, error, day, dated, taken, sensor: (N,) as in `Packed`.
        sensors: Names.
    """

    lake: NDArray[np.intp]
    why: NDArray[np.object_]
    left: NDArray[np.bool_]
    year: NDArray[np.float64]
    nominal: NDArray[np.float64]
    log_area: NDArray[np.float64]
    error: NDArray[np.float64]
    day: NDArray[np.datetime64]
    dated: NDArray[np.bool_]
    taken: NDArray[np.datetime64]
    sensor: NDArray[np.int16]
    sensors: tuple[str, ...]


def columns_of(rows: pd.DataFrame, lake_keys: NDArray[np.int32], settings: TrendSettings) -> Columns:
    """The rows of one source at one threshold as arrays.

    Args:
        rows: N rows of `areas`, in any order; their lakes are among `lake_keys`.
        lake_keys: (A,) ascending.
        settings: The season, and by which dates observations go.
    """
    day, only_year = days_of(rows, settings)
    year, nominal = decimal_years(day, only_year, settings.season)
    lake = np.searchsorted(lake_keys, rows["lake_key"].to_numpy(dtype=np.int32))
    order = np.lexsort((year, nominal, lake))
    rows = rows if (order[1:] > order[:-1]).all() else rows.iloc[order]
    why = barred(rows, settings.season)
    area, sd, share = (rows[name].to_numpy(dtype=float, na_value=np.nan) for name in ("area_km2", "area_sd_km2", "valid_share"))
    left = (why == "empty") & ~(share < VALID_SHARE) & ~out_of_season(rows, settings.season)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_area, error = np.where(left, -np.inf, np.log(area)), np.where(left, 0.0, np.where(sd > 0, sd / area, np.nan))
    stated, image = (rows[name].to_numpy(dtype="datetime64[D]") for name in ("date", "date_image"))
    known = ~np.isnat(image) | rows["date_nominal"].to_numpy(dtype=bool)
    code, names = pd.factorize(rows["sensor"].astype("string"), sort=True)
    return Columns(
        lake=lake[order], why=why, left=left, year=year[order], nominal=nominal[order], log_area=log_area, error=error,
        day=day[order], dated=~only_year[order], taken=np.where(known, image, stated),
        sensor=code.astype(np.int16), sensors=tuple(map(str, names)),
    )  # fmt: skip


def packed(columns: Columns, wanted: NDArray[np.bool_], lakes: int) -> Packed:
    """Some observations of the lakes that the columns are of.

    Args:
        columns: N observations of lakes 0 to `lakes` - 1.
        wanted: (N,) which of them.
        lakes: L.
    """
    at = np.flatnonzero(wanted)
    lake = columns.lake[at]
    n = np.bincount(lake, minlength=lakes)
    place = np.arange(len(lake)) - np.repeat(np.cumsum(n) - n, n)
    width = int(n.max()) if lakes else 0

    def rectangle(values: NDArray[Any], missing: object) -> NDArray[Any]:
        out = np.full((lakes, width), missing, dtype=values.dtype)
        out[lake, place] = values[at]
        return out

    numbers = {name: rectangle(getattr(columns, name), np.nan) for name in ("year", "nominal", "log_area", "error")}
    days = {name: rectangle(getattr(columns, name), np.datetime64("NaT", "D")) for name in ("day", "taken")}
    return Packed(n, **numbers, **days, dated=rectangle(columns.dated, False), sensor=rectangle(columns.sensor, -1))


def middle(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(L,) medians of the rows of (L, W), NaN left out; NaN where a row has nothing else. Infinite values are values."""
    ordered = np.sort(values, axis=1)  # NaN last
    count = np.count_nonzero(~np.isnan(values), axis=1)
    rows, last = np.arange(len(values)), np.maximum(count, 1)
    if not values.shape[1]:
        return np.full(len(values), np.nan)
    low, high = ordered[rows, (last - 1) // 2], ordered[rows, last // 2]
    return np.where(low == high, low, 0.5 * (low + high))


def spread(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(L,) robust standard deviations of the rows of (L, W) about their medians, NaN left out."""
    return MAD * middle(np.abs(values - middle(values)[:, None]))
