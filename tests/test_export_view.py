"""The export menu: which rows, under which name, and what the file says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from io import StringIO

import numpy as np
import pandas as pd
import pytest

from data.store import Store
from modules.choices import Filters, Picked
from modules.views.export import export_server, exported, file_name, rows_chosen
from tests.datasets import LAKES, small_dataset
from tests.sessions import ViewSession


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("data") / "small"))


@pytest.fixture
def view(store: Store) -> Iterator[ViewSession]:
    with ViewSession(store, export_server) as held:
        held.set(only_brushed=False)
        yield held


def test_the_name_says_dataset_settings_and_day(store: Store) -> None:
    settings = replace(store.settings(), source="a/b c")
    assert file_name(store.meta, settings, date(2026, 11, 22), "csv") == "small_simulated_auto-log-all-a-b-c_2026-11-22.csv"
    assert "simulated" not in file_name(replace(store.meta, simulated=False), settings, date(2026, 11, 22), "csv")


def test_only_the_brushed_lakes_that_are_shown_are_taken() -> None:
    shown, brushed = np.array([True, True, False]), np.array([True, False, True])
    assert rows_chosen(shown, brushed, only_brushed=True).tolist() == [True, False, False]
    assert rows_chosen(shown, brushed, only_brushed=False).tolist() == [True, True, False]
    assert rows_chosen(shown, np.zeros(3, dtype=bool), only_brushed=True).tolist() == [True, True, False]


def test_the_menu_counts_what_it_will_write(view: ViewSession) -> None:
    assert view.output("count").startswith(f"{LAKES} lakes of simulated data")
    view.change("filters", Filters(basins=("Arun",)))
    view.change("brush", Picked((0, 1, 3)))
    assert view.output("count").startswith("14 lakes")
    view.set(only_brushed=True)
    assert view.output("count").startswith("2 lakes")


def test_a_csv_holds_the_rows_and_where_they_come_from(store: Store) -> None:
    table = store.trends(store.settings())
    text = b"".join(exported(store, table, [2, 0], "csv")).decode()
    frame = pd.read_csv(StringIO(text))
    assert frame["lake_key"].tolist() == [2, 0]
    assert set(frame["dataset_digest"]) == {store.digest}
    assert frame["simulated"].all()
    assert frame["note"][0] == "'=1+1"
    assert frame["slope"].tolist() == pytest.approx(table.frame["slope"].iloc[[2, 0]].tolist())


def test_a_geopackage_is_one(store: Store) -> None:
    assert b"".join(exported(store, store.trends(store.settings()), [1], "gpkg")).startswith(b"SQLite format 3")
