"""The lake table: what it lists, in which order, and how it is linked to focus and brush."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from data.store import Store
from modules.choices import Filters, Picked
from modules.measures import rank
from modules.views.lake_table import lake_table_server, summary
from tests.datasets import LAKES, MARKUP, small_dataset
from tests.sessions import ViewSession

UNTOUCHED: dict[str, Any] = {"words": "", "only_brushed": False, "size": "25", "further": ()}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("data") / "small"))


@pytest.fixture
def view(store: Store) -> Iterator[ViewSession]:
    with ViewSession(store, lake_table_server) as held:
        held.set(**UNTOUCHED)
        yield held


def listed(view: ViewSession) -> list[int]:
    """The lake keys on the page, in order."""
    return [row["key"] for row in view.output("page")["rows"]]


def by_evidence(store: Store) -> list[int]:
    return np.argsort(rank(store.trends(store.settings()))).tolist()


def test_it_opens_with_the_first_page_by_evidence(view: ViewSession, store: Store) -> None:
    assert listed(view) == by_evidence(store)[:25]
    assert view.output("said") == f"1 to 25 of {LAKES} lakes"


def test_pages_turn_and_stop_at_both_ends(view: ViewSession, store: Store) -> None:
    view.set(on=1)
    assert listed(view) == by_evidence(store)[25:]
    view.set(on=2)
    assert view.output("said") == f"26 to {LAKES} of {LAKES} lakes"
    view.set(back=1)
    view.set(back=2)
    assert listed(view) == by_evidence(store)[:25]


def test_a_header_sorts_and_pressed_again_turns_round(view: ViewSession, store: Store) -> None:
    areas = store.newest_areas("inventory")
    view.set(size="50", sorted="area_km2")
    assert listed(view) == np.argsort(areas).tolist()
    assert (view.output("page")["sort"], view.output("page")["descending"]) == ("area_km2", False)
    view.set(sorted="area_km2")
    assert listed(view) == np.argsort(-areas).tolist()


@pytest.mark.parametrize("name", ["nonsense", "lake.geometry", 7, None])
def test_a_column_that_is_not_there_sorts_nothing(view: ViewSession, store: Store, name: object) -> None:
    view.set(sorted=name)
    assert listed(view) == by_evidence(store)[:25]


def test_a_filtered_lake_is_not_listed_but_a_brushed_one_is_counted(view: ViewSession) -> None:
    view.change("brush", Picked((0, 1, 2)))
    view.change("filters", Filters(basins=("Arun",)))
    assert all(key % 3 == 0 for key in listed(view))
    assert view.output("said").endswith("2 brushed lakes are hidden by filters")
    view.change("filters", Filters())
    assert view.read("brush") == Picked((0, 1, 2))


def test_only_brushed_and_text_narrow_the_list(view: ViewSession) -> None:
    view.change("brush", Picked((0, 1, 2)))
    view.set(only_brushed=True)
    assert sorted(listed(view)) == [0, 1, 2]
    view.set(only_brushed=False, words="imja TSHO")
    assert listed(view) == [0]


def test_a_press_focuses_and_a_tick_brushes(view: ViewSession) -> None:
    view.set(picked=3)
    assert view.read("focus") == 3
    view.set(ticked={"key": 3, "on": True})
    view.set(ticked={"key": 5, "on": True})
    assert view.read("brush") == Picked((3, 5))
    view.set(ticked={"key": 3, "on": False})
    assert view.read("brush") == Picked((5,))
    view.set(ticked={"key": 5, "on": False})
    assert view.read("brush") is None


@pytest.mark.parametrize("sent", [{"key": 999, "on": True}, {"key": "0"}, "x", None, {"on": True}])
def test_a_tick_for_no_lake_is_ignored(view: ViewSession, sent: object) -> None:
    view.set(ticked=sent, picked="7")
    assert view.read("brush") is None
    assert view.read("focus") is None


def test_a_focus_from_elsewhere_turns_to_its_page(view: ViewSession, store: Store) -> None:
    last = by_evidence(store)[-1]
    view.change("focus", last)
    assert last in listed(view)
    view.set(first=1)
    assert last not in listed(view)
    view.set(to_focus=1)
    assert last in listed(view)


def test_brush_all_takes_every_page(view: ViewSession) -> None:
    view.set(words="arun", size="25")
    view.set(brush_all=1)
    assert view.read("brush") == Picked(tuple(range(0, LAKES, 3)))


def test_further_columns_are_added_as_plain_text(view: ViewSession) -> None:
    view.set(further=("lake.note", "r2", "nonsense"), size="50")
    page = view.output("page")
    assert [head["name"] for head in page["columns"]][-2:] == ["lake.note", "r2"]
    cells = {row["key"]: row["cells"] for row in page["rows"]}
    assert cells[2][-2] == "=1+1"
    assert cells[1][0] == MARKUP


def test_the_summary_says_what_to_do_when_empty() -> None:
    assert summary(0, 0, 0, 1) == "No lake to list: loosen the filters, or the text above · 1 brushed lake is hidden by filters"
