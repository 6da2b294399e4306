"""Which observations a trend uses, why the others are left out, and where they stand in time."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import TrendError
from data.records import Season, SeriesBatch, TrendSettings
from data.trends.series import decimal_years, series
from tests.trend_cases import area_rows, yearly

KEYS = np.arange(3, dtype=np.int32)
SETTINGS = TrendSettings(source="inventory")


def years_of(batch: SeriesBatch, lake: int) -> list[float]:
    return batch.nominal_year[~np.isnan(batch.area[lake])].tolist()


def areas_of(batch: SeriesBatch, lake: int) -> list[float]:
    return batch.area[lake][~np.isnan(batch.area[lake])].tolist()


def test_rows_of_any_order_become_time_ordered_rectangles() -> None:
    rows = yearly({0: [1.0, np.nan, 3.0, 4.0], 2: [5.0]})
    batch, left_out = series(rows.sample(frac=1, random_state=1), KEYS, SETTINGS)
    assert [areas_of(batch, lake) for lake in range(3)] == [[1, 3, 4], [], [5]]
    np.testing.assert_array_equal(np.isnan(batch.year), np.isnan(batch.area))
    assert years_of(batch, 0) == [2000, 2002, 2003]
    assert left_out == {}
    assert batch.area_sd is None


def test_every_observation_left_out_is_counted_once() -> None:
    rows = area_rows(
        [
            {"date": "2000-10-01"},
            {"date": "2001-10-01", "reason": "cloud", "area_km2": 0.0, "valid_share": 0.1},
            {"date": "2002-10-01", "reason": "cloud"},
            {"date": "2003-10-01", "reason": "outlier"},
            {"date": "2004-10-01", "reason": "empty", "area_km2": 0.0},
            {"date": "2005-10-01", "area_km2": 0.0},
            {"date": "2006-10-01", "valid_share": 0.79, "date_image": "2006-01-01"},
            {"date": "2007-10-01", "valid_share": 0.8},
            {"date": "2008-10-01", "date_image": "2008-01-01"},
            {"date": "2009-10-01", "source": "another"},
        ]
    )
    batch, left_out = series(rows, KEYS, TrendSettings(source="inventory", season=Season(9, 11)))
    assert left_out == {"cloud": 2, "outlier": 1, "empty": 2, "valid_share": 1, "season": 1}
    assert years_of(batch, 0) == [2000, 2007]


def test_season_asks_the_image_date_then_a_real_date_and_keeps_what_no_one_knows() -> None:
    rows = area_rows(
        [
            {"date": "2000-07-01"},  # nominal, month unknown
            {"date": "2001-10-01", "date_image": "2001-05-02"},
            {"date": "2002-05-02", "date_image": "2002-10-01"},
            {"date": "2003-05-02", "date_nominal": False},
            {"date": "2004-10-02", "date_nominal": False},
        ]
    )
    batch, left_out = series(rows, KEYS, TrendSettings(source="inventory", season=Season(9, 11)))
    assert years_of(batch, 0) == [2000, 2002, 2004]
    assert left_out == {"season": 2}


def test_the_threshold_nearest_to_a_half_is_fitted() -> None:
    rows = area_rows(
        [{"threshold": threshold, "area_km2": 10 * threshold, "source": "unet"} for threshold in (0.3, 0.5, 0.9)]
        + [{"threshold": 0.4, "source": "other"}, {"area_km2": 7.0}]
    )
    for source, wanted, found in (("unet", 0.5, 5.0), ("unet", 0.85, 9.0), ("other", 0.5, 1.0), ("inventory", 0.5, 7.0)):
        batch, left_out = series(rows, KEYS, TrendSettings(source=source), threshold=wanted)
        assert areas_of(batch, 0) == [found]
        assert left_out == {}


def test_mapping_errors_travel_with_their_areas() -> None:
    rows = area_rows([{"date": "2001-10-01", "area_sd_km2": 0.2, "area_km2": 2.0}, {"date": "2000-10-01"}])
    batch, _ = series(rows, KEYS, SETTINGS)
    assert batch.area_sd is not None
    np.testing.assert_array_equal(batch.area_sd[0], [np.nan, 0.2])


def test_a_year_seen_several_times_has_as_many_columns_in_order_of_date() -> None:
    dates = {0: ["2001-11-02", "2001-03-04", "2003-06-01"], 1: ["2000-05-05", "2001-07-07"], 2: ["2003-12-01", "2003-11-01"]}
    rows = area_rows([{"lake_key": key, "date": date, "date_nominal": False} for key, days in dates.items() for date in days])
    batch, _ = series(rows, KEYS, SETTINGS)
    np.testing.assert_array_equal(batch.nominal_year, [2000, 2001, 2001, 2003, 2003])
    held = ~np.isnan(batch.year)
    np.testing.assert_array_equal(held, [[0, 1, 1, 1, 0], [1, 1, 0, 0, 0], [0, 0, 0, 1, 1]])
    assert all((np.diff(batch.year[lake][held[lake]]) > 0).all() for lake in range(3))


def test_what_cannot_be_fitted_is_said() -> None:
    rows = yearly({0: [1.0, 2.0], 7: [1.0]})
    with pytest.raises(TrendError, match=r"source 'unet'[\s\S]*inventory"):
        series(rows, KEYS, TrendSettings(source="unet"))
    with pytest.raises(TrendError, match="lake_key 7"):
        series(rows, KEYS, SETTINGS)


def test_no_rows_at_all() -> None:
    batch, left_out = series(yearly({0: [1.0]}).iloc[:0], KEYS, SETTINGS)
    assert left_out == {}
    assert np.isnan(batch.area).all()


@given(st.lists(st.integers(1900, 2100), min_size=2, max_size=9, unique=True), st.dates(dt.date(2000, 1, 1), dt.date(2000, 12, 31)))
def test_nominal_dates_are_evenly_spaced_leap_years_or_not(years: list[int], day: dt.date) -> None:
    same_day = [dt.date(year, day.month, min(day.day, 28)) for year in years]
    decimal, nominal = decimal_years(np.array(same_day, dtype="datetime64[D]"), np.ones(len(years), dtype=bool))
    np.testing.assert_allclose(decimal - decimal[0], np.array(years) - years[0], rtol=0, atol=1e-12)
    np.testing.assert_array_equal(nominal, years)


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31)))
def test_real_dates_become_year_and_share_of_that_year(day: dt.date) -> None:
    decimal, _ = decimal_years(np.array([day], dtype="datetime64[D]"), np.array([False]))
    length = (dt.date(day.year + 1, 1, 1) - dt.date(day.year, 1, 1)).days
    assert decimal[0] == pytest.approx(day.year + (day.timetuple().tm_yday - 1) / length, rel=0, abs=1e-12)


def test_a_season_over_new_year_belongs_to_the_year_it_began_in() -> None:
    days = np.array(["2009-12-20", "2010-01-20", "2010-11-20", "2010-02-28"], dtype="datetime64[D]")
    _, nominal = decimal_years(days, np.array([False, False, False, True]), Season(11, 2))
    np.testing.assert_array_equal(nominal, [2009, 2009, 2010, 2010])
