"""Days, years, scene ids, file names."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import InputError
from data.importing import dates
from data.records import Season


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2020-09-05", date(2020, 9, 5)), ("2020/9/5", date(2020, 9, 5)), ("20200905", date(2020, 9, 5)),
        ("20200905.0", date(2020, 9, 5)), ("5 Sep 2020", date(2020, 9, 5)),
        ("05-Sep-2020", date(2020, 9, 5)), ("Sept. 5, 2020", date(2020, 9, 5)), ("September 5 2020", date(2020, 9, 5)),
        ("5 Sup 2020", None),
        ("31 June 2020", None), ("5.9.2020", date(2020, 9, 5)),
        ("2020-09-05T10:11:12Z", date(2020, 9, 5)), ("2020", 2020), ("2020.0", 2020), (2020, 2020), (2020.0, 2020), (" 2020 ", 2020),
        (date(2020, 1, 2), date(2020, 1, 2)), (datetime(2020, 1, 2, 3), date(2020, 1, 2)), (pd.Timestamp("2020-01-02"), date(2020, 1, 2)),
        ("2020-02-30", None), ("20201345", None), ("5/9/2020", None), ("20x", None), ("", None), (None, None), (pd.NaT, None),
        ("9999", None), ("2020.5", None),
    ],
)  # fmt: skip
def test_cells(text: object, found: object) -> None:
    assert dates.day_or_year(text) == found


@given(st.dates(date(1850, 1, 1), date(2099, 12, 31)))
def test_every_day_survives_each_way_of_writing_it(day: date) -> None:
    for pattern in ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y"):
        assert dates.day_or_year(day.strftime(pattern)) == day
    assert dates.named_date(f"lakes_{day:%Y-%m-%d}_v2") == day


@pytest.mark.parametrize(
    ("scene_id", "day", "sensor", "pixel"),
    [
        ("LT05_L1TP_152035_20000908_20200907", date(2000, 9, 8), "Landsat 5", 30.0),
        ("LC08_L1TP_140040_20180109_2011", date(2018, 1, 9), "Landsat 8", 30.0),
        ("LC08_L1TP_144039_20201009", date(2020, 10, 9), "Landsat 8", 30.0),
        ("LE07_L2SP_139041_20011230_20200917_02_T1", date(2001, 12, 30), "Landsat 7", 30.0),
        ("LM05_L1TP_139041_19851230_20200917", date(1985, 12, 30), "Landsat 5", 60.0),
        ("LT51490362000252XXX00", date(2000, 9, 8), "Landsat 5", 30.0),
        ("LC81400412016366LGN01", date(2016, 12, 31), "Landsat 8", 30.0),
        ("S2B_MSIL2A_20201014T045749_N0500_R119_T45RVL_20230331T", date(2020, 10, 14), "Sentinel-2", 10.0),
        ("S2A_45RVL_20191106_0_L2A", date(2019, 11, 6), "Sentinel-2", 10.0),
        ("S1A_IW_GRDH_1SDV_20170101T120000_X", date(2017, 1, 1), "Sentinel-1", None),
    ],
)
def test_scene_ids(scene_id: str, day: date, sensor: str, pixel: float | None) -> None:
    assert dates.scene(scene_id) == dates.Scene(day, sensor, pixel)


@pytest.mark.parametrize(
    "text", ["", None, "nan", "20200908", "Google Earth 2000", "LT05_L1TP_152035_20001308_20200907", "LT51490362000367XXX00"]
)
def test_what_is_no_scene_id(text: object) -> None:
    assert dates.scene(text) is None


@given(st.integers(1985, 2024), st.integers(1, 365))
def test_day_of_year_ids_against_the_calendar(year: int, day: int) -> None:
    found = dates.scene(f"LT5149036{year}{day:03d}KHC00")
    assert found is not None
    assert found.day == date(year, 1, 1) + timedelta(days=day - 1)


@pytest.mark.parametrize(
    ("stem", "found", "source"),
    [
        ("HKH_2000", 2000, "HKH"), ("glacial_lakes_1985", 1985, "glacial_lakes"), ("lakes_2019-08-14_v1", date(2019, 8, 14), "lakes_v1"),
        ("20190814lakes", date(2019, 8, 14), "lakes"), ("lakes", None, "lakes"),
        ("S2_2020", 2020, "S2"), ("lakes12020", None, "lakes12020"),
    ],
)  # fmt: skip
def test_file_names(stem: str, found: object, source: str) -> None:
    assert dates.named_date(stem) == found
    assert dates.without_date(stem) == source


def test_two_years_in_a_name_are_no_date() -> None:
    with pytest.raises(ValueError, match="2000 and 2010"):
        dates.named_date("change_2000_2010")


@pytest.mark.parametrize(
    ("season", "middle"),
    [
        (None, date(2000, 10, 15)), (Season(9, 11), date(2000, 10, 15)), (Season(5, 9), date(2000, 7, 15)),
        (Season(7, 8), date(2000, 8, 1)),
        (Season(11, 2), date(2001, 1, 1)), (Season(12, 2), date(2001, 1, 15)), (Season(6, 6), date(2000, 6, 15)),
    ],
)  # fmt: skip
def test_middle_of_the_season(season: Season | None, middle: date) -> None:
    assert dates.season_middle(2000, season) == middle


@given(st.integers(1, 12), st.integers(1, 12), st.integers(1900, 2100))
def test_the_middle_lies_in_its_season(first: int, last: int, year: int) -> None:
    season = Season(first, last)
    assert dates.in_season(dates.season_middle(year, season), season)


def test_option() -> None:
    assert dates.given_date("2020") == 2020
    with pytest.raises(InputError, match="--date 'soon'"):
        dates.given_date("soon")
