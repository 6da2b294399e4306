"""Floods marked in volcano, map, series, table, focus line, filter and exports: one meaning, no more precise than the record."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from data.export import export_frame
from data.store import Store
from data.trends.classes import classes
from modules.choices import Display, Filters, State
from modules.columns import lake_columns
from modules.flood_marks import flood_notes, flood_shapes, rings_words
from modules.links.link import link, state_from
from modules.measures import FLOODED, LIT, shown_mask, state_bits
from modules.palette import colour
from modules.selection import Selection
from modules.table_page import default_columns, ordered, table_columns
from modules.views.area_series import focus_of, series_figure
from modules.views.focus_line import focus_line_server
from modules.views.lake_map import map_figure
from modules.views.show_filters import show_filters_server, show_filters_ui
from modules.views.volcano import volcano_figure
from tests.datasets import LAKES, small_dataset
from tests.flood_cases import with_floods
from tests.sessions import ViewSession

FLOODS = [(0, "2018-07-28"), (0, "2020"), (0, "before 1966"), (0, "NA"), (9, "2019-2022"), (12, "1955-66")]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(with_floods(small_dataset(tmp_path_factory.mktemp("marks") / "d"), FLOODS))


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("marks") / "plain"))


def drawn(traces: list[dict], bits: np.ndarray) -> list[set[int]]:
    """Rows of the traces that are called `flood`."""
    found = [trace for trace in traces if trace.get("name") == "flood"]
    return [set(np.flatnonzero(np.isin(bits & trace["meta"]["mask"], trace["meta"]["bits"])).tolist()) for trace in found]


def test_volcano_and_map_ring_the_lit_lakes_that_burst(store: Store) -> None:
    table, shown = store.trends(store.settings()), np.arange(LAKES) != 9
    bits = state_bits(classes(table), shown, None, store.floods.burst)
    assert set(np.flatnonzero(bits & FLOODED)) == {0, 9, 12}
    for display in (Display(), Display(colour="n")):
        figure = volcano_figure(table, display, bits, [])
        assert drawn(figure["data"], bits) == [{0, 12}], "lake 9 is hidden by a filter"
        assert "ring: flood (2)" in figure["layout"]["xaxis"]["title"]["text"]
    lon, lat = (store.lakes[name].to_numpy() for name in ("lon", "lat"))
    mapped = map_figure(table, lon, lat, {"url": "x", "tiles": []}, "none")
    assert drawn(mapped["data"], bits) == [{0, 12}]
    rings = [trace["marker"]["color"] for trace in (*figure["data"], *mapped["data"]) if trace.get("name") == "flood"]
    assert set(rings) == {colour("flood")}
    assert rings_words(state_bits(classes(table), shown, None)) == ""


def test_a_line_at_a_day_and_a_band_where_it_is_not_known(store: Store) -> None:
    shapes = flood_shapes(store.events(0), 2016.0)
    lines, bands = ([shape for shape in shapes if shape["type"] == kind] for kind in ("line", "rect"))
    assert [round(line["x0"], 3) for line in lines] == [2018.570, 2020.497]
    assert [line["line"]["dash"] for line in lines] == ["solid", "dash"]
    assert [(band["x0"], round(band["x1"], 2)) for band in bands] == [(2020.0, 2021.0)]
    notes = [note["text"] for note in flood_notes(store.events(0), 2016.0)]
    assert notes == ["flood 2018-07-28", "flood 2020", "floods off this axis: before 1966, date unknown"]
    span = flood_shapes(store.events(9), 2016.0)
    assert [shape["type"] for shape in span] == ["rect"], "it may have been at any time from 2019 to 2022"
    assert flood_shapes(store.events(12), 2016.0) == []
    assert [note["text"] for note in flood_notes(store.events(12), 2016.0)] == ["flood off this axis: 1955–1966"]


def test_the_series_shows_floods_beside_other_events(store: Store) -> None:
    table = store.trends(store.settings())
    figure = series_figure(focus_of(store, table, 9, classes(table)), table.settings, "s", brushed=False, log_area=False)
    texts = [note["text"] for note in figure["layout"]["annotations"]]
    assert texts == ["drainage", "flood 2019–2022"]
    assert {shape["type"] for shape in figure["layout"]["shapes"]} == {"line", "rect"}


def test_the_table_has_the_last_flood(store: Store, plain: Store) -> None:
    table = store.trends(store.settings())
    column = table_columns(store, table, classes(table))["flood"]
    assert default_columns(store)[-1] == "flood"
    assert [column.text(row) for row in (0, 9, 12, 1)] == ["2020 (4 floods)", "2019–2022", "1955–1966", "–"]
    assert ordered(column.sort(), np.arange(LAKES), descending=True)[:3].tolist() == [9, 0, 12]
    assert "flood" not in default_columns(plain)
    assert "flood" not in table_columns(plain, plain.trends(plain.settings()), classes(plain.trends(plain.settings())))


def test_the_focus_line_says_when_it_burst(store: Store) -> None:
    with ViewSession(store, focus_line_server, State(store.settings(), focus=0)) as view:
        assert "burst 2020 (4 floods)" in view.output("sentence")["html"]
        view.selection.set_focus(1)
        view.set()
        assert "burst" not in view.output("sentence")["html"]


def test_only_lakes_that_burst_can_be_shown(store: Store, plain: Store) -> None:
    table = store.trends(store.settings())
    assert np.flatnonzero(shown_mask(store, table, Filters(floods=True))).tolist() == [0, 9, 12]
    assert "Only lakes with a flood (3)" in str(show_filters_ui("show", store, Filters()))
    assert "recorded flood" not in str(show_filters_ui("show", plain, Filters()))
    state = State(store.settings(), filters=Filters(floods=True))
    assert state_from(link(state, store).query, store) == (state, [])
    with ViewSession(store, show_filters_server) as view:
        view.set(floods=True)
        assert view.read("filters") == Filters(floods=True)
        assert view.output("count") == "3 of 40 lakes shown (by recorded floods)"
        view.set(reset_floods=1)
        assert view.read("filters") == Filters()


def test_exports_and_columns_carry_floods_only_where_there_are_some(store: Store, plain: Store) -> None:
    frame = export_frame(store, store.trends(store.settings())).set_index("lake_key")
    assert frame["floods"].to_dict() == {key: {0: 4, 9: 1, 12: 1}.get(key, 0) for key in range(LAKES)}
    assert frame["last_flood"].dropna().to_dict() == {0: "2020 (4 floods)", 9: "2019–2022", 12: "1955–1966"}
    assert not {"floods", "last_flood"} & set(export_frame(plain, plain.trends(plain.settings())).columns)
    assert lake_columns(store)["flood"][9] == "2019–2022"
    assert "flood" not in lake_columns(plain)


def test_the_bits_of_a_session_hold_the_floods(store: Store) -> None:
    with ViewSession(store, focus_line_server) as view:
        bits = view.read("bits")
        assert isinstance(view.selection, Selection)
        assert np.flatnonzero(bits & FLOODED).tolist() == [0, 9, 12]
        assert (bits & LIT > 0).all()
        view.change("filters", replace(Filters(), floods=True))
        assert np.flatnonzero(view.read("bits") & LIT).tolist() == [0, 9, 12]
