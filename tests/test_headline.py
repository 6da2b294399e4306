"""The headline view: counts of the lakes shown, context, and the badge of simulated data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from data.store import Store
from data.trends.headline import headline
from modules.choices import Display, Filters, Picked
from modules.views.headline import class_counts, headline_server, provenance_words, sentence
from tests.datasets import LAKES, MARKUP, small_dataset
from tests.sessions import ViewSession


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("data") / "small"))


@pytest.fixture
def view(store: Store) -> Iterator[ViewSession]:
    with ViewSession(store, headline_server) as held:
        yield held


def test_classes_are_counted_among_the_lakes_shown_only() -> None:
    classes = np.array([0, 1, 2, 2, 3])
    assert class_counts(classes, np.array([True, True, True, False, False])) == {2: 1, 3: 0, 1: 1, 0: 1}


def test_a_filter_changes_the_counts_but_not_the_sentence(view: ViewSession, store: Store) -> None:
    words = headline(store.trends(store.settings()))
    before = view.output("boxes")["html"]
    assert words.split("<")[0].strip() in view.output("said")["html"].replace("&lt;", "<")
    view.change("filters", Filters(basins=("Arun",)))
    assert words.split("<")[0].strip() in view.output("said")["html"].replace("&lt;", "<")
    assert f"of {LAKES} lakes shown" in view.output("said")["html"]
    assert view.output("boxes")["html"] != before


def test_while_there_are_no_trends_yet_it_says_what_is_waited_for(view: ViewSession, store: Store) -> None:
    table = view.read("table")
    view.change("table", None)
    view.change("fitting", store.settings())
    said = view.output("said")["html"]
    assert f"Fitting the trends of {LAKES} lakes" in said
    assert 'role="status"' in said
    assert "simulated data" in said
    assert "%" not in said
    view.change("fitted_share", 0.4)
    assert f"Fitting the trends of {LAKES} lakes: 40% done" in view.output("said")["html"]
    view.change("fitting", None)
    view.change("table", table)
    assert "Fitting" not in view.output("said")["html"]


def test_with_a_brush_only_its_lakes_are_counted(view: ViewSession) -> None:
    view.change("brush", Picked((3, 4, 5)))
    html = view.output("boxes")["html"]
    assert "of the brushed lakes" in html
    assert sum(int(count) for count in re.findall(r'm-box-count">([\d,]+)<', html)) == 3


def test_a_stricter_cut_off_is_told(view: ViewSession, store: Store) -> None:
    view.change("display", Display(use="p", alpha=0.01))
    assert "p &lt; 0.01" in view.output("said")["html"]


def test_simulated_data_say_so_and_observed_data_do_not(store: Store) -> None:
    assert "simulated data" in str(sentence("words", 1, 1, store.meta))
    assert "simulated" not in str(sentence("words", 1, 1, replace(store.meta, simulated=False)))
    assert MARKUP not in str(sentence(MARKUP, 1, 1, store.meta))


def test_a_saved_plot_says_where_it_comes_from(store: Store) -> None:
    words = provenance_words(store, store.trends(store.settings()), 7)
    for part in ("Simulated data", store.meta.title, "OLS", f"7 of {LAKES}", store.digest[:10], store.meta.citation):
        assert part in words
