"""From long area rows to rectangles: which observations a trend uses, and why the others are left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data.errors import TrendError
from data.records import Season, SeriesBatch, TrendSettings
from data.trends.layout import Layout

VALID_SHARE = 0.8
"""Observations with a smaller share of valid pixels are left out."""

THRESHOLD = 0.5
"""The probability threshold whose areas are fitted, where a segmenter stores several."""

MONTH_STARTS = np.array([0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334])


def series(
    area_rows: pd.DataFrame,
    lake_keys: NDArray[np.int32],
    settings: TrendSettings,
    threshold: float = THRESHOLD,
    layout: Layout | None = None,
) -> tuple[SeriesBatch, dict[str, int]]:
    """The series to fit, one row for each of `lake_keys`, and the observations left out by reason.

    Each observation of the source is counted once: under its own reason code where that is not `ok`, under `empty`
    where the area is 0 or missing (never log 0), under `valid_share`, and under `season` only if nothing else barred it.

    Args:
        area_rows: The rows of `areas` (see `data.schema`), in any order.
        lake_keys: (L,) ascending.
        settings: Which source and season.
        threshold: Where the source has several thresholds, the stored one nearest to this is used.
        layout: The columns of all lakes, where these are some of them; None: those that these lakes need.

    Raises:
        TrendError: The source has no area rows, or a row's lake is not among `lake_keys`.
    """
    mine = (area_rows["source"] == settings.source).to_numpy(dtype=bool)
    if len(mine) and not mine.any():
        require_source(settings, area_rows["source"].astype(str).unique())
    mine = mine & _at_threshold(_floats(area_rows, "threshold"), mine, threshold)
    rows = area_rows.loc[mine]
    why = barred(rows, settings.season)
    reasons, counts = np.unique(why[why != ""].astype(str), return_counts=True)
    left_out = {str(reason): int(count) for reason, count in zip(reasons, counts, strict=True)}
    return _rectangles(rows.loc[why == ""], lake_keys, settings, layout), left_out


def require_source(settings: TrendSettings, sources: Iterable[str]) -> None:
    """See that some area comes from the source under test. Raises TrendError where none does."""
    if settings.source not in (held := sorted(sources)):
        raise TrendError(f"no area comes from source {settings.source!r}", f"use one of {', '.join(held)}")


def _floats(rows: pd.DataFrame, column: str) -> NDArray[np.float64]:
    return rows[column].to_numpy(dtype=np.float64, na_value=np.nan)


def _days(rows: pd.DataFrame, column: str) -> NDArray[np.datetime64]:
    return rows[column].to_numpy(dtype="datetime64[D]")


def _at_threshold(threshold: NDArray[np.float64], mine: NDArray[np.bool_], wanted: float) -> NDArray[np.bool_]:
    held = np.unique(threshold[mine & ~np.isnan(threshold)])
    nearest = nearest_threshold(held.tolist(), wanted) if len(held) else np.nan
    return np.isnan(threshold) | (threshold == nearest)


def nearest_threshold(held: Sequence[float], wanted: float) -> float:
    """The one of these that is nearest to the wanted one, the lower of two equally near; at least one is needed."""
    return min(held, key=lambda each: (abs(each - wanted), each))


def at_thresholds(area_rows: pd.DataFrame, chosen: dict[str, float]) -> NDArray[np.bool_]:
    """(N,) which rows stand for their source: those without a threshold, and those at the stored one nearest to the chosen.

    Args:
        area_rows: The rows of `areas`.
        chosen: Source → threshold; THRESHOLD where it names none.
    """
    threshold, source = _floats(area_rows, "threshold"), area_rows["source"].to_numpy(dtype=object)
    kept = np.isnan(threshold)
    for name in set(source[~kept]):
        mine = source == name
        kept |= mine & _at_threshold(threshold, mine, chosen.get(name, THRESHOLD))
    return kept


def barred(rows: pd.DataFrame, season: Season | None) -> NDArray[np.object_]:
    """(N,) why each row is not used, an empty text where it is; later lines override earlier ones."""
    why = np.full(len(rows), "", dtype=object)
    why[out_of_season(rows, season)] = "season"
    why[_floats(rows, "valid_share") < VALID_SHARE] = "valid_share"
    area = _floats(rows, "area_km2")
    why[~((area > 0) & np.isfinite(area))] = "empty"
    reason = rows["reason"].to_numpy(dtype=object)
    coded = reason != "ok"
    why[coded] = reason[coded]
    return why


def out_of_season(rows: pd.DataFrame, season: Season | None) -> NDArray[np.bool_]:
    """(N,) which rows are known to lie outside the season, by the day of the image where there is one."""
    if season is None:
        return np.zeros(len(rows), dtype=bool)
    image, day = _days(rows, "date_image"), _days(rows, "date")
    known = ~np.isnat(image) | ~rows["date_nominal"].to_numpy(dtype=bool)
    month = np.where(np.isnat(image), day, image).astype("datetime64[M]").astype(np.int64) % 12 + 1
    return known & ~season.contains(month)


def layout_of(batch: SeriesBatch) -> Layout:
    """The columns of a batch that was laid out for its own lakes."""
    years, repeats = np.unique(batch.nominal_year, return_counts=True)
    return Layout(tuple(years.tolist()), tuple(repeats.tolist()), batch.area_sd is not None)


def _rectangles(rows: pd.DataFrame, lake_keys: NDArray[np.int32], settings: TrendSettings, layout: Layout | None) -> SeriesBatch:
    held = rows["lake_key"].to_numpy(dtype=np.int32)
    strange = held[~np.isin(held, lake_keys)]
    if len(strange):
        raise TrendError(f"areas name lake_key {strange[0]}, which is not in lakes", "run `python -m data check` and mend the row")
    year, nominal = years_of(rows, settings)
    lake = np.searchsorted(lake_keys, held)
    order = np.lexsort((year, nominal, lake))
    lake, nominal = lake[order], nominal[order]
    begins = np.flatnonzero(np.r_[True, (np.diff(lake) != 0) | (np.diff(nominal) != 0)][: len(lake)])
    nth = np.arange(len(lake)) - np.repeat(begins, np.diff(np.r_[begins, len(lake)]))
    sd = _floats(rows, "area_sd_km2")
    columns = layout or Layout(*_columns(nominal, nth), errors=not np.isnan(sd).all())
    repeats = np.array(columns.repeats, dtype=np.int64)
    column = (np.cumsum(repeats) - repeats)[np.searchsorted(columns.years, nominal)] + nth

    def rectangle(values: NDArray[np.float64]) -> NDArray[np.float64]:
        out = np.full((len(lake_keys), int(repeats.sum())), np.nan)
        out[lake, column] = values[order]
        return out

    return SeriesBatch(
        lake_key=lake_keys,
        nominal_year=columns.nominal_year,
        year=rectangle(year),
        area=rectangle(_floats(rows, "area_km2")),
        area_sd=rectangle(sd) if columns.errors else None,
    )


def _columns(nominal: NDArray[np.float64], nth: NDArray[np.intp]) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """Years, and how many columns each needs. nominal, nth: (N,) the year of each observation and its place among the lake's in it."""
    years, of_year = np.unique(nominal, return_inverse=True)
    repeats = np.zeros(len(years), dtype=np.int64)
    np.maximum.at(repeats, of_year, nth + 1)
    return tuple(years.tolist()), tuple(repeats.tolist())


def years_of(rows: pd.DataFrame, settings: TrendSettings) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Decimal and whole years of area rows, as these settings date them (see `decimal_years`).

    By `nominal` dates an observation has the date that the dataset uses; by `image` dates the day of its image, where that is known.
    """
    return decimal_years(*days_of(rows, settings), settings.season)


def days_of(rows: pd.DataFrame, settings: TrendSettings) -> tuple[NDArray[np.datetime64], NDArray[np.bool_]]:
    """(N,) the days of area rows as these settings date them, and of which of them only the year is known."""
    days, nominal = _days(rows, "date"), rows["date_nominal"].to_numpy(dtype=bool)
    if settings.dates == "image":
        image = _days(rows, "date_image")
        days, nominal = np.where(np.isnat(image), days, image), nominal & np.isnat(image)
    return days, nominal


def image_dates_differ(rows: pd.DataFrame) -> bool:
    """Whether it matters by which date these area rows are fitted: some image is known to be of another day than the date used."""
    image = _days(rows, "date_image")
    return bool((~np.isnat(image) & (image != _days(rows, "date"))).any())


def decimal_years(
    date: NDArray[np.datetime64], is_nominal: NDArray[np.bool_], season: Season | None = None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Decimal years to fit against, and the whole years by which neighbours in time are told.

    A real date becomes year + (day of year - 1)/days in that year. A nominal date becomes its year + the share of a
    365-day year before its calendar day, so that yearly nominal dates are evenly spaced, leap years or not. In a season
    that runs over New Year, real dates after New Year count to the year in which the season began.

    Args:
        date: (N,) days.
        is_nominal: (N,) whether only the year of a date is known.
        season: The season in use.
    """
    years, months = date.astype("datetime64[Y]"), date.astype("datetime64[M]")
    whole = years.astype(np.int64).astype(np.float64) + 1970.0
    month = months.astype(np.int64) % 12
    days_in_year = ((years + 1).astype("datetime64[D]") - years).astype(np.float64)
    real = (date - years).astype(np.float64) / days_in_year
    evenly = (MONTH_STARTS[month] + (date - months).astype(np.float64)) / 365.0
    nominal = whole.copy()
    if season is not None and season.first > season.last:
        nominal[(month < season.last) & ~is_nominal] -= 1.0
    return whole + np.where(is_nominal, evenly, real), nominal
