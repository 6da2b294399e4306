"""Points of a session: fitted as if the dataset held them, marked wherever they are shown, and gone without a trace."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from shiny import reactive

from data.store import Store
from data.trends import resolve
from modules.choices import Display, State
from modules.session_points import SessionPoint, refitted, with_points
from modules.views.area_series import area_series_server, focus_of, series_figure, with_session
from modules.views.focus_line import focus_line_server
from tests.datasets import SOURCE, small_dataset
from tests.sessions import ViewSession

LAKE = 3
POINT = SessionPoint(LAKE, date(2024, 10, 15), 0.031, 0.002, 1.0, "ok", "unet at 0.5, edited by hand")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("points")))


def test_the_fit_is_that_of_a_dataset_which_holds_the_point(store: Store) -> None:
    table = store.trends(store.settings())
    row = store.row_of(LAKE)
    assert row is not None
    extended = pd.concat([store.area_rows, with_points(store.areas(LAKE).iloc[:0], [POINT], SOURCE)])
    whole = resolve(table.settings).table(extended, store.lakes, table.settings, table.shared)
    found = refitted(store, table, [POINT], Display())
    assert found is not None
    for name in ("slope", "se", "log_p", "log_q", "log_q_ols", "p", "q", "n", "ci_low", "last_year"):
        assert found.row[name] == pytest.approx(whole.frame[name].iloc[row], rel=1e-12), name
    assert found.row["n"] == table.frame["n"].iloc[row] + 1
    others = np.delete(whole.frame["log_p"].to_numpy(), row)
    np.testing.assert_array_equal(others, np.delete(table.frame["log_p"].to_numpy(), row))


def test_a_stored_observation_of_the_same_day_gives_way(store: Store) -> None:
    rows = store.areas(LAKE)
    rows = rows[rows["source"] == SOURCE]
    ok = rows[rows["reason"] == "ok"]
    point = replace(POINT, day=ok["date"].iloc[-1].date())
    both = with_points(rows, [point], SOURCE)
    assert len(both) == len(rows) + 1
    assert both.loc[both["reason"] == "replaced", "date"].tolist() == [ok["date"].iloc[-1]]
    assert both.loc[both["session"] != "", "area_km2"].tolist() == [0.031]
    used = both[both["reason"] == "ok"]
    share = (used["date"].dt.day_of_year - 1) / np.where(used["date"].dt.is_leap_year, 366, 365)
    year = used["date"].dt.year + share.where(~used["date_nominal"], 287 / 365)
    slope = stats.linregress(year, np.log(used["area_km2"])).slope
    found = refitted(store, store.trends(store.settings()), [point], Display())
    assert found is not None
    assert found.row["slope"] == pytest.approx(slope, rel=1e-6)


@pytest.mark.parametrize("reason", ["empty", "cloud", "partial"])
def test_what_cannot_be_used_is_not_fitted(store: Store, reason: str) -> None:
    table, row = store.trends(store.settings()), store.row_of(LAKE)
    found = refitted(store, table, [replace(POINT, reason=reason, area_km2=0.0 if reason == "empty" else 0.031)], Display())
    assert found is not None
    assert found.row["n"] == table.frame["n"].iloc[row]
    assert found.row["log_q"] == pytest.approx(table.frame["log_q"].iloc[row], rel=1e-12)


def test_a_lake_without_any_area_gets_its_point(store: Store) -> None:
    rows = with_points(store.areas(LAKE).iloc[:0], [POINT], SOURCE)
    assert rows["area_km2"].tolist() == [0.031]
    assert math.isnan(rows["threshold"].iloc[0])


def test_the_series_marks_it_and_the_focus_line_says_it(store: Store) -> None:
    store.triage(store.settings())  # else the line says it whenever it has been worked out
    with ViewSession(store, focus_line_server, State(store.settings(), focus=LAKE)) as view:
        view.selection.table.set(store.trends(store.settings()))
        view.set()
        before = view.output("sentence")["html"]
        assert "this session" not in before
        view.selection.session.add(POINT)
        view.set()
        after = view.output("sentence")["html"]
        assert "with 1 point of this session" in after
        table = store.trends(store.settings())
        focus = focus_of(store, table, LAKE, view.read("classes"))
        with reactive.isolate():
            shown = with_session(focus, table, view.selection.session)
        figure = series_figure(shown, table.settings, "x", brushed=False, log_area=False)
        texts = [text for trace in figure["data"] for text in trace.get("text", []) if "this session" in text]
        assert texts == ["2024-10-15<br>0.031 km² ± 0.002 (mapping error, 1 sd)<br>100 % of it seen<br>"
                         "this session: unet at 0.5, edited by hand; not in the dataset<br>no image of this date"]  # fmt: skip
        view.selection.session.add(replace(POINT, area_km2=8.0))
        with reactive.isolate():
            assert [point.area_km2 for point in view.selection.session.of(LAKE)] == [8.0]
        view.selection.session.take_back(LAKE)
        view.set()
        assert view.output("sentence")["html"] == before


def test_the_series_takes_a_point_as_it_comes(store: Store) -> None:
    with ViewSession(store, area_series_server, State(store.settings(), focus=LAKE)) as view:
        view.selection.session.add(POINT)
        view.set()
