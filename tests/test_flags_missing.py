"""Missing although neighbours exist."""

from __future__ import annotations

import numpy as np
import pandas as pd

from tests.flag_cases import dated, flags_of, lakes_of

NAN = float("nan")
FULL = [1.0] * 8


def basin(of_lake: list[float], others: int = 5) -> pd.DataFrame:
    """A lake among others that were mapped every year."""
    return dated({0: of_lake, **dict.fromkeys(range(1, others + 1), FULL)})


def missed(rows: pd.DataFrame, **more: object) -> list[tuple[int, int]]:
    found = flags_of(rows, "missing", **more)  # type: ignore[arg-type]
    return list(zip(found["lake_key"].tolist(), found["date"].dt.year.tolist(), strict=True))


def test_a_gap_is_found_with_the_number_of_neighbours() -> None:
    rows = basin([1, 1, NAN, 1, 1, NAN, NAN, 1])
    found = flags_of(rows, "missing")
    assert found["date"].dt.year.tolist() == [2002, 2005, 2006]
    assert found["value"].tolist() == [5, 5, 5]
    assert found["words"].iat[0] == "not mapped in 2002, though 5 lakes nearby were"


def test_a_year_that_nobody_mapped_is_no_gap() -> None:
    rows = basin([1, 1, NAN, 1, 1, 1, 1, 1])
    assert missed(rows[(rows["date"].dt.year != 2002) | (rows["lake_key"] > 4)]) == []
    assert missed(rows[rows["date"].dt.year != 2002]) == []


def test_lakes_far_away_do_not_count() -> None:
    rows = basin([1, 1, NAN, 1, 1, 1, 1, 1])
    lakes = lakes_of(rows)
    away = lakes.assign(lon=np.where(lakes["lake_key"] == 0, 82.0, lakes["lon"]))
    assert missed(rows, lakes=away) == []
    assert missed(rows, lakes=lakes.assign(lon=NAN)) == []


def test_clouded_dates_are_no_gaps() -> None:
    rows = basin(FULL)
    rows.loc[rows.index[2], "reason"] = "cloud"
    assert missed(rows) == []


def test_since_the_last_date_is_said_once() -> None:
    rows = basin([1, 1, 1, 1, NAN, NAN, NAN, NAN])
    found = flags_of(rows, "missing")
    assert found["words"].tolist() == ["not mapped from 2004 on, though 5 lakes nearby were: missed, or gone"]
    assert missed(basin([1, *[NAN] * 7])) == []  # seen once: perhaps no lake


def test_recorded_merges_are_no_gaps() -> None:
    rows = basin([1, 1, NAN, NAN, 1, NAN, 1, 1])
    merge = pd.DataFrame({"lake_key": np.array([0], "int32"), "date": pd.to_datetime(["2002-10-01"]), "kind": ["merge"]})
    assert missed(rows, events=merge) == [(0, 2005)]


def test_a_stray_part() -> None:
    rows = basin([9, 9, 9, 2, 9, 9, 9, 9])
    found = flags_of(rows, "missing")
    assert found["words"].tolist() == ["2003-10-01: only 2 km² of some 9 km² was mapped, though 5 lakes nearby were"]
    assert missed(basin([9, 9, 9, 4, 9, 9, 9, 9])) == []


def test_pieces_seen_once_do_not_crowd_out_real_neighbours() -> None:
    rows = basin([1, 1, NAN, 1, 1, 1, 1, 1], others=3)
    pieces = dated({key: [NAN, NAN, NAN, 1.0] for key in range(20, 40)})
    lakes = lakes_of(pd.concat([rows, pieces]))
    lakes.loc[lakes["lake_key"] >= 20, "lon"] = 80.001
    assert missed(pd.concat([rows, pieces]), lakes=lakes) == [(0, 2002)]
