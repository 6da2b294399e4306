"""Drainage: one step down that lasts, and nothing that looks like one."""

from __future__ import annotations

import numpy as np
import pytest

from tests.flag_cases import dated, flags_of

HALF = [1.0, 1.02, 0.99, 1.01, 1.0, 0.5, 0.51, 0.5, 0.49]


def test_a_lasting_drop_is_found_with_its_date_and_share() -> None:
    found = flags_of(dated({1: HALF}), "drainage")
    assert found["kind"].tolist() == ["drainage"]
    assert str(found["date"].iat[0].date()) == "2005-10-01"
    assert found["value"].iat[0] == pytest.approx(1 - 0.51 / 1.0)
    assert (
        found["words"].iat[0]
        == "49 % of its area (1 to 0.51 km²) went between 2004-10-01 and 2005-10-01 and had not come back by 2006-10-01"
    )


def test_nominal_dates_are_named_by_their_year() -> None:
    words = flags_of(dated({1: HALF}, date_nominal=True), "drainage")["words"].iat[0]
    assert "between 2004 and 2005" in words


@pytest.mark.parametrize(
    "areas",
    [
        [1, 1.02, 0.99, 1.01, 1, 0.5, 1.01, 1, 0.99],  # comes back at once
        [1, 1.02, 0.99, 1.01, 1, 1, 1.01, 0.5],  # seen once: not yet
        [1, 1.02, 0.99, 2.01, 1, 1, 1.01, 1, 1],  # down from a bad area
        [0.5, 0.5, 0.51, 1, 1.01, 1, 0.99, 1.02],  # up
        [1.3**-k for k in range(12)],  # shrinks steadily
        [1, 0.7, 1.1, 1.3, 0.8, 1.2, 0.75, 0.6, 1, 1.4],  # noise
        [1, 1, 1],
    ],
)
def test_what_is_no_drainage(areas: list[float]) -> None:
    assert flags_of(dated({1: areas}), "drainage").empty


def test_empty_masks_that_last_are_a_lake_that_went() -> None:
    areas = [1, 1.02, 0.99, 1.01, 1, 0, 0]
    assert flags_of(dated({1: areas}), "drainage")["value"].tolist() == [1.0]
    assert flags_of(dated({1: areas[:-1]}), "drainage").empty
    clouded = dated({1: areas})
    clouded.loc[clouded["area_km2"] == 0, "valid_share"] = 0.3
    assert flags_of(clouded, "drainage").empty


def test_mapping_errors_of_both_sides_have_to_be_exceeded() -> None:
    areas = [1.0, 1.001, 0.999, 1.0, 0.85, 0.851, 0.849, 0.85]
    assert flags_of(dated({1: areas}), "drainage").empty  # 15 % without known errors is too little
    for relative, drained in ((0.05, True), (0.12, False)):
        rows = dated({1: areas})
        rows["area_sd_km2"] = rows["area_km2"] * relative
        assert len(flags_of(rows, "drainage")) == drained
    rows.loc[rows.index[5], "area_sd_km2"] = np.nan
    assert flags_of(rows, "drainage").empty
