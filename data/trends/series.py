"""From long area rows to rectangles: which observations a trend uses, and why the others are left out."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.errors import TrendError
from data.records import Season, SeriesBatch, TrendSettings

VALID_SHARE = 0.8
"""Observations with a smaller share of valid pixels are left out."""

THRESHOLD = 0.5
"""The probability threshold whose areas are fitted, where a segmenter stores several."""

MONTH_STARTS = np.array([0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334])


def series(
    area_rows: pd.DataFrame, lake_keys: NDArray[np.int32], settings: TrendSettings, threshold: float = THRESHOLD
) -> tuple[SeriesBatch, dict[str, int]]:
    """The series to fit, one row for each of `lake_keys`, and the observations left out by reason.

    Each observation of the source is counted once: under its own reason code where that is not `ok`, under `empty`
    where the area is 0 or missing (never log 0), under `valid_share`, and under `season` only if nothing else barred it.

    Args:
        area_rows: The rows of `areas` (see `data.schema`), in any order.
        lake_keys: (L,) ascending.
        settings: Which source and season.
        threshold: Where the source has several thresholds, the stored one nearest to this is used.

    Raises:
        TrendError: The source has no area rows, or a row's lake is not among `lake_keys`.
    """
    rows = area_rows[(area_rows["source"] == settings.source).to_numpy()]
    if len(rows) == 0 and len(area_rows) > 0:
        known = ", ".join(map(str, sorted(area_rows["source"].unique())))
        raise TrendError(f"no area comes from source {settings.source!r}", f"use one of {known}")
    rows = rows[_at_threshold(rows["threshold"].to_numpy(dtype=float, na_value=np.nan), threshold)]
    barred = _barred(rows, settings.season)
    reasons, counts = np.unique(barred[barred != ""].astype(str), return_counts=True)
    used = rows[barred == ""]
    return _rectangles(used, lake_keys, settings.season), dict(zip(map(str, reasons), map(int, counts), strict=True))


def _at_threshold(threshold: NDArray[np.float64], wanted: float) -> NDArray[np.bool_]:
    held = np.unique(threshold[~np.isnan(threshold)])
    if len(held) == 0:
        return np.ones(len(threshold), dtype=bool)
    return np.isnan(threshold) | (threshold == held[np.argmin(np.abs(held - wanted))])


def _barred(rows: pd.DataFrame, season: Season | None) -> NDArray[np.object_]:
    """(N,) why each row is not used, an empty text where it is; later lines override earlier ones."""
    why = np.full(len(rows), "", dtype=object)
    if season is not None:
        seen = rows["date_image"].fillna(rows["date"].mask(rows["date_nominal"]))
        month = seen.dt.month.to_numpy(dtype=float, na_value=np.nan)
        known = ~np.isnan(month)
        why[known & ~season.contains(np.where(known, month, 1).astype(np.int64))] = "season"
    share = rows["valid_share"].to_numpy(dtype=float, na_value=np.nan)
    why[share < VALID_SHARE] = "valid_share"
    area = rows["area_km2"].to_numpy(dtype=float, na_value=np.nan)
    why[~(area > 0) | ~np.isfinite(area)] = "empty"
    reason = rows["reason"].to_numpy(dtype=object)
    coded = reason != "ok"
    why[coded] = reason[coded]
    return why


def _rectangles(rows: pd.DataFrame, lake_keys: NDArray[np.int32], season: Season | None) -> SeriesBatch:
    lake = np.searchsorted(lake_keys, rows["lake_key"].to_numpy())
    held = rows["lake_key"].to_numpy()
    strange = held[(lake == len(lake_keys)) | (lake_keys[np.minimum(lake, len(lake_keys) - 1)] != held)] if len(lake_keys) else held
    if len(strange):
        raise TrendError(f"areas name lake_key {strange[0]}, which is not in lakes", "run `python -m data check` and mend the row")
    year, nominal = decimal_years(rows["date"], rows["date_nominal"].to_numpy(dtype=bool), season)
    order = np.lexsort((year, lake))
    lake = lake[order]
    counts = np.bincount(lake, minlength=len(lake_keys))
    place = np.arange(len(lake)) - (np.cumsum(counts) - counts)[lake]
    shape = (len(lake_keys), int(counts.max(initial=0)))

    def rectangle(values: NDArray[np.float64]) -> NDArray[np.float64]:
        out = np.full(shape, np.nan)
        out[lake, place] = values[order]
        return out

    sd = rows["area_sd_km2"].to_numpy(dtype=float, na_value=np.nan)
    return SeriesBatch(
        lake_key=lake_keys,
        year=rectangle(year),
        nominal_year=rectangle(nominal),
        area=rectangle(rows["area_km2"].to_numpy(dtype=float)),
        area_sd=None if np.isnan(sd).all() else rectangle(sd),
    )


def decimal_years(
    date: pd.Series, is_nominal: NDArray[np.bool_], season: Season | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Decimal years to fit against, and the whole years by which neighbours in time are told.

    A real date becomes year + (day of year - 1)/days in that year. A nominal date becomes its year + the share of a
    365-day year before its calendar day, so that yearly nominal dates are evenly spaced, leap years or not. In a season
    that runs over New Year, real dates after New Year count to the year in which the season began.

    Args:
        date: (N,) datetimes.
        is_nominal: (N,) whether only the year of a date is known.
        season: The season in use.
    """
    whole = date.dt.year.to_numpy(dtype=float)
    month = date.dt.month.to_numpy(dtype=np.int64)
    real = (date.dt.dayofyear.to_numpy(dtype=float) - 1) / np.where(date.dt.is_leap_year.to_numpy(dtype=bool), 366.0, 365.0)
    evenly = (MONTH_STARTS[month - 1] + date.dt.day.to_numpy(dtype=float) - 1) / 365.0
    nominal = whole.copy()
    if season is not None and season.first > season.last:
        nominal -= (month <= season.last) & ~is_nominal
    return whole + np.where(is_nominal, evenly, real), nominal
