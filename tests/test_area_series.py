"""The series' figure: every observation of the focus lake, used or not, with what is known of it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from data.records import Season
from data.store import Store
from data.trends.classes import classes
from modules.views.area_series import Focus, focus_of, held_focus, series_figure
from tests.datasets import CONSTANT, INSUFFICIENT, small_dataset

URL = "columns/small/x/series/t/BLOCK"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("series")))


def _focus(store: Store, lake_key: int, season: Season | None = None) -> Focus:
    table = store.trends(replace(store.settings(), season=season))
    focus = focus_of(store, table, lake_key, classes(table))
    assert focus is not None
    return focus


def _points(figure: dict) -> list[dict]:
    return [trace for trace in figure["data"] if "scenes" in trace.get("meta", {})]


def test_used_points_carry_area_and_mapping_error(store: Store) -> None:
    focus = _focus(store, 3)
    (points,) = _points(series_figure(focus, store.settings(), URL, brushed=False, log_area=False))
    areas = store.areas(3)
    assert points["y"] == pytest.approx(areas["area_km2"].tolist(), rel=1e-5)
    assert points["error_y"]["array"] == pytest.approx(areas["area_sd_km2"].tolist(), rel=1e-5)
    assert [int(x) for x in points["x"]] == areas["date"].dt.year.tolist()
    assert "date nominal" in points["text"][0]
    assert "image of 2015-02-01" in points["text"][0]


def test_what_is_not_used_is_drawn_apart_with_the_reason(store: Store) -> None:
    settings = replace(store.settings(), season=Season(9, 11))
    _, unused = _points(series_figure(_focus(store, 20, settings.season), settings, URL, brushed=False, log_area=False))
    reasons = " ".join(unused["text"])
    assert "not used: cloud" in reasons
    assert "not used: outside the season" in reasons


def test_the_line_is_the_fit_in_the_colour_of_its_class(store: Store) -> None:
    focus = _focus(store, 2)
    figure = series_figure(focus, store.settings(), URL, brushed=False, log_area=False)
    line = next(trace for trace in figure["data"] if trace.get("name") == "fit")
    year = focus.trend["mean_year"]
    at = np.interp(year, line["x"], np.log(line["y"]))
    assert at == pytest.approx(focus.trend["mean_response"], abs=1e-4)
    assert line["line"]["color"] == "var(--m-growing)"
    low, high = (trace["y"] for trace in figure["data"] if "confidence" in trace.get("name", ""))
    assert all(a < b < c for a, b, c in zip(low, line["y"], high, strict=True))
    # The colour carries the opacity: plotly draws this fill with the trace before, whose own opacity is another.
    (fill,) = (trace["fillcolor"] for trace in figure["data"] if trace.get("fill"))
    assert fill == "var(--m-growing)@0.15"
    assert figure["layout"]["yaxis"]["range"][1] > max(line["y"])


def test_no_line_without_a_fit_and_no_band_without_a_test(store: Store) -> None:
    names = [
        trace.get("name")
        for trace in series_figure(_focus(store, INSUFFICIENT), store.settings(), URL, brushed=False, log_area=False)["data"]
    ]
    assert "fit" not in names
    constant = series_figure(_focus(store, CONSTANT), store.settings(), URL, brushed=False, log_area=False)
    assert all("confidence" not in trace.get("name", "") for trace in constant["data"])


def test_events_are_marked(store: Store) -> None:
    layout = series_figure(_focus(store, 9), store.settings(), URL, brushed=False, log_area=False)["layout"]
    assert [note["text"] for note in layout["annotations"]] == ["drainage"]
    assert layout["shapes"][0]["x0"] == pytest.approx(2019.0, abs=0.01)


def test_nothing_in_focus_says_what_to_do(store: Store) -> None:
    layout = series_figure(None, store.settings(), URL, brushed=False, log_area=False)["layout"]
    assert "click" in layout["annotations"][0]["text"]
    assert not layout["xaxis"]["visible"]
    assert series_figure(None, store.settings(), URL, brushed=True, log_area=False)["layout"]["annotations"] == []


def test_a_linear_axis_is_scaled_to_the_focus_lake(store: Store) -> None:
    focus = _focus(store, 4)
    low, high = series_figure(focus, store.settings(), URL, brushed=True, log_area=False)["layout"]["yaxis"]["range"]
    assert low == 0
    assert high > focus.areas["area_km2"].max()
    assert series_figure(focus, store.settings(), URL, brushed=True, log_area=True)["layout"]["yaxis"]["type"] == "log"


def test_a_click_costs_little(store: Store) -> None:
    assert len(json.dumps(series_figure(_focus(store, 2), store.settings(), URL, brushed=False, log_area=False))) < 9_000


def test_what_is_kept_of_a_lake_is_what_would_be_worked_out(store: Store) -> None:
    table, flags = store.trends(store.settings()), store.flags(store.settings())
    codes = classes(table)
    for lake_key in store.lake_keys[:5].tolist():
        fresh = focus_of(store, table, lake_key, codes, flags=flags)
        held = [held_focus(store, table, lake_key, codes, flags) for _ in range(2)]
        assert held[0] is held[1]
        drawn = [series_figure(each, table.settings, "", brushed=False, log_area=False) for each in (fresh, held[0])]
        assert drawn[0] == drawn[1]
    other = held_focus(store, replace(table), 0, 3 - codes, None)
    assert other is not None, "another table, class or flags is another thing to draw"
    assert other.code == 3 - codes[0]
