"""Whose areas the volcano shows, and lines to another source: each with its own family and q."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from shiny import Inputs, Outputs, Session, module

from data.records import TrendSettings
from data.store import Store
from data.trends.classes import classes
from modules.choices import Display, State
from modules.figures import settings_words
from modules.measures import state_bits
from modules.selection import Selection
from modules.serving.routes import trend_url
from modules.views.focus_line import focus_line_server
from modules.views.headline import provenance_words
from modules.views.sources import agreement_words, compare_choices, sources_server, sources_ui
from modules.views.volcano import Other, volcano_figure
from tests.datasets import SOURCE, small_dataset
from tests.probable_dataset import SEGMENTER, probable_dataset
from tests.sessions import ViewSession
from tests.waiting import until

LAKE = 5


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(probable_dataset(tmp_path_factory.mktemp("sources") / "data"))


def test_the_first_source_changes_places_with_the_second(store: Store) -> None:
    with ViewSession(store, sources_server, State(replace(store.settings(), source=SOURCE))) as view:
        view.set(source=SOURCE, compare="")
        assert view.read("compared") is None
        view.set(compare=SEGMENTER)
        assert view.read("display").compare == SEGMENTER
        view.set(source=SEGMENTER)
        assert (view.read("settings").source, view.read("display").compare) == (SEGMENTER, SOURCE)
        view.set(compare=SEGMENTER)
        assert view.read("display").compare == SOURCE, "never with itself"
        view.set(source="nobody", compare="nobody")
        assert (view.read("settings").source, view.read("display").compare) == (SEGMENTER, SOURCE)
        view.set(compare="")
        assert view.read("display").compare == ""


def test_both_tables_are_fitted_with_the_same_settings_and_their_own_families(store: Store) -> None:
    settings = TrendSettings(source=SOURCE, response="area")
    store.trends(replace(settings, source=SEGMENTER))
    with ViewSession(store, sources_server, State(settings, display=Display(compare=SEGMENTER))) as view:
        table, other = view.read("table"), view.read("compared")
        assert other.settings == replace(settings, source=SEGMENTER)
        assert (table.family, other.family) == (store.trends(settings).family, 2)
        said = view.output("agreement")
        mine, theirs = classes(table), classes(other)
        both = (mine > 0) & (theirs > 0)
        assert said == f"{(mine[both] == theirs[both]).sum()} of {both.sum()} agree"


def test_what_no_cache_holds_is_fitted_meanwhile(tmp_path: Path) -> None:
    store = Store(probable_dataset(tmp_path / "data"))
    with ViewSession(store, sources_server, State(TrendSettings(source=SOURCE))) as view:
        view.set(source=SOURCE, compare="")
        view.set(compare=SEGMENTER)

        def arrived() -> bool:
            view.set()
            return view.read("compared") is not None

        until(arrived)
        assert view.read("compared").settings.source == SEGMENTER


def test_the_threshold_of_all_lakes_is_said_and_taken_back(store: Store) -> None:
    settings = store.at_threshold(TrendSettings(source=SEGMENTER), 0.35)
    with ViewSession(store, sources_server, State(settings)) as view:
        assert "probability &gt; 0.35" in view.output("above")["html"]
        view.set(own=1)
        assert view.read("settings") == replace(settings, threshold=None)


def test_the_volcano_keeps_its_axes_and_says_where_lines_lead(store: Store) -> None:
    table, other = (store.trends(TrendSettings(source=source)) for source in (SOURCE, SEGMENTER))
    bits = state_bits(classes(table), np.ones(len(table.frame), dtype=bool), None)
    alone = volcano_figure(table, Display(), bits, [])["layout"]
    both = volcano_figure(table, Display(), bits, [], other=Other(other, trend_url(store, other.settings)))["layout"]
    assert alone["xaxis"]["range"] == both["xaxis"]["range"]
    assert alone["annotations"] == both["annotations"]
    assert "other" not in alone["meta"]
    assert both["meta"]["other"] == {"url": trend_url(store, other.settings), "name": SEGMENTER}
    assert f"the same lake by {SEGMENTER}, own fit and q (2 tested)" in both["xaxis"]["title"]["text"]
    assert SEGMENTER in both["meta"]["label"]
    assert f"compared with {SEGMENTER}" in provenance_words(store, table, 3, SEGMENTER)


def test_the_axis_names_the_threshold_and_a_saved_plot_the_source_too(store: Store) -> None:
    settings = store.at_threshold(TrendSettings(source=SEGMENTER), 0.35)
    table = store.trends(settings)
    bits = state_bits(classes(table), np.ones(len(table.frame), dtype=bool), None)
    title = volcano_figure(table, Display(), bits, [])["layout"]["xaxis"]["title"]["text"]
    assert "log area, probability &gt; 0.35" in title
    assert f"log area by {SEGMENTER}, probability > 0.35" in settings_words(table)


def test_the_focus_line_says_both_slopes(store: Store) -> None:
    settings = TrendSettings(source=SOURCE)
    store.trends(replace(settings, source=SEGMENTER))
    with ViewSession(store, focus_line_server, State(settings, focus=LAKE, display=Display(compare=SEGMENTER))) as view:
        html = view.output("sentence")["html"]
        assert f"%/yr by {SOURCE}" in html
        assert f" · by {SEGMENTER} +" in html
        assert "its own q = " in html
        view.selection.set_focus(7)
        view.set()
        assert f"by {SEGMENTER}: fewer than three usable dates" in view.output("sentence")["html"]


def test_there_is_a_choice_only_where_there_is_something_to_choose(store: Store, tmp_path: Path) -> None:
    plain = Store(small_dataset(tmp_path / "plain"))
    assert sources_ui("view", plain, plain.settings(), Display()) is None
    assert "compare with" in str(sources_ui("view", store, store.settings(), Display()))
    assert list(compare_choices(("a", "b", "c"), "b")) == ["", "a", "c"]


def test_no_lake_in_common_is_said(store: Store) -> None:
    table = store.trends(TrendSettings(source=SOURCE))
    nobody = replace(table, frame=table.frame.assign(log_q=np.nan))
    assert agreement_words(table, nobody, Display()) == "no lake is tested by both"


def test_two_views_of_one_choice_agree(store: Store) -> None:
    """The volcano's own and the one among the test settings: whichever is used, the selection follows."""
    from modules.views.test_settings import test_settings_server as settings_server

    @module.server
    def serve(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
        sources_server("sources", store, selection)
        settings_server("test", store, selection)

    with ViewSession(store, serve, State(TrendSettings(source=SOURCE))) as view:
        opening: dict[str, Any] = {"sources-source": SOURCE, "sources-compare": "", "test-source": SOURCE}
        view.set(**opening)
        view.set(**{"test-source": SEGMENTER})
        assert view.read("settings").source == SEGMENTER
        view.set(**{"sources-source": SEGMENTER})
        view.set(**{"sources-source": SOURCE})
        assert view.read("settings").source == SOURCE
