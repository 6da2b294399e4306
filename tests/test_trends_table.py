"""The trend table: one row for every lake, in order, the family stated, the same on every run."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control

from data.records import TrendSettings
from data.trends import COLUMNS, METHODS
from data.trends.table import trend_table
from tests.trend_cases import lake_frame, yearly

SETTINGS = TrendSettings(source="inventory")
PROMISED = [
    "lake_key", "lake_id", "slope", "slope_pct", "se", "t", "df", "p", "q", "p_ols", "q_ols", "ci_low", "ci_high", "r2", "n",
    "first_year", "last_year", "method", "status",
]  # fmt: skip


def rows_and_lakes() -> tuple[pd.DataFrame, pd.DataFrame]:
    random = np.random.default_rng(5)
    growing = {key: list(np.exp(0.03 * np.arange(12) + random.normal(0, 0.05, 12))) for key in (0, 3, 4, 8)}
    rows = yearly({**growing, 5: [2.0] * 12, 6: [1.0, 1.1]})
    return rows.assign(area_sd_km2=0.05 * rows["area_km2"]), lake_frame(8, 0, 3, 4, 5, 6, 9)


@pytest.mark.parametrize("name", METHODS)
def test_columns_keep_their_order(name: str) -> None:
    table = METHODS[name].table(*rows_and_lakes(), SETTINGS)
    assert list(table.frame.columns[: len(PROMISED)]) == PROMISED
    assert list(table.frame.columns[: len(COLUMNS)]) == list(COLUMNS)


@pytest.mark.parametrize("name", METHODS)
def test_one_row_for_every_lake_in_key_order(name: str) -> None:
    rows, lakes = rows_and_lakes()
    frame = METHODS[name].table(rows, lakes, SETTINGS).frame
    assert frame["lake_key"].tolist() == [0, 3, 4, 5, 6, 8, 9]
    assert frame["lake_id"].tolist() == ["SIM0", "SIM3", "SIM4", "SIM5", "SIM6", "SIM8", "SIM9"]
    assert frame["n"].tolist() == [12, 12, 12, 12, 2, 12, 0]
    assert (frame["method"] == name).all()


def test_family_counts_and_left_out() -> None:
    rows, lakes = rows_and_lakes()
    rows.loc[rows.index[:1], "reason"] = "cloud"
    table = METHODS["ols"].table(rows, lakes, SETTINGS)
    assert table.family == 4
    assert table.counts == {"ok": 4, "constant": 1, "insufficient": 2}
    assert table.observations == len(rows) - 1
    assert table.left_out == {"cloud": 1}
    assert table.method == "ols"


def test_p_q_and_percent_follow_from_what_was_fitted() -> None:
    frame = METHODS["ols"].table(*rows_and_lakes(), SETTINGS).frame
    tested = frame["p"].notna().to_numpy()
    np.testing.assert_allclose(frame["p"], np.exp(frame["log_p"]))
    for p, q in (("p", "q"), ("p_ols", "q_ols")):
        np.testing.assert_allclose(frame[q][tested], false_discovery_control(frame[p][tested]), rtol=1e-12)
        assert frame[q][~tested].isna().all()
    np.testing.assert_allclose(frame["slope_pct"], 100 * (np.exp(frame["slope"]) - 1), rtol=1e-12, atol=1e-12)
    assert frame["slope_pct"][0] == pytest.approx(3, abs=1)


def test_area_response_has_no_percent() -> None:
    frame = METHODS["ols"].table(*rows_and_lakes(), TrendSettings(source="inventory", response="area")).frame
    assert frame["slope_pct"].isna().all()
    assert frame["slope"][0] > 0


def test_order_of_the_input_does_not_matter() -> None:
    rows, lakes = rows_and_lakes()
    one = METHODS["ols"].table(rows, lakes, SETTINGS)
    other = METHODS["ols"].table(rows.sample(frac=1, random_state=3), lakes.sample(frac=1, random_state=4), SETTINGS)
    pd.testing.assert_frame_equal(one.frame, other.frame, check_exact=True)


def test_a_method_may_add_columns_at_the_end_only() -> None:
    def fit(batch: object, response: str) -> object:
        plain = METHODS["ols"].fit(batch, response)  # type: ignore[arg-type]
        return type(plain)({"weight": plain.columns["n"], **plain.columns}, plain.status)

    frame = trend_table("weighted", fit, *rows_and_lakes(), SETTINGS).frame  # type: ignore[arg-type]
    assert list(frame.columns) == [*COLUMNS, "weight"]


def test_a_p_below_the_smallest_float_is_never_0() -> None:
    years = np.arange(2000.0, 2040.0)
    rows = pd.DataFrame(
        {
            "lake_key": np.int32(0), "date": pd.to_datetime([f"{int(year)}-10-15" for year in years]), "source": "a", "threshold": np.nan,
            "area_km2": np.exp(0.5 * (years - 2000) + 1e-12 * np.cos(years)), "area_sd_km2": np.nan, "valid_share": 1.0, "reason": "ok",
            "date_nominal": True, "date_image": pd.NaT,
        }
    )  # fmt: skip
    lakes = pd.DataFrame({"lake_key": np.array([0], dtype=np.int32), "lake_id": ["A"]})
    frame = METHODS["ols"].table(rows, lakes, TrendSettings(method="ols", source="a")).frame
    assert frame["log_p_ols"].iloc[0] < -760, "exp of it is 0"
    assert (frame[["p", "q", "p_ols", "q_ols"]] > 0).all(axis=None)
