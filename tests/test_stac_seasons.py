"""Years and months as windows of days."""

from __future__ import annotations

from datetime import date

import pytest

from data.errors import InputError
from data.records import Season
from data.stac.seasons import Window, windows


def test_every_year_of_the_range_has_its_season() -> None:
    found = windows("2016:2018", Season(9, 11))
    assert found == [Window(year, date(year, 9, 1), date(year, 11, 30)) for year in (2016, 2017, 2018)]
    assert found[0].middle == date(2016, 10, 16)
    assert found[0].interval == "2016-09-01T00:00:00Z/2016-11-30T23:59:59Z"


def test_a_season_over_new_year_belongs_to_the_year_in_which_it_begins() -> None:
    assert windows("2019", Season(11, 2)) == [Window(2019, date(2019, 11, 1), date(2020, 2, 29))]
    assert windows("2020", Season(11, 2))[0].last == date(2021, 2, 28)


def test_without_a_season_the_whole_year() -> None:
    assert windows(" 2019-2019 ", None) == [Window(2019, date(2019, 1, 1), date(2019, 12, 31))]


@pytest.mark.parametrize("years", ["", "16:18", "2018:2016", "1950:1960", "2016:9999", "2016:", ":2016", "2016:2018:2020", "all"])
def test_what_is_no_range_is_refused(years: str) -> None:
    with pytest.raises(InputError, match="no range of years") as caught:
        windows(years, None)
    assert "2016:2025" in caught.value.remedy


def test_since() -> None:
    window = Window(2020, date(2020, 9, 1), date(2020, 11, 30))
    assert window.since(None) == window.since(date(2020, 9, 1)) == window.since(date(2019, 1, 1)) == window
    left = window.since(date(2020, 10, 5))
    assert left is not None
    assert (left.begins, left.last, left.middle) == (date(2020, 10, 5), date(2020, 11, 30), window.middle)
    assert left.interval == "2020-10-05T00:00:00Z/2020-11-30T23:59:59Z"
    assert window.since(date(2020, 11, 30)) is not None
    assert window.since(date(2020, 12, 1)) is None
