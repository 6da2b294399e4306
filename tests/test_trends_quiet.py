"""Quiet lakes: split by what would have been seen and by what the interval excludes; loud ones stay as they are."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.errors import TrendError
from data.records import SeriesBatch, TrendSettings, TrendTable
from data.trends import METHODS
from data.trends.classes import NOT_SIGNIFICANT, classes
from data.trends.quiet import STABLE, UNDECIDED, UNOBSERVABLE, kinds
from data.trends.table import assembled
from tests.trend_cases import gapped


def table_of(batch: SeriesBatch, response: str = "log") -> TrendTable:
    ids = pd.Series([""] * len(batch.area))
    return assembled("ols", METHODS["ols"].fit(batch, response), batch, ids, TrendSettings(response=response), left_out={})


TABLE = table_of(gapped(5, 400, 16))


def test_a_flat_lake_is_stable_if_it_was_seen_sharply_and_unobservable_if_not() -> None:
    year = np.arange(2000.0, 2020)
    wobble = np.random.default_rng(1).normal(size=20)
    wobble -= np.polyval(np.polyfit(year, wobble, 1), year)  # no slope at all
    area = np.exp(np.outer([0.01, 0.5], wobble))
    table = table_of(SeriesBatch(np.arange(2, dtype=np.int32), year, np.broadcast_to(year, (2, 20)).copy(), area))
    assert kinds(table, classes(table)).tolist() == [STABLE, UNOBSERVABLE]
    assert kinds(table, classes(table), worth=1e-6).tolist() == [UNOBSERVABLE] * 2
    assert kinds(table, classes(table), worth=1e6).tolist() == [STABLE] * 2


@given(worth=st.floats(1e-3, 100), alpha=st.floats(1e-9, 1))
def test_the_split_is_what_it_says(worth: float, alpha: float) -> None:
    codes, frame = classes(TABLE, "p", alpha), TABLE.frame
    found = kinds(TABLE, codes, worth)
    quiet = codes == NOT_SIGNIFICANT
    np.testing.assert_array_equal(found[~quiet], codes[~quiet])
    assert set(found[quiet]) <= {STABLE, UNOBSERVABLE, UNDECIDED}
    hidden = ~(frame["detectable_pct"] <= worth).to_numpy()
    np.testing.assert_array_equal(found[quiet] == UNOBSERVABLE, hidden[quiet])
    ends = 100 * np.expm1(frame[["ci_low", "ci_high"]].to_numpy())
    within = (np.abs(ends) < worth).all(axis=1)
    np.testing.assert_array_equal(found[quiet] == STABLE, (within & ~hidden)[quiet])


def test_a_lake_too_autocorrelated_to_test_is_unobservable() -> None:
    year = np.arange(2000.0, 2010)
    area = np.exp(np.cumsum(np.cumsum(np.linspace(-1, 1, 10))))[None]
    table = table_of(SeriesBatch(np.zeros(1, np.int32), year, year[None].copy(), area))
    assert table.frame["status"].tolist() == ["autocorrelated"]
    assert kinds(table, classes(table)).tolist() == [UNOBSERVABLE]


def test_both_responses_measure_in_percent_of_the_lake() -> None:
    year = np.arange(2000.0, 2020)
    noise = np.random.default_rng(7).normal(0, 0.01, (50, 20))
    sizes = np.geomspace(0.01, 100, 50)[:, None]
    batch = SeriesBatch(np.arange(50, dtype=np.int32), year, np.broadcast_to(year, (50, 20)).copy(), sizes * np.exp(noise))
    log, area = (kinds(table, classes(table), 0.12) for table in (table_of(batch), table_of(batch, "area")))
    assert (log == area).mean() > 0.95
    assert {STABLE, UNOBSERVABLE} <= set(area.tolist())


@pytest.mark.parametrize("worth", [0.0, -1.0, float("nan")])
def test_no_change_is_not_worth_seeing(worth: float) -> None:
    with pytest.raises(TrendError, match="above 0"):
        kinds(TABLE, classes(TABLE), worth)
