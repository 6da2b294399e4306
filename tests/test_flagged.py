"""Flags on screen: masks, few words, filters, the table's column, the link."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from data.flags import FLAGS
from data.simulate import Plan, write_simulated
from data.store import Store
from modules.choices import Filters, Region, State
from modules.facets import flag_offers
from modules.flagged import flag_counts, having, of_lake, ordered_kinds, severity, short_words, words_of_lakes
from modules.links.filters import filter_pairs, filters_from
from modules.measures import shown_mask
from modules.table_page import table_columns
from modules.views.focus_line import NAMED, focus_line_server
from modules.views.show_filters import show_filters_server
from modules.views.volcano import volcano_server
from tests.flag_cases import dated, flags_of
from tests.sessions import ViewSession

HALF = [1.0, 1.02, 0.99, 1.01, 1.0, 0.5, 0.51, 0.5, 0.49]
ODD = [1, 1.05, 1, 2.4, 1.02, 1, 1.04, 0.4, 1]
KEYS = np.array([2, 5, 9, 11], dtype=np.int32)


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    return flags_of(dated({2: HALF, 5: ODD, 9: [1.0] * 9, 11: [1.0, 1.1]}))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("flagged") / "basin"
    write_simulated(folder, Plan(lakes=150, seed=7))
    return Store(folder)


def test_every_kind_has_its_place_once() -> None:
    assert sorted(ordered_kinds()) == sorted(FLAGS)
    assert ordered_kinds()[0] == "drainage"


def test_masks_and_counts(found: pd.DataFrame) -> None:
    assert having(found, ("drainage",), KEYS).tolist() == [True, False, False, False]
    assert having(found, ("drainage", "few"), KEYS).tolist() == [True, False, False, True]
    assert not having(found, (), KEYS).any()
    assert flag_counts(found, np.array([True, True, True, False]), KEYS) == {"drainage": 1, "outlier": 1}


def test_few_words(found: pd.DataFrame) -> None:
    assert short_words(of_lake(found, 2)) == "drained 2005"
    assert short_words(of_lake(found, 5)) == "outlier 2003 and 2007"
    assert short_words(of_lake(found, 9)) == ""
    assert short_words(of_lake(found, 11)) == "missing 2002, few dates"
    assert short_words(of_lake(found, 11, ("few",))) == "few dates"
    words = words_of_lakes(found)
    assert {key: words(key) for key in range(14)} == {key: short_words(of_lake(found, key)) for key in range(14)}


def test_the_table_sorts_by_what_weighs_most(found: pd.DataFrame) -> None:
    order = severity(found, KEYS)
    assert np.isnan(order[2])
    assert order[0] < order[1] < order[3]


def test_the_column_says_that_flags_are_on_their_way(store: Store) -> None:
    table = store.trends(store.settings())
    kinds = np.zeros(len(store.lakes), dtype=int)
    waiting = table_columns(store, table, kinds)["flags"]
    assert waiting.text(0) == "…"
    assert np.isnan(waiting.sort()).all()
    there = table_columns(store, table, kinds, store.flags(store.settings()))["flags"]
    rows = np.flatnonzero(np.isfinite(there.sort()))
    assert len(rows)
    assert all(there.text(int(row)) not in {"", "…"} for row in rows)


def test_filters_by_flags_round_trip_and_split_the_lakes(store: Store) -> None:
    table, kinds = store.trends(store.settings()), ("outlier", "missing")
    with_, without = Filters(flags=kinds), Filters(without_flags=kinds)
    for filters in (with_, without, Filters(flags=("few",), without_flags=("missing",))):
        assert filters_from(list(filter_pairs(filters))) == filters
    held, rest = (shown_mask(store, table, filters) for filters in (with_, without))
    assert (held ^ rest).all()
    flags = store.flags(store.settings())
    assert held.sum() == flags.loc[flags["kind"].isin(kinds), "lake_key"].nunique()


def test_a_link_with_a_flag_that_is_none_is_refused() -> None:
    with pytest.raises(Exception, match="there is no flag 'melted'"):
        filters_from([("flag", "melted")])


def test_pickers_count_what_the_other_filters_leave(store: Store) -> None:
    table, flags = store.trends(store.settings()), store.flags(store.settings())
    codes = np.zeros(len(store.lakes), dtype=int)
    every = flag_offers(store, table, Filters(), codes, flags)["flags"]
    assert every["missing"].startswith("missing (")
    none = flag_offers(store, table, Filters(area=(1e9, 2e9), flags=("outlier",)), codes, flags)
    assert none == {"flags": {"outlier": "outlier (0)"}, "without_flags": {}}


def test_the_sidebar_filters_by_flags(store: Store) -> None:
    with ViewSession(store, show_filters_server) as view:
        view.set(flags=["missing"], without_flags=[])
        assert view.read("filters").flags == ("missing",)
        shown = view.read("shown")
        view.set(without_flags=["missing", "nonsense"])
        assert view.read("filters").without_flags == ("missing",)
        assert shown.any()
        assert not view.read("shown").any()
        assert "(by flags)" in str(view.output("count")) or "flags" in str(view.output("count"))


def test_a_region_drawn_under_a_filter_by_flags_names_the_same_lakes(store: Store) -> None:
    settings = store.settings()
    everywhere = ((-1e3, -1e3), (1e3, -1e3), (1e3, 1e3), (-1e3, 1e3))
    brush = Region(("lon", "lat"), everywhere, settings, Filters(flags=("missing",)))
    with ViewSession(store, show_filters_server, State(settings, brush=brush)) as view:
        assert view.read("brushed").tolist() == having(store.flags(settings), ("missing",), store.lake_keys).tolist()


def test_the_focus_line_names_them(store: Store) -> None:
    flags = store.flags(store.settings())
    key = int(flags.loc[flags["kind"] == "outlier", "lake_key"].iloc[0])
    with ViewSession(store, focus_line_server, State(store.settings(), focus=key)) as view:
        assert f"· {short_words(of_lake(flags, key, NAMED))}" in str(view.output("sentence"))


def test_plots_wait_for_flags_where_a_filter_needs_them(store: Store) -> None:
    with ViewSession(store, volcano_server, State(store.settings(), filters=Filters(flags=("missing",)))) as view:
        there = view.read("flags")
        view.change("flags", None)  # as while they are worked out: no effect may end the visit
        view.change("flags", there)
        assert view.read("shown").tolist() == having(there, ("missing",), store.lake_keys).tolist()
