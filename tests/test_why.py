"""The reasons behind one lake's verdict, against tables of all lakes and fits made one by one by statsmodels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from statsmodels.regression.linear_model import OLS

from data.records import TrendSettings, TrendTable
from data.store import Store
from data.trends import METHODS
from data.trends.series import series
from data.why import Estimate, Why, why
from data.why.by_method import NEEDS_ALL
from data.why.by_source import NO_AREAS
from data.why.by_threshold import stability
from tests import triage_cases as cases
from tests.datasets import INSUFFICIENT, small_dataset

LAKE = cases.SOFT


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(cases.cases_dataset(tmp_path_factory.mktemp("why") / "data"))


def reasons(store: Store, lake: int = LAKE, settings: TrendSettings | None = None) -> Why:
    settings = settings or store.settings()
    return why(store, lake, settings, store.trends(settings))


def same(row: Estimate, table: TrendTable, place: int, rtol: float = 1e-9) -> None:
    whole = table.frame.iloc[place]
    wanted = [float(whole[name]) for name in ("slope", "ci_low", "ci_high")]
    wanted = [100 * np.expm1(value) for value in wanted] if table.settings.response == "log" else wanted
    np.testing.assert_allclose([row.slope, row.low, row.high, row.log_p], [*wanted, whole["log_p"]], rtol=rtol, atol=1e-12)
    assert (row.n, row.status) == (whole["n"], whole["status"])


@pytest.mark.parametrize("response", ["log", "area"])
@pytest.mark.parametrize("name", list(METHODS))
def test_each_method_says_of_the_lake_alone_what_its_table_says(store: Store, name: str, response: str) -> None:
    settings = replace(store.settings(), response=response)
    table = store.trends(replace(settings, method=name))
    for lake in (0, LAKE, cases.ONE_DATE):
        row = next(row for row in reasons(store, lake, settings).methods if row.name == name)
        same(row, table, lake)


def test_a_method_that_learns_from_all_lakes_is_not_fitted_from_one(tmp_path_factory: pytest.TempPathFactory) -> None:
    fresh = Store(cases.cases_dataset(tmp_path_factory.mktemp("fresh") / "data"))
    settings = replace(fresh.settings(), method="ols")
    rows = {row.name: row for row in reasons(fresh, 0, settings).methods}
    borrowing = {name for name, method in METHODS.items() if method.given is not None}
    assert borrowing
    assert {name for name, row in rows.items() if row.note == NEEDS_ALL} == borrowing
    assert all(np.isnan(rows[name].slope) for name in borrowing)


def test_a_lake_without_observations_has_reasons_by_every_method(store: Store) -> None:
    for name in METHODS:
        settings = replace(store.settings(), method=name, source=cases.MAPPER)
        found = reasons(store, cases.NOISY, settings)
        assert np.isnan(found.own.slope)
        assert not found.left_out
        assert found.residuals is None


@pytest.mark.parametrize("lake", [0, cases.NOISY])
def test_leaving_each_date_out_is_fitting_the_rest(store: Store, lake: int) -> None:
    found = reasons(store, lake, replace(store.settings(), method="ols"))
    batch, _ = series(store.rows_of(store.settings()), store.lake_keys, store.settings())
    year, area = batch.year[lake], batch.area[lake]
    held = np.flatnonzero(~np.isnan(area))
    assert len(found.left_out) == len(held)
    for row, out in zip(found.left_out, held, strict=True):
        rest = np.setdiff1d(held, out)
        fit = OLS(np.log(area[rest]), np.column_stack([np.ones(len(rest)), year[rest] - year[rest].mean()])).fit()
        assert row.name.startswith(f"{int(year[out])}-10-15")
        assert row.n == len(rest)
        assert row.slope == pytest.approx(100 * np.expm1(fit.params[1]), rel=1e-9)
        if row.status == "r1 unknown":  # then the table's p is that of plain least squares
            assert row.log_p == pytest.approx(np.log(fit.pvalues[1]), rel=1e-9)


def test_where_a_lake_falls_to_a_method_that_has_learnt_nothing_no_date_is_left_out(tmp_path_factory: pytest.TempPathFactory) -> None:
    fresh = Store(cases.cases_dataset(tmp_path_factory.mktemp("unlearnt") / "data"))
    table = fresh.trends(fresh.settings())
    plain = replace(table, shared={}, frame=table.frame.assign(method=pd.Categorical(["ols"] * len(table.frame))))
    found = why(fresh, cases.ONE_DATE, table.settings, plain)
    assert found.method == "known-error"
    assert found.left_out == ()


def test_a_lake_of_three_dates_cannot_spare_one(store: Store) -> None:
    assert all(np.isnan(row.log_p) for row in reasons(store, cases.TWO_DATES).left_out)


def test_thresholds_agree_with_whole_tables_and_are_counted(store: Store) -> None:
    settings = store.settings()
    found = reasons(store)
    tables = [store.trends(store.at_threshold(settings, threshold)) for threshold in store.thresholds[cases.MODEL]]
    for row, table in zip(found.thresholds, tables, strict=True):
        same(row, table, LAKE)
    said = [np.sign(table.frame["slope"][LAKE]) * (table.frame["p"][LAKE] < 0.05) for table in tables]
    own = said[list(cases.THRESHOLDS).index(cases.OWN)]
    assert found.stability is not None
    assert (found.stability.same, found.stability.of) == (sum(each == own for each in said), 20)
    assert not found.stability.proof
    steady = reasons(store, 0).stability
    assert steady is not None
    assert steady.proof


def test_stability_counts_no_threshold_without_a_trend() -> None:
    row = Estimate("0.1", 1.0, 0.5, 1.5, -9.0, 5, "ok")
    none = replace(row, name="0.2", slope=np.nan, log_p=np.nan)
    assert stability((row, none), "0.1").of == 1
    assert not stability((row, none), "0.1").proof
    assert not stability((row, replace(row, name="0.3", slope=-1.0)), "0.1").proof


def test_each_source_says_what_its_own_table_says(store: Store) -> None:
    settings = store.settings()
    model, mapper = (row for name in (cases.MODEL, cases.MAPPER) for row in reasons(store, cases.ALONE).sources if row.name == name)
    same(model, store.trends(settings), cases.ALONE)
    same(mapper, store.trends(replace(settings, source=cases.MAPPER)), cases.ALONE)
    assert next(row for row in reasons(store, LAKE).sources if row.name == cases.MAPPER).note == NO_AREAS


def test_the_residuals_are_those_of_the_line_and_lag1_is_r1_of_the_table(store: Store) -> None:
    settings = replace(store.settings(), method="ols")
    for lake in (0, LAKE, cases.STEP):
        left = reasons(store, lake, settings).residuals
        assert left is not None
        assert left.lag1 == pytest.approx(float(store.trends(settings).frame["r1"][lake]), rel=1e-9)
        assert abs(left.value.sum()) < 1e-9
        assert np.abs(left.value @ (left.year - left.year.mean())) < 1e-9
    short = reasons(store, cases.NOISY, settings).residuals
    assert short is not None
    assert np.isnan(short.lag1)


def test_a_dataset_without_thresholds_other_sources_or_errors(tmp_path_factory: pytest.TempPathFactory) -> None:
    from data.cache import read_table, write_table

    folder = small_dataset(tmp_path_factory.mktemp("bare") / "data")
    rows = read_table(folder / "areas.parquet")
    empty = pd.Series([None] * len(rows), dtype="float64")
    write_table(
        folder / "areas.parquet", rows.set_column(rows.column_names.index("area_sd_km2"), "area_sd_km2", [empty.tolist()]).cast(rows.schema)
    )
    bare = Store(folder)
    found = reasons(bare, 0)
    assert found.thresholds == ()
    assert found.stability is None
    assert len(found.sources) == 1
    assert found.residuals is not None
    assert np.isnan(found.residuals.error).all()
    assert reasons(bare, INSUFFICIENT).residuals is None
    assert not reasons(bare, INSUFFICIENT).own.significant


def test_by_the_threshold_tried_the_lake_is_looked_at_there(store: Store) -> None:
    settings = store.at_threshold(store.settings(), 0.7)
    found = why(store, LAKE, settings, store.trends(store.settings()))
    same(found.own, store.trends(settings), LAKE)
    assert found.own.slope < 0 < reasons(store).own.slope
