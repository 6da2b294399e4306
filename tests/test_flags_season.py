"""Season coverage: dates that drift, spread, or miss the season."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from data.records import Season
from tests.flag_cases import dated, flags_of


def on_days(days: Sequence[float] | np.ndarray, **more: object) -> pd.DataFrame:
    """A steady lake, one date a year, on these days of the year (0 is 1 January)."""
    rows = dated({1: [1.0 + 0.01 * (place % 2) for place in range(len(days))]}, **more)
    start = pd.to_datetime([f"{year}-01-01" for year in range(2000, 2000 + len(days))])
    return rows.assign(date=(start + pd.to_timedelta(np.asarray(days, dtype=int), "D")).as_unit("s"))


def test_dates_that_drift() -> None:
    found = flags_of(on_days(260 + 3.0 * np.arange(12) + 4 * (np.arange(12) % 2)), "season", season=Season(9, 11))
    assert found["value"].iat[0] == pytest.approx(33, abs=3)
    assert "days later in the year at the end than at the start" in found["words"].iat[0]
    early = flags_of(on_days(300 - 3.0 * np.arange(12)), "season")
    assert "earlier" in early["words"].iat[0]


@pytest.mark.parametrize("shift", [0, 95, 120])
def test_a_drift_over_new_year_is_no_jump_of_a_year(shift: int) -> None:
    found = flags_of(on_days((260 + shift + 3.0 * np.arange(12)) % 365), "season")
    assert found["value"].iat[0] == pytest.approx(33, abs=3)


def test_dates_all_over_the_year_without_a_season() -> None:
    days = [120, 250, 180, 130, 260, 170, 140, 255, 125, 240]
    found = flags_of(on_days(days), "season")
    assert found["words"].iat[0].startswith("images are spread over 1")
    assert flags_of(on_days([250, 255, 260, 252, 258, 262, 251]), "season").empty


def test_dates_outside_the_season() -> None:
    days = [200] * 5 + [280] * 3
    found = flags_of(on_days(days), "season", season=Season(9, 11))
    assert found["words"].tolist() == ["5 of 8 dates lie outside September to November and are not used"]
    assert found["value"].tolist() == [5]
    assert flags_of(on_days(days[3:]), "season", season=Season(9, 11)).empty


def test_years_alone_say_nothing_but_their_images_do() -> None:
    days = 260 + 3.0 * np.arange(12)
    nominal = on_days(days, date_nominal=True)
    assert flags_of(nominal, "season").empty
    assert len(flags_of(nominal.assign(date_image=nominal["date"]), "season")) == 1
