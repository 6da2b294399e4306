"""The group *Show*: controls and filters follow each other, cascades drop what is no longer possible."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from data.store import Store
from data.trends.classes import classes
from modules.choices import Display, Filters, Region, State
from modules.facets import lake_offers, offers, opening_counts
from modules.measures import PICKERS, brushed_mask, measure, rank
from modules.views.show_filters import range_bounds, show_filters_server, show_filters_ui, shown_words
from tests.datasets import BASINS, LAKES, MARKUP, TWINS, small_dataset
from tests.sessions import ViewSession


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("data") / "small"))


UNTOUCHED: dict[str, Any] = {
    "basins": (), "sub_basins": (), "dam_types": (), "area": None, "elevation": None, "observations": None, "ids": "",
}  # fmt: skip


@pytest.fixture
def view(store: Store) -> Iterator[ViewSession]:
    with ViewSession(store, show_filters_server) as held:
        held.set(**UNTOUCHED)
        yield held


def test_untouched_controls_filter_nothing(view: ViewSession) -> None:
    assert view.read("filters") == Filters()
    assert view.output("count") == f"{LAKES} of {LAKES} lakes shown"


def test_a_basin_narrows_its_sub_basins_and_drops_the_others(view: ViewSession, store: Store) -> None:
    view.set(sub_basins=("Barun", "Imja"))
    view.set(basins=("Arun",))
    assert view.read("filters").basins == ("Arun",)
    assert view.read("filters").sub_basins == ("Barun",)
    assert set(opening_counts(store, "sub_basins", Filters(basins=("Arun",)))) == set(BASINS["Arun"])


def test_a_range_filters_and_its_reset_lifts_it(view: ViewSession, store: Store) -> None:
    view.set(area=[0.1, 0.5])
    expected = ((store.newest_areas("inventory") >= 0.1) & (store.newest_areas("inventory") <= 0.5)).sum()
    assert view.output("count") == f"{expected} of {LAKES} lakes shown (by area)"
    view.set(reset_area=1)
    assert view.read("filters").area is None


@pytest.mark.parametrize("sent", [[1], ["a", "b"], [2, 1], {"x": 1}, [float("nan"), 1.0], 7])
def test_a_range_that_is_none_filters_nothing(view: ViewSession, sent: object) -> None:
    view.set(area=sent)
    assert view.read("filters").area is None


def test_bounds_hold_every_lake(store: Store) -> None:
    bounds = range_bounds(store)
    areas = store.area_rows["area_km2"]
    assert bounds["area"][0] <= areas.min() <= areas.max() <= bounds["area"][1]
    assert bounds["observations"] == (2, 8)


def test_pasted_ids_show_all_lakes_that_share_one(view: ViewSession, store: Store) -> None:
    shared = store.lakes["lake_id"][TWINS[0]]
    view.set(ids=f"{shared}; nowhere, {shared}")
    assert view.read("filters").lake_keys == TWINS
    report = view.output("ids_found")
    assert "1 of 2 found" in report
    assert "nowhere" in report
    assert "shared by several lakes" in report


def test_an_extra_column_filters_by_text(view: ViewSession, store: Store) -> None:
    view.set(**{"columns-add": "country"})
    view.set(**{"columns-value_0": ("China",)})
    assert view.read("filters").extras == (("country", ("China",)),)
    assert view.output("count").startswith(f"{(store.lakes['country'] == 'China').sum()} of")


def test_a_removed_column_filters_no_longer_and_comes_back_empty(view: ViewSession) -> None:
    view.set(**{"columns-add": "glacier_distance_m"})
    view.set(**{"columns-value_0": [0, 500]})
    assert view.read("filters").extras == (("glacier_distance_m", (0.0, 500.0)),)
    view.set(**{"columns-remove_0": 1})
    assert view.read("filters").extras == ()
    view.set(**{"columns-add": ""})
    view.set(**{"columns-add": "glacier_distance_m"})
    assert view.read("filters").extras == ()


def test_show_every_lake_takes_an_empty_column_row_away_too(view: ViewSession) -> None:
    view.set(**{"columns-add": "glacier_distance_m"})
    assert "glacier_distance_m" in view.output("columns-rows")["html"]
    view.set(reset_all=1)
    assert "glacier_distance_m" not in (view.output("columns-rows") or {"html": ""})["html"]


def test_what_a_link_asks_for_stays_until_a_person_changes_it(store: Store) -> None:
    asked = Filters(
        basins=("Arun",), sub_basins=("Imja",), area=(0.1234567, 0.5), extras=(("country", ("Nepal",)),), lake_keys=TWINS
    )  # fmt: skip
    shared = store.lakes["lake_id"][TWINS[0]]
    with ViewSession(store, show_filters_server, State(store.settings(), filters=asked)) as view:
        view.set(**{**UNTOUCHED, "basins": ("Arun",), "sub_basins": ("Imja",), "area": [0.1234567, 0.5], "ids": shared})
        assert view.read("filters") == asked
        view.set(reset_all=1)
        assert view.read("filters") == Filters()


def test_the_page_opens_with_the_values_of_the_link(store: Store) -> None:
    html = str(show_filters_ui("show", store, Filters(basins=("Arun",), area=(0.1, 0.5))))
    assert '<option value="Arun" selected="">' in html
    assert "[0.1, 0.5]" in html
    assert "Elevation" in html
    assert "empty_column" not in html
    assert MARKUP not in html


def test_controls_of_empty_columns_are_not_shown(store: Store) -> None:
    bare = Store(store.path)
    bare.lakes = store.lakes.assign(elevation_m=float("nan"), dam_type=None)
    html = str(show_filters_ui("show", bare, Filters()))
    assert "Elevation" not in html
    assert "Lake type" not in html
    assert "Basin" in html


def test_the_count_names_what_filters() -> None:
    assert shown_words(1, 2, Filters(basins=("A",), lake_keys=(1,))) == "1 of 2 lakes shown (by basin, a list of ids)"


def test_a_filter_set_elsewhere_is_not_overwritten_by_the_controls(view: ViewSession) -> None:
    view.change("filters", Filters(basins=("Dudh",), extras=(("country", ("China",)),)))
    assert view.read("filters") == Filters(basins=("Dudh",), extras=(("country", ("China",)),))


def test_a_trend_shows_its_class_as_it_is_judged_on_screen(view: ViewSession, store: Store) -> None:
    view.set(trends=("growing", "shrinking", "nonsense"))
    assert view.read("filters").trends == ("growing", "shrinking")
    assert view.read("shown").tolist() == (view.read("classes") >= 2).tolist()
    assert view.output("count").endswith("(by trend)")
    before = view.read("shown").sum()
    view.change("display", Display(alpha=1e-4))
    assert 0 < view.read("shown").sum() < before
    view.set(reset_trends=1)
    assert view.read("filters") == Filters()


def test_a_slope_range_filters_in_its_own_unit_and_is_lifted_with_another_response(view: ViewSession, store: Store) -> None:
    slope = measure(store.trends(store.settings()), "slope")
    assert "%/yr" in view.output("slope_range")["html"]
    view.set(slope=[2.0, 90.0])
    assert view.read("shown").tolist() == (slope >= 2).tolist()
    view.set(reset_slope=1)
    assert view.read("filters").slope is None


def test_pickers_narrow_each_other_with_counts_but_never_themselves(store: Store) -> None:
    table = store.trends(store.settings())
    codes = classes(table)
    lakes = store.lakes
    growing = codes == 2
    found = offers(store, table, Filters(trends=("growing",)), codes)
    for field, column in PICKERS.items():
        counts = lakes[column][growing].value_counts()
        assert found[field] == {name: f"{name} ({counts[name]})" for name in sorted(counts.index)}
    assert found["trends"] == offers(store, table, Filters(), codes)["trends"]
    chosen = offers(store, table, Filters(basins=("Arun",), dam_types=("I(s)",)), codes)
    assert set(chosen["basins"]) == set(BASINS)
    assert set(chosen["sub_basins"]) == set(lakes["sub_basin"][(lakes["basin"] == "Arun") & (lakes["dam_type"] == "I(s)")])
    both = (lakes["basin"] == "Arun") & (lakes["dam_type"] == "I(s)")
    assert chosen["trends"].get("growing", "growing (0)") == f"growing ({(both & growing).sum()})"
    assert "Imja" in offers(store, table, Filters(basins=("Arun",), sub_basins=("Imja",)), codes)["sub_basins"]


def test_a_lake_is_picked_from_those_that_the_other_filters_leave(view: ViewSession, store: Store) -> None:
    table = store.trends(store.settings())
    arun = lake_offers(store, table, Filters(basins=("Arun",), lake_keys=(0,)), classes(table))
    assert set(arun) == {f"#{key}" for key in store.lake_keys[store.lakes["basin"] == "Arun"] if key != 0}
    assert lake_offers(store, table, Filters(), classes(table))["#0"] == f"Imja Tsho · {store.ids[0]}"
    order = [f"#{key}" for key in store.lake_keys[np.argsort(rank(table))]]
    assert set(lake_offers(store, table, Filters(), classes(table), most=5)) == set(order[:5])
    assert lake_offers(store, table, Filters(), classes(table), words="TSHO imja") == {"#0": f"Imja Tsho · {store.ids[0]}"}
    assert lake_offers(store, table, Filters(lake_keys=(0,)), classes(table), words="imja tsho") == {}
    view.set(lake=("#3",))
    assert view.read("filters").lake_keys == (3,)
    view.set(lake=("#7", "#99", "x", "#"))
    assert view.read("filters").lake_keys == (3, 7)
    view.set(reset_all=1)
    assert view.read("filters") == Filters()


def test_nothing_shown_says_what_to_do() -> None:
    assert "Show every lake" in shown_words(0, 40, Filters(basins=("A",)))


def test_a_region_keeps_the_cut_off_it_was_drawn_under(store: Store) -> None:
    table = store.trends(store.settings())
    strict = Filters(trends=("growing",), cut=("q", 1e-4, 0.0, 2.0))
    box = ((-50.0, 0.0), (50.0, 0.0), (50.0, 50.0), (-50.0, 50.0))
    region = Region(("slope", "q"), box, store.settings(), strict)
    assert brushed_mask(store, region).tolist() == (classes(table, alpha=1e-4) == 2).tolist()
    with ViewSession(
        store, show_filters_server, State(store.settings(), filters=Filters(trends=("growing",)), display=Display(alpha=1e-4))
    ) as view:
        view.set(**UNTOUCHED, trends=("growing",))
        view.selection.brush_region(("slope", "q"), box)
        view.set()
        assert view.read("brush").filters.cut == ("q", 1e-4, 0.0, 2.0)
        brushed = view.read("brushed").tolist()
        assert 0 < sum(brushed) < (classes(table) == 2).sum()
        view.change("display", Display(alpha=0.2))
        assert view.read("brushed").tolist() == brushed
