"""`auto`: which method a lake gets, that its numbers are that method's own, and one family for all."""

from __future__ import annotations

import numpy as np
import pandas as pd

from data.records import TrendSettings
from data.trends import METHODS, methods_used, resolve
from tests.trend_cases import lake_frame, yearly

SETTINGS = TrendSettings(source="inventory")


def rows() -> pd.DataFrame:
    """Lakes 0 to 39 with ten years, 40 to 79 with three epochs, 80 and 81 likewise but lacking an error; 82 did not change."""
    random = np.random.default_rng(9)
    many = {key: np.exp(0.02 * np.arange(10) + random.normal(0, 0.05, 10)).tolist() for key in range(40)}
    few = {key: np.exp(0.3 * np.arange(3) * (key % 2) + random.normal(0, 0.05, 3)).tolist() for key in range(40, 82)}
    made = yearly({**many, **few, 82: [2.0, 2.0, 2.0]})
    made = made.assign(area_sd_km2=0.06 * made["area_km2"])
    made.loc[(made["lake_key"] == 80) & (made["date"].dt.year == 2001), "area_sd_km2"] = np.nan
    made.loc[made["lake_key"] == 81, "area_sd_km2"] = np.nan
    return made


def test_each_lake_has_the_method_that_its_observations_can_carry() -> None:
    lakes = lake_frame(*range(83))
    table = resolve(SETTINGS).table(rows(), lakes, SETTINGS)
    known, plain = (METHODS[name].table(rows(), lakes, SETTINGS).frame for name in ("known-error", "ols"))
    by_error = [*range(40, 80), 82]
    assert np.flatnonzero(table.frame["method"] == "known-error").tolist() == by_error
    for name in ("slope", "se", "log_p", "ci_high", "n", "sxx"):
        np.testing.assert_array_equal(table.frame[name][by_error], known[name][by_error], err_msg=name)
        others = [key for key in range(83) if key not in by_error]
        np.testing.assert_array_equal(table.frame[name][others], plain[name][others], err_msg=name)
    assert table.family == 83, "a lake that did not change is in the family, by known error"
    assert table.frame["p"][82] == 1.0
    assert methods_used(table) == ["Least squares", "Known error"]


def test_without_few_epochs_it_is_least_squares() -> None:
    made = rows()
    made = made[made["lake_key"] < 40]
    table = resolve(SETTINGS).table(made, lake_frame(*range(40)), SETTINGS)
    assert methods_used(table) == ["Least squares"]
    assert table.shared == {}


def test_a_lake_alone_is_fitted_as_among_all() -> None:
    table = resolve(SETTINGS).table(rows(), lake_frame(*range(83)), SETTINGS)
    for key in (3, 45, 80):
        alone = resolve(SETTINGS).table(rows().query("lake_key == @key"), lake_frame(key), SETTINGS, table.shared)
        for name in ("slope", "se", "log_p"):
            np.testing.assert_allclose(alone.frame[name][0], table.frame[name][key], rtol=1e-12, err_msg=name)
