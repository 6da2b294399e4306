"""Triage on the page: it filters, round-trips in a link, and nothing waits for it."""

from __future__ import annotations

import numpy as np
import pytest

from data.store import Store
from data.triage import KINDS
from modules.choices import Filters, Region, State
from modules.facets import offers
from modules.links.link import link, state_from
from modules.measures import brushed_mask, shown_mask
from modules.table_page import table_columns
from modules.views.focus_line import focus_line_server
from tests import triage_cases as cases
from tests.sessions import ViewSession
from tests.waiting import until


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(cases.cases_dataset(tmp_path_factory.mktemp("triage") / "data"))


@pytest.fixture
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(cases.cases_dataset(tmp_path_factory.mktemp("fresh") / "data"))


def test_a_filter_by_triage_shows_its_kinds_and_goes_with_a_brush(store: Store) -> None:
    settings = store.settings()
    table, kinds = store.trends(settings), store.triage(settings)["kind"]
    filters = Filters(triage=("model artefact", "drained"))
    shown = shown_mask(store, table, filters)
    assert shown.tolist() == kinds.isin(["model artefact", "drained"]).tolist()
    assert 3 < shown.sum() < 12
    around = ((-1e3, -1e3), (1e3, -1e3), (1e3, 1e3), (-1e3, 1e3))
    assert brushed_mask(store, Region(("lon", "lat"), around, settings, filters)).tolist() == shown.tolist()


def test_until_triage_is_there_its_filter_hides_nothing(fresh: Store) -> None:
    table = fresh.trends(fresh.settings())
    assert shown_mask(fresh, table, Filters(triage=("drained",))).all()
    assert fresh.triage.held(table.settings) is None, "asking what is shown never works it out"
    cell = table_columns(fresh, table, np.zeros(len(table.frame), dtype=np.int8))["triage"]
    assert cell.text(0) == "…"


def test_the_picker_offers_what_the_other_filters_leave(store: Store) -> None:
    settings = store.settings()
    table, kinds = store.trends(settings), store.triage(settings)["kind"]
    offered = offers(store, table, Filters(), np.zeros(len(kinds), dtype=np.int8))["triage"]
    assert list(offered) == [name for name in KINDS if (kinds == name).any()]
    assert offered["grew"] == f"grew ({(kinds == 'grew').sum()})"


def test_a_link_restores_the_filter_and_names_a_kind_that_is_none(store: Store) -> None:
    state = State(store.settings(), filters=Filters(triage=("model artefact", "grew")))
    query = link(state, store).query
    assert state_from(query, store) == (state, [])
    restored, notices = state_from(query.replace("model+artefact", "nonsense"), store)
    assert restored.filters == Filters()
    assert "no triage 'nonsense'" in notices[0]


def test_the_table_sorts_by_kind_in_the_order_of_the_kinds(store: Store) -> None:
    settings = store.settings()
    table, kinds = store.trends(settings), store.triage(settings)["kind"]
    column = table_columns(store, table, np.zeros(len(kinds), dtype=np.int8))["triage"]
    assert [column.text(row) for row in range(len(kinds))] == kinds.astype(str).tolist()
    assert [list(KINDS)[int(code)] for code in column.sort()] == kinds.astype(str).tolist()


def test_the_focus_line_says_the_kind_once_it_is_known(fresh: Store) -> None:
    with ViewSession(fresh, focus_line_server, State(fresh.settings(), focus=cases.DRAINED)) as view:
        view.set()
        until(lambda: view.set() or view.read("triage") is not None)
        view.set()
        assert view.read("triage") is fresh.triage.held(fresh.settings())
        assert "triage: drained" in view.output("sentence")["html"]
