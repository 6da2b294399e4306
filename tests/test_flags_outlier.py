"""Outliers and ends: one area far from the rest."""

from __future__ import annotations

import numpy as np
import pytest

from tests.flag_cases import dated, flags_of

GROWING = [1.0, 1.06, 1.1, 1.17, 1.2, 1.27, 1.35, 1.41, 1.49]


@pytest.mark.parametrize("factor", [0.35, 0.5, 1.8, 2.4])
@pytest.mark.parametrize("at", [1, 4, 7])
def test_a_single_bad_area_is_found(factor: float, at: int) -> None:
    areas = [area * (factor if place == at else 1) for place, area in enumerate(GROWING)]
    found = flags_of(dated({1: areas}))
    assert found["kind"].tolist() == ["outlier"]
    assert found["date"].iat[0].year == 2000 + at
    assert found["value"].iat[0] == pytest.approx(np.log(factor), abs=0.08)


@pytest.mark.parametrize(("at", "words"), [(0, "a change before the next date"), (8, "has just drained")])
def test_first_and_last_dates_are_said_apart(at: int, words: str) -> None:
    areas = [area * (0.4 if place == at else 1) for place, area in enumerate(GROWING)]
    found = flags_of(dated({1: areas}))
    assert found["kind"].tolist() == ["end"]
    assert found["date"].iat[0].year == 2000 + at
    assert words in found["words"].iat[0]


@pytest.mark.parametrize(
    "areas",
    [
        GROWING,
        [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5],  # a step fits one side
        [1, 1, 1, 0.4, 0.4, 1, 1, 1],  # two are no single one
        [1, 1.2, 1, 1.2, 1, 1.24, 1, 1.2],  # below a quarter
        [1, 1, 3, 1],  # too few
        [1.0] * 9,
    ],
)
def test_what_is_no_outlier(areas: list[float]) -> None:
    assert flags_of(dated({1: areas}), "outlier", "end").empty


def test_two_bad_areas_of_a_lake_are_two() -> None:
    areas = [*GROWING, *(area * 1.5 for area in GROWING)]
    areas[3], areas[12] = areas[3] * 2.2, areas[12] * 0.4
    found = flags_of(dated({1: areas}), "outlier")
    assert found["date"].dt.year.tolist() == [2003, 2012]
    assert np.sign(found["value"]).tolist() == [1, -1]


def test_mapping_errors_excuse_it() -> None:
    areas = [1.0, 1, 1, 1.5, 1, 1, 1, 1]
    rows = dated({1: areas})
    assert len(flags_of(rows, "outlier")) == 1
    assert flags_of(rows.assign(area_sd_km2=0.25 * rows["area_km2"]), "outlier").empty


def test_a_scale_of_areas_changes_nothing() -> None:
    random = np.random.default_rng(2)
    areas = {key: np.exp(0.1 * random.standard_t(2, 15)).tolist() for key in range(40)}
    found = flags_of(dated(areas), "outlier", "end")
    assert len(found)
    larger = flags_of(dated({key: (1000 * np.array(values)).tolist() for key, values in areas.items()}), "outlier", "end")
    np.testing.assert_allclose(larger["value"], found["value"], rtol=1e-9)
    assert larger["lake_key"].tolist() == found["lake_key"].tolist()
