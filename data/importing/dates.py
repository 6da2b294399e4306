"""Dates of outlines: bare years, days, scene ids, and the dates that stand in file names."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from data.errors import InputError
from data.importing.frames import absent
from data.records import Season

POST_MONSOON = Season(9, 11)
"""The window of High Mountain Asia in which lakes are largest and skies clear: the default of inventories there."""

FIRST_YEAR, LAST_YEAR = 1850, 2100


@dataclass(frozen=True)
class Scene:
    """What a scene id says.

    Args:
        day: The acquisition day.
        sensor: e.g. `Landsat 5`.
        pixel_m: Side of the multispectral pixel in metres, None where it is not known.
    """

    day: date
    sensor: str | None
    pixel_m: float | None


def season_middle(year: int, season: Season | None) -> date:
    """The day that stands for a bare year: the middle of its season, 15 October where there is none.

    A season of an odd number of months has the 15th of its middle month, one of an even number the first day of the later
    half. A season that runs over New Year belongs to the year it begins in.
    """
    window = season or POST_MONSOON
    months = (window.last - window.first) % 12 + 1
    middle = window.first - 1 + months // 2
    return date(year + middle // 12, middle % 12 + 1, 15 if months % 2 else 1)


def in_season(day: date, season: Season | None) -> bool:
    """Whether a day lies in the season, Sep-Nov where there is none."""
    window = season or POST_MONSOON
    return (day.month - window.first) % 12 <= (window.last - window.first) % 12


_WRITTEN = (
    (re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?"), (0, 1, 2)),
    (re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})"), (2, 1, 0)),
    (re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0+)?"), (0, 1, 2)),
)
_SPELLED = (
    re.compile(r"(?P<day>\d{1,2})[-. ]+(?P<month>[a-z]{3,9})[-., ]+(?P<year>\d{4})"),
    re.compile(r"(?P<month>[a-z]{3,9})\.? (?P<day>\d{1,2}),? (?P<year>\d{4})"),
)
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
)  # fmt: skip
_YEAR = re.compile(r"(\d{4})(?:\.0+)?")


def day_or_year(value: object) -> date | int | None:
    """A cell as a day or a bare year; None where it is neither.

    `2020-09-05`, `2020/9/5`, `20200905`, `5.9.2020`, `5 Sep 2020`, `Sep 5, 2020` and timestamps are days, `2020` and `2020.0` years.
    `5/9/2020` is neither, because half the world reads it as 9 May.
    """
    if isinstance(value, datetime):
        return None if absent(value) else value.date()
    if isinstance(value, date):
        return value
    text = str(value).strip()
    for pattern, (year, month, day) in _WRITTEN:
        if found := pattern.fullmatch(text):
            numbers = [int(g) for g in found.groups()]
            return _day(numbers[year], numbers[month], numbers[day])
    for pattern in _SPELLED:
        if found := pattern.fullmatch(text.lower()):
            month = next((n for n, name in enumerate(_MONTHS, 1) if name.startswith(found["month"])), 0)
            return _day(int(found["year"]), month, int(found["day"]))
    found = _YEAR.fullmatch(text)
    return int(found.group(1)) if found and FIRST_YEAR <= int(found.group(1)) <= LAST_YEAR else None


def _day(year: int, month: int, day: int) -> date | None:
    if FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]:
        return date(year, month, day)
    return None


_NAMED_DAY = re.compile(r"(?<!\d)((?:18|19|20)\d{2})([-_.]?)(\d{2})\2(\d{2})(?!\d)")
_NAMED_YEAR = re.compile(r"(?<!\d)((?:18|19|20)\d{2})(?!\d)")


def named_date(stem: str) -> date | int | None:
    """The day or year in a file's name, None where there is none.

    Raises:
        ValueError: It holds several that differ.
    """
    days = {found for g in _NAMED_DAY.finditer(stem) if (found := _day(int(g[1]), int(g[3]), int(g[4])))}
    years = {int(g[1]) for g in _NAMED_YEAR.finditer(stem)} if not days else set[int]()
    held: set[date | int] = {*days, *years}
    if len(held) > 1:
        raise ValueError(f"{stem} holds {' and '.join(sorted(str(d) for d in held))}")
    return next(iter(held), None)


def without_date(stem: str) -> str:
    """A file's name without its date, which names the source: `HKH_2000` → `HKH`."""
    return re.sub(r"[-_. ]{2,}", "_", _NAMED_YEAR.sub("", _NAMED_DAY.sub("", stem))).strip("-_. ")


def given_date(text: str) -> date | int:
    """The value of `--date`. Raises InputError."""
    found = day_or_year(text)
    if found is None:
        raise InputError(f"--date {text!r} is neither a year nor a day", "write it as 2020 or 2020-10-15")
    return found


_LANDSAT = re.compile(r"\bL([COTEM])(0\d)_L\w{3}_\d{6}_((?:19|20)\d{6})", re.IGNORECASE)
_LANDSAT_EARLY = re.compile(r"\bL([COTEM])(\d)\d{6}((?:19|20)\d{2})(\d{3})", re.IGNORECASE)
_SENTINEL_2 = re.compile(r"\bS2[A-D]_MSI\w{3}_((?:19|20)\d{6})T", re.IGNORECASE)
_SENTINEL_2_TILE = re.compile(r"\bS2[A-D]_\d{1,2}[A-Z]{3}_((?:19|20)\d{6})", re.IGNORECASE)
_SENTINEL_1 = re.compile(r"\bS1[A-D]_\w{2}_\w{4}_\w{4}_((?:19|20)\d{6})T", re.IGNORECASE)


def scene(value: object) -> Scene | None:
    """What a Landsat, Sentinel-2 or Sentinel-1 product id says; None where it is none of these.

    Landsat's collections put the day first and the day of processing after it (`LT05_L1TP_152035_20000908_20200907`); before them, ids
    held the day of the year (`LT51490362000251…`). Pixels: 30 m for Landsat TM, ETM+ and OLI (60 m for MSS), 10 m for Sentinel-2;
    Sentinel-1's depends on the product, so none is given.
    """
    text = str(value).strip()
    if found := _LANDSAT.search(text):
        return _scene(_compact(found[3]), f"Landsat {int(found[2])}", 60.0 if found[1].upper() == "M" else 30.0)
    if found := _LANDSAT_EARLY.search(text):
        days = int(found[4])
        day = date(int(found[3]), 1, 1) + timedelta(days=days - 1) if 1 <= days <= 366 else None
        return _scene(day, f"Landsat {found[2]}", 60.0 if found[1].upper() == "M" else 30.0)
    if found := _SENTINEL_2.search(text) or _SENTINEL_2_TILE.search(text):
        return _scene(_compact(found[1]), "Sentinel-2", 10.0)
    if found := _SENTINEL_1.search(text):
        return _scene(_compact(found[1]), "Sentinel-1", None)
    return None


def _compact(text: str) -> date | None:
    return _day(int(text[:4]), int(text[4:6]), int(text[6:8]))


def _scene(day: date | None, sensor: str, pixel_m: float | None) -> Scene | None:
    return None if day is None else Scene(day, sensor, pixel_m)
