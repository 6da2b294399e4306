"""When a flood was: a day, a month, a year, or the words of people who know less."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from datetime import date, timedelta

from data.floods.record import FloodDate
from data.floods.words import known
from data.importing.dates import day_or_year

EARLIEST = 1000
"""No flood is dated before this year: what claims to be is a slip."""
MONTHS = {name.lower(): n for names in (calendar.month_name, calendar.month_abbr) for n, name in enumerate(names) if name}


class DatePartError(ValueError):
    """A part of a date in numbers is wrong.

    Args:
        part: `year`, `month` or `day`.
        message: What is wrong with it.
    """

    def __init__(self, part: str, message: str) -> None:
        super().__init__(message)
        self.part = part


def exact_date(year: str, month: str, day: str) -> FloodDate:
    """A date from whole numbers; month and day may be unknown, and an unknown year makes all of it unknown.

    Raises:
        DatePartError: They are no date; the message says why.
    """
    if not known(year):
        return UNKNOWN
    y = _number(year, "year", EARLIEST, 2100)
    if not known(month):
        return _between(date(y, 1, 1), date(y, 12, 31), "year", str(y))
    m = _number(month, "month", 1, 12)
    if not known(day):
        return _month(y, m)
    d = _number(day, "day", 1, calendar.monthrange(y, m)[1])
    return _between(date(y, m, d), date(y, m, d), "day", date(y, m, d).isoformat())


def worded_date(text: str) -> FloodDate:
    """A date as people write it: a day, a month, a year, `1955-66`, `1960s`, `before 1966`, `May to August 2003`, `about 1980`.

    Raises:
        ValueError: It is not understood.
    """
    said = text.strip()
    if not known(said):
        return UNKNOWN
    plain = day_or_year(said)  # of 1850 and later
    if isinstance(plain, date):
        return _between(plain, plain, "day", plain.isoformat())
    for pattern, read in _WORDED:
        if (found := pattern.fullmatch(said)) and (when := read(found)):
            return when
    raise ValueError(f"{text!r} is no date")


def _numbers(found: re.Match[str]) -> FloodDate:
    """`1835-06-30`, `1835`."""
    return exact_date(found[1], found[2] or "", found[3] or "")


def _year_month(found: re.Match[str]) -> FloodDate | None:
    """`2015-07`; `1955-66` has no such month."""
    return _month(int(found[1]), int(found[2])) if 1 <= int(found[2]) <= 12 else None


def _span(found: re.Match[str]) -> FloodDate:
    return _years(int(found[1]), int(found[1][: 4 - len(found[2])] + found[2]), found[0])


def _decade(found: re.Match[str]) -> FloodDate:
    return _years(int(found[1]), int(found[1]) + 9, f"the {found[1]}s")


def _before(found: re.Match[str]) -> FloodDate:
    return FloodDate(None, "before", None, date(int(found[1]), 1, 1) - timedelta(days=1), f"before {found[1]}")


def _about(found: re.Match[str]) -> FloodDate:
    return FloodDate(date(int(found[1]), 7, 2), "about", None, None, f"about {found[1]}")


def _months(found: re.Match[str]) -> FloodDate | None:
    """`May 2003`, `May to August 2003`."""
    first, last = (MONTHS.get(name.lower(), 0) for name in (found[1], found[2] or found[1]))
    year = int(found[3])
    if not 0 < first <= last:
        return None
    whole = _between(date(year, first, 1), _month_end(year, last), "span", found[0])
    return _month(year, first) if first == last else whole


_WORDED: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], FloodDate | None]], ...] = (
    (re.compile(r"(\d{4})(?:\.0+)?(?:[-/.](\d{1,2})[-/.](\d{1,2}))?"), _numbers),
    (re.compile(r"(\d{4})-(\d{1,2})"), _year_month),
    (re.compile(r"(\d{4})\s*(?:-|–|to)\s*(\d{2}|\d{4})"), _span),
    (re.compile(r"(?:the\s+)?(\d{3}0)'?s"), _decade),
    (re.compile(r"(?:before|prior to|pre|<)[\s-]*([1-9]\d{3})", re.IGNORECASE), _before),
    (re.compile(r"(?:about|around|approximately|circa|ca?\.?|~)\s*([1-9]\d{3})", re.IGNORECASE), _about),
    (re.compile(r"([a-z]+)\.?\s*(?:(?:-|–|to)\s*([a-z]+)\.?\s*)?([1-9]\d{3})", re.IGNORECASE), _months),
)
"""Words for dates, and how each is read; the first that makes sense of them holds."""


def approximate_year(text: str) -> FloodDate:
    """A date from a column of approximate years: a bare year there is about that year.

    Raises:
        ValueError: It is not understood.
    """
    return worded_date(f"about {text.strip()}" if re.fullmatch(r"\d{4}", text.strip()) else text)


def narrower(exact: FloodDate, worded: FloodDate) -> FloodDate:
    """Of a date in numbers and one in words the one that says more, where the words do not contradict the numbers."""
    if exact.first is None or exact.last is None:
        return worded
    if exact.precision != "year" or worded.first is None or worded.last is None:
        return exact
    inside = exact.first <= worded.first and worded.last <= exact.last and worded.last - worded.first < exact.last - exact.first
    return worded if inside else exact


def _number(text: str, part: str, low: int, high: int) -> int:
    if not re.fullmatch(r"\d{1,4}(\.0+)?", text.strip()) or not low <= int(float(text)) <= high:
        raise DatePartError(part, f"the {part} {text.strip()!r} is no number from {low} to {high}")
    return int(float(text))


def _month(year: int, month: int) -> FloodDate:
    return _between(date(year, month, 1), _month_end(year, month), "month", f"{calendar.month_name[month]} {year}")


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def _years(first: int, last: int, words: str) -> FloodDate:
    if not EARLIEST <= first <= last <= 2100:
        raise ValueError(f"{words!r} is no span of years")
    return _between(date(first, 1, 1), date(last, 12, 31), "span", words)


def _between(first: date, last: date, precision: str, words: str) -> FloodDate:
    """Between two days; what may be longer than a year has no day that could stand for it."""
    middle = first + (last - first) / 2
    return FloodDate(middle if (last - first).days < 366 else None, precision, first, last, words)


UNKNOWN = FloodDate(None, "unknown", None, None, "date unknown")
"""Nobody knows when."""
