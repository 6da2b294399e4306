"""Dates of floods: no more precise than their words, and never a guess."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.floods.dating import UNKNOWN, DatePartError, approximate_year, exact_date, narrower, worded_date
from data.floods.record import PRECISIONS

DAYS = st.dates(date(1800, 1, 1), date(2099, 12, 31))


@given(DAYS)
def test_numbers_say_as_much_as_is_known(day: date) -> None:
    exact = exact_date(str(day.year), str(day.month), str(day.day))
    assert (exact.date, exact.first, exact.last, exact.precision) == (day, day, day, "day")
    month = exact_date(str(day.year), f"{day.month}.0", "NA")
    assert (month.first, month.last) == (day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1]))
    year = exact_date(str(day.year), "NA", str(day.day))
    assert (year.first, year.last) == (date(day.year, 1, 1), date(day.year, 12, 31))
    for found in (exact, month, year):
        assert found.first <= found.date <= found.last  # type: ignore[operator]
    assert exact_date("NA", str(day.month), str(day.day)) == UNKNOWN


@given(DAYS, st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%d.%m.%Y", "%d %B %Y", "%Y%m%d"]))
def test_a_day_written_in_any_clear_way_is_that_day(day: date, form: str) -> None:
    if day.year < 1850 and form not in {"%Y-%m-%d", "%Y/%m/%d"}:
        return  # inventories know no such days, and digits without dashes could be anything
    assert worded_date(day.strftime(form)) == exact_date(str(day.year), str(day.month), str(day.day))


@pytest.mark.parametrize(
    ("text", "precision", "first", "last"),
    [
        ("2003", "year", "2003-01-01", "2003-12-31"), ("2015-07", "month", "2015-07-01", "2015-07-31"),
        ("July 2015", "month", "2015-07-01", "2015-07-31"), ("May to August 2003", "span", "2003-05-01", "2003-08-31"),
        ("Jun-Jul 1999", "span", "1999-06-01", "1999-07-31"), ("1955-66", "span", "1955-01-01", "1966-12-31"),
        ("2002-2004", "span", "2002-01-01", "2004-12-31"), ("1960s", "span", "1960-01-01", "1969-12-31"),
        ("Before 1966", "before", None, "1965-12-31"), ("about 1980", "about", None, None), ("c. 1920", "about", None, None),
        ("NA", "unknown", None, None), ("", "unknown", None, None), (" Unknown ", "unknown", None, None),
    ],
)  # fmt: skip
def test_words(text: str, precision: str, first: str | None, last: str | None) -> None:
    found = worded_date(text)
    assert found.precision == precision in PRECISIONS
    assert (found.first, found.last) == tuple(None if day is None else date.fromisoformat(day) for day in (first, last))


def test_what_may_be_longer_than_a_year_has_no_day_that_stands_for_it() -> None:
    assert worded_date("2002-2004").date is None
    assert worded_date("Before 1966").date is None
    assert worded_date("May to August 2003").date == date(2003, 7, 1)
    assert worded_date("about 1980").date == date(1980, 7, 2), "it can be drawn, but bounds nothing"


@pytest.mark.parametrize("text", ["2oo5", "5/9/2020", "August to May 2003", "1966-55", "0970s", "Moonday 2003", "20031"])
def test_nonsense_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no"):
        worded_date(text)


@pytest.mark.parametrize(
    ("parts", "part"),
    [(("20x5", "1", "1"), "year"), (("2005", "13", "1"), "month"), (("2005", "2", "29"), "day"), (("99", "", ""), "year")],
)
def test_the_part_at_fault_is_named(parts: tuple[str, str, str], part: str) -> None:
    with pytest.raises(DatePartError, match=part) as caught:
        exact_date(*parts)
    assert caught.value.part == part


def test_words_beside_numbers_narrow_them_or_are_ignored() -> None:
    year = exact_date("2003", "NA", "NA")
    assert narrower(year, approximate_year("May to August 2003")).words == "May to August 2003"
    assert narrower(year, approximate_year("2002-2004")) == year
    assert narrower(year, approximate_year("2003")) == year
    assert narrower(year, approximate_year("May to August 2004")) == year, "it contradicts the year"
    day = exact_date("2003", "7", "1")
    assert narrower(day, approximate_year("May to August 2003")) == day
    assert narrower(UNKNOWN, approximate_year("1980")).words == "about 1980"


@given(DAYS, st.integers(0, 4000))
def test_a_day_that_stands_for_a_span_lies_within_it(first: date, days: int) -> None:
    last = min(first + timedelta(days=days), date(2099, 12, 31))
    found = worded_date(f"{first.year}-{last.year}")
    assert found.first == date(first.year, 1, 1)
    assert found.last == date(last.year, 12, 31)
    assert (found.date is not None) == (first.year == last.year)
