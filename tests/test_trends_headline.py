"""The headline: honest about its family, its chance findings, and what was left out."""

from dataclasses import replace

import numpy as np
import pandas as pd

from data.records import Season, TrendSettings, TrendTable
from data.trends import METHODS, resolve
from data.trends.headline import headline
from tests.trend_cases import lake_frame, yearly

SETTINGS = TrendSettings(source="inventory")


def fitted(areas: dict[int, list[float]], step: int = 1, settings: TrendSettings = SETTINGS) -> TrendTable:
    return METHODS["ols"].table(yearly(areas, step=step), lake_frame(*areas), settings)


def trending(key: int, rate: float, years: int = 15) -> list[float]:
    """A trend with noise that alternates, so that no lake is held back for autocorrelation."""
    step = np.arange(years)
    return list(np.exp(rate * step + 0.05 * (1 + key / 50) * (-1.0) ** step))


def table_with(**changes: object) -> TrendTable:
    plain: dict[str, object] = {"settings": SETTINGS, "method": "x", "family": 0, "counts": {}, "observations": 0, "left_out": {}}
    return TrendTable(**{**plain, **changes})  # type: ignore[arg-type]


def test_three_epochs() -> None:
    table = fitted({0: [1.0, 1.2, 1.3], 1: [2.0, 1.9, 1.7], 2: [1.0] * 3, 3: [5.0] * 3}, step=10)
    assert headline(table) == "2 lakes tested (2 did not change); none is significant at q < 0.05: three epochs leave one degree of freedom"


def test_four_epochs_and_one_lake() -> None:
    table = fitted({0: [1.0, 1.2, 0.9, 1.1]})
    assert headline(table, alpha=0.01) == "1 lake tested; none is significant at q < 0.01: four epochs leave two degrees of freedom"


def test_growing_and_shrinking_are_counted() -> None:
    table = fitted({**{key: trending(key, 0.05) for key in range(3)}, 3: trending(3, -0.05), 4: trending(4, 0.0), 5: [1.0] * 15})
    assert headline(table) == "5 lakes tested (1 did not change) · 3 growing, 1 shrinking at q < 0.05"
    assert headline(table, effect=50.0) == "5 lakes tested (1 did not change); none is significant at q < 0.05 and at least 50 %/yr"


def test_uncorrected_evidence_says_what_chance_would_give() -> None:
    table = fitted({key: trending(key, 0.05) for key in range(40)})
    assert headline(table, use="p") == (
        "40 lakes tested · 40 growing, 0 shrinking at p < 0.05, not corrected for testing many: about 2 would pass by chance alone"
    )


def test_area_response_has_its_own_unit() -> None:
    table = fitted({key: trending(key, 0.05) for key in range(3)}, settings=TrendSettings(source="inventory", response="area"))
    assert headline(table, effect=0.01).endswith("3 growing, 0 shrinking at q < 0.05 and at least 0.01 km²/yr")


def test_what_was_left_out_is_said() -> None:
    rows = yearly({0: trending(0, 0.05), 1: [1.0, 1.1]})
    rows["date_image"] = pd.to_datetime(np.where(rows["date"].dt.year == 2003, "2003-01-01", None))
    rows.loc[rows["date"].dt.year.isin([2005, 2006]), "reason"] = "cloud"
    table = METHODS["ols"].table(rows, lake_frame(0, 1), TrendSettings(source="inventory", season=Season(9, 11)))
    assert headline(table) == (
        "1 lake tested · 1 growing, 0 shrinking at q < 0.05 · 1 lake with fewer than three dates"
        " · observations left out: 2 cloud, 1 outside the season of Sep–Nov"
    )
    assert headline(table, short=True).endswith("1 growing, 0 shrinking at q < 0.05 · 3 observations left out")


def test_nothing_to_test() -> None:
    assert headline(fitted({0: [1.0, 1.1], 1: [1.0]})) == "no lake could be tested · 2 lakes with fewer than three dates"
    assert headline(fitted({0: [1.0] * 5})) == "no lake could be tested (1 did not change)"


def test_a_family_that_keeps_unchanged_lakes_says_so() -> None:
    frame = pd.DataFrame(
        {
            "status": ["constant", "ok", "ok"],
            "log_p": [0.0, -0.1, -9.0],
            "log_q": [0.0, -0.1, -8.0],
            "slope_pct": [0, 1, 2],
            "n": 9,
            "method": "x",
        }
    )
    frame = frame.assign(n=9, method="x")
    assert headline(table_with(frame=frame, family=3)) == "3 lakes tested, 1 of which did not change · 1 growing, 0 shrinking at q < 0.05"


def test_lakes_held_against_their_mapping_errors_are_told() -> None:
    rows = yearly({0: [1.0, 1.2, 1.9], 1: [2.0, 1.9, 2.0], 2: [1.0] * 3}, step=10)
    rows["area_sd_km2"] = 0.05 * rows["area_km2"]
    said = headline(resolve(SETTINGS).table(rows, lake_frame(0, 1, 2), SETTINGS))
    assert said == (
        "3 lakes tested, 1 of which did not change · 1 growing, 0 shrinking at q < 0.05 · 3 lakes with fewer than five dates held against "
        "their mapping errors"
    )
    assert headline(resolve(SETTINGS).table(rows, lake_frame(0, 1, 2), SETTINGS), short=True).endswith(
        " · 3 with fewer than five dates held against their mapping errors"
    )
    rows.loc[rows["lake_key"] == 0, "area_km2"] = [1.0, 1.01, 1.02]
    said = headline(METHODS["known-error"].table(rows, lake_frame(0, 1, 2), replace(SETTINGS, method="known-error")))
    assert said.endswith("none is significant at q < 0.05"), "degrees of freedom have no part in it"
