"""Components of the watch-list against plain loops over the rows, and how they are scaled."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from data.records import Season
from data.store import Store
from data.trends.series import barred
from data.watchlist.component import Component
from data.watchlist.components import COMPONENTS
from data.watchlist.given import Given
from data.watchlist.opened import given_by
from data.watchlist.rank import raw_components
from data.watchlist.roles import ROLES, recognised
from data.watchlist.volumes import RELATIONS, peak_discharge, volume_range
from tests.datasets import CONSTANT, GROWING, INSUFFICIENT, LAKES, small_dataset


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("data") / "small"))


@pytest.fixture(scope="module")
def given(store: Store) -> Given:
    return given_by(store, store.trends(store.settings()), {})


def loop(given: Given, season: Season | None) -> dict[int, list[tuple[pd.Timestamp, float]]]:
    """Lake → its clear (day, area), by one row after the other."""
    found: dict[int, list[tuple[pd.Timestamp, float]]] = {}
    for row in given.rows.sort_values("date").itertuples():
        if barred(given.rows.loc[[row.Index]], season)[0] == "":
            found.setdefault(row.lake_key, []).append((row.date, row.area_km2))
    return found


def test_every_component_gives_a_value_a_lake_or_none(given: Given) -> None:
    for name, component in COMPONENTS.items():
        raw = component.raw(given)
        assert raw is None or raw.shape == (LAKES,), name
        assert component.needs, name
        assert component.help, name


def test_areas_and_last_changes_are_those_of_the_last_clear_rows(given: Given) -> None:
    raw, clear = raw_components(given), loop(given, given.table.settings.season)
    for row, key in enumerate(given.lake_keys.tolist()):
        areas = [area for _, area in clear.get(key, [])]
        assert raw["newest_area"][row] == pytest.approx(areas[-1] if areas else np.nan, nan_ok=True)
        expected = 100 * (areas[-1] / areas[-2] - 1) if len(areas) > 1 else np.nan
        assert raw["last_change"][row] == pytest.approx(expected, nan_ok=True)


def test_days_unseen_count_from_the_newest_date_of_any_lake(given: Given) -> None:
    clear = loop(given, None)
    newest = max(days[-1][0] for days in clear.values())
    expected = [(newest - clear[key][-1][0]).days if key in clear else np.nan for key in given.lake_keys.tolist()]
    np.testing.assert_array_equal(raw_components(given)["unseen"], expected)


def test_trend_components_follow_from_the_table(given: Given) -> None:
    raw, frame = raw_components(given), given.table.frame
    np.testing.assert_allclose(raw["growth"], frame["slope_pct"])
    grows = frame["slope"].to_numpy() > 0
    np.testing.assert_allclose(raw["evidence"][grows], -np.log10(frame["q"].to_numpy()[grows]), rtol=1e-12)
    assert np.isnan(raw["evidence"][INSUFFICIENT]), "what was not tested is missing, not without evidence"
    assert (raw["evidence"][np.flatnonzero(~grows & frame["log_q"].notna().to_numpy())] == 0).all()
    first, last = frame["first_year"], frame["last_year"]
    at = [np.exp(frame["mean_response"] + frame["slope"] * (year - frame["mean_year"])) for year in (first, last)]
    np.testing.assert_allclose(raw["growth_km2"], at[1] - at[0])
    assert (raw["growth_km2"][list(GROWING)] > 0).all()


def test_without_floods_nothing_is_known_of_any_lake(given: Given) -> None:
    bare = Given(given.lakes, given.table, given.read, None, given.columns)
    assert "floods" not in raw_components(bare)
    burst = pd.DataFrame({"lake_key": [3, 3, 7], "date": pd.to_datetime(["2017-01-01", "2019-01-01", None])})
    counts = raw_components(Given(given.lakes, given.table, given.read, burst, given.columns))["floods"]
    assert counts[[3, 7]].tolist() == [2, 1]
    assert counts.sum() == 3
    assert COMPONENTS["floods"].scaled(counts)[[3, 7, 8]].tolist() == [1, 1, 0]


def test_signs_hold_their_thresholds_and_leave_unknown_lakes_out(given: Given) -> None:
    raw, lakes = raw_components(given), given.lakes
    assert given.columns == {"glacier_distance": "glacier_distance_m"}
    scaled = {name: COMPONENTS[name].scaled(values) for name, values in raw.items()}
    distance = lakes["glacier_distance_m"].to_numpy(dtype=float)
    np.testing.assert_array_equal(scaled["sign_glacier_distance"], np.where(np.isnan(distance), np.nan, distance < 500))
    height = lakes["elevation_m"].to_numpy(dtype=float)
    np.testing.assert_array_equal(scaled["sign_elevation"], np.where(np.isnan(height), np.nan, height > 5000))
    np.testing.assert_array_equal(scaled["sign_end_moraine"], lakes["dam_type"] == "M(e)")
    assert "sign_dam_width" not in raw, "no column holds it"
    assert scaled["sign_growth"][CONSTANT] == 0


def test_published_weights_sum_to_one() -> None:
    signs = [component for component in COMPONENTS.values() if component.weight]
    assert len(signs) == 10
    assert sum(component.weight for component in signs) == pytest.approx(1.0)


def component(speaks: str) -> Component:
    return Component("c", "C", "", "", lambda given: None, speaks=speaks)


@examples(values=st.lists(st.one_of(st.none(), st.integers(-5, 5)), min_size=1, max_size=30))
def test_ranks_run_from_0_to_1_and_missing_stays_missing(values: list[int | None]) -> None:
    raw = np.array([np.nan if value is None else value for value in values])
    known = [value for value in values if value is not None]
    for speaks, sign in (("more", lambda v: v), ("less", lambda v: -v), ("size", abs)):
        scaled = component(speaks).scaled(raw)
        for value, got in zip(values, scaled, strict=True):
            if value is None:
                assert np.isnan(got)
                continue
            below = sum(sign(other) < sign(value) for other in known)
            equal = sum(sign(other) == sign(value) for other in known)
            assert got == pytest.approx((below + (equal - 1) / 2) / (len(known) - 1) if len(known) > 1 else 0.5)


def test_volumes_are_a_range_that_holds_every_relation() -> None:
    area = np.array([0.01, 0.2, 1.5, np.nan, 0.0])
    low, middle, high = volume_range(area)
    assert np.isnan(low[3:]).all()
    assert np.isnan(high[3:]).all()
    assert (low[:3] < middle[:3]).all()
    assert (middle[:3] < high[:3]).all()
    each = {relation.authors: relation.volume(np.array([1e6]))[0] / 1e6 for relation in RELATIONS}
    assert each["Huggel et al. 2002"] == pytest.approx(0.104 * 10 ** (6 * 1.42) / 1e6)
    assert each["Fujita et al. 2013"] == pytest.approx(55)
    assert volume_range(np.array([1.0]))[0][0] == pytest.approx(min(each.values()))
    assert volume_range(np.array([1.5]))[2][0] < RELATIONS[1].volume(np.array([1.5e6]))[0] / 1e6, "beyond its lakes it is left out"
    assert peak_discharge(np.array([1.0]))[0] == pytest.approx(0.00077 * 1e6**1.017)


def test_columns_are_recognised_by_name_only() -> None:
    assert recognised(["Glacier_Distance_m", "dam width (m)", "Glacier Area", "people"]) == {
        "glacier_distance": "Glacier_Distance_m", "dam_width": "dam width (m)", "glacier_area": "Glacier Area",
    }  # fmt: skip
    assert recognised([]) == {}
    assert all(role.title and role.unit for role in ROLES.values())


def test_flags_are_the_same_whether_the_store_finds_them_or_the_list_does(given: Given) -> None:
    own = Given(given.lakes, given.table, given.read)
    for name in ("drained", "speeding_up"):
        np.testing.assert_array_equal(COMPONENTS[name].raw(own), COMPONENTS[name].raw(given))


def test_drained_lakes_count_and_short_series_are_unknown(given: Given) -> None:
    found = pd.DataFrame({"lake_key": [3, 3, 7], "kind": ["drainage", "drainage", "outlier"], "value": [0.4, 0.6, 9.0]})
    flagged = Given(given.lakes, given.table, given.read, find_flags=lambda: found)
    raw = COMPONENTS["drained"].raw(flagged)
    assert raw is not None
    assert raw[[3, 7]].tolist() == [0.6, 0.0]
    assert np.isnan(raw[INSUFFICIENT])
    assert COMPONENTS["drained"].scaled(raw)[[3, 7]].tolist() == [1.0, 0.0]


def test_by_image_dates_the_last_observation_is_that_of_the_last_image(given: Given) -> None:
    key = next(iter(GROWING))
    rows = given.rows
    mine = rows.index[(rows["lake_key"] == key) & (barred(rows, given.table.settings.season) == "")]
    swapped = rows.assign(date_image=rows["date"])
    swapped.loc[mine[-2:], "date_image"] = rows.loc[mine[-2:], "date"].to_numpy()[::-1]
    settings = replace(given.table.settings, dates="image")
    found = {}
    for name, table in (("nominal", given.table), ("image", replace(given.table, settings=settings))):
        raw = raw_components(Given(given.lakes, table, lambda: [swapped]))
        found[name] = raw["newest_area"][key], raw["last_change"][key], raw["unseen"][key]
    before, last = rows.loc[mine[-2:], "area_km2"]
    assert found["nominal"][:2] == pytest.approx((last, 100 * (last / before - 1)))
    assert found["image"][:2] == pytest.approx((before, 100 * (before / last - 1)))
    assert found["image"][2] < found["nominal"][2]
