"""One page of the lake table: order, texts, and what the text filter finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.store import Store
from modules.measures import rank
from modules.table_page import default_columns, ordered, page_record, table_columns
from tests.datasets import CONSTANT, INSUFFICIENT, LAKES, NAMELESS, small_dataset


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("data") / "small"))


@pytest.mark.parametrize("descending", [False, True])
def test_missing_values_come_last_in_both_directions(store: Store, descending: bool) -> None:
    table = store.trends(store.settings())
    columns = table_columns(store, table, np.zeros(LAKES))
    rows = ordered(columns["p"].sort(), rank(table), descending=descending)
    assert set(rows[-2:]) == {CONSTANT, INSUFFICIENT}
    assert ordered(columns["lake"].sort(), rank(table), descending=descending)[-1] == NAMELESS


def test_a_row_states_its_class_in_words_and_its_texts_in_honest_digits(store: Store) -> None:
    table = store.trends(store.settings())
    classes = np.arange(LAKES) % 4
    columns = table_columns(store, table, classes)
    page = page_record(store, columns, np.array([6, INSUFFICIENT, 0]), ("p", False), brushed=np.arange(LAKES) == 6, classes=classes)
    first, second, third = (dict(zip(columns, row["cells"], strict=True)) for row in page["rows"])
    assert [row["ticked"] for row in page["rows"]] == [True, False, False]
    assert (first["class"], page["rows"][0]["meaning"]) == ("growing", "growing")
    assert first["basin"] == "Arun / Barun"
    assert first["n"] == "8"
    assert first["first_year"].startswith("2016.")
    assert second["slope"] == second["p"] == "–"
    assert second["status"] == "insufficient"
    assert (third["lake"], page["rows"][2]["beside"]) == ("Imja Tsho", store.lakes["lake_id"][0])


def test_text_is_looked_for_word_by_word(store: Store) -> None:
    assert np.flatnonzero(store.names.containing("tsho arun imja")).tolist() == [0]
    assert not store.names.containing("tsho nowhere").any()


@given(st.lists(st.one_of(st.none(), st.integers(-3, 3).map(float))), st.booleans())
def test_order_is_that_of_a_plain_sort(values: list[float | None], descending: bool) -> None:
    array = np.array([np.nan if value is None else value for value in values])
    ranks = np.arange(len(values))[::-1]
    sign = -1 if descending else 1
    plain = sorted(range(len(values)), key=lambda row: (values[row] is None, sign * (values[row] or 0), ranks[row]))
    assert ordered(array, ranks, descending=descending).tolist() == plain


def test_columns_that_say_nothing_are_not_shown_at_first(store: Store) -> None:
    assert "elevation_m" in default_columns(store)
    bare = Store(store.path)
    bare.lakes = store.lakes.assign(elevation_m=np.nan, basin=None)
    assert not {"elevation_m", "basin"} & set(default_columns(bare))
