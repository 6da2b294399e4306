"""The group *Test*: what refits goes to the settings, what redraws to the display, and nothing out of range gets through."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from data.records import Season
from data.store import Store
from data.trends import METHODS
from data.trends.automatic import AUTOMATIC
from modules.choices import Display
from modules.views import test_settings as view_module
from modules.views.test_settings import left_out_words, method_words, season_months, season_of
from tests.datasets import small_dataset
from tests.sessions import ViewSession

UNTOUCHED: dict[str, Any] = {
    "first": "1", "last": "12", "method": "auto", "correction": "bh", "response": "log", "use": "q", "alpha": 0.05, "effect": 0,
    "x": "slope", "colour": "class", "labels": 5, "zone": True, "worth": 2,
}  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("data") / "small"))


@pytest.fixture
def view(store: Store) -> Iterator[ViewSession]:
    with ViewSession(store, view_module.test_settings_server) as held:
        held.set(**UNTOUCHED)
        yield held


def test_untouched_controls_change_nothing(view: ViewSession, store: Store) -> None:
    assert view.read("settings") == store.settings()
    assert view.read("display") == Display()


def test_a_season_refits_and_its_reset_brings_the_dataset_s_own_back(view: ViewSession, store: Store) -> None:
    view.set(first="9", last="11")
    assert view.read("settings").season == Season(9, 11)
    view.set(reset_season=1)
    assert view.read("settings").season == store.meta.season


def test_the_season_note_counts_what_is_left_out(view: ViewSession, store: Store) -> None:
    table = store.trends(replace(store.settings(), season=Season(9, 11)))
    by_hand = store.area_rows
    # The day of the image decides where it is known: ten nominal dates were in truth seen in February.
    outside = (by_hand["reason"] == "ok") & ((by_hand["date"].dt.month == 7) & ~by_hand["date_nominal"] | by_hand["date_image"].notna())
    assert outside.sum() > 0
    words = f"Sep to Nov leaves out {outside.sum()} of {len(by_hand)} observations; left out besides: 1 for cloud."
    assert left_out_words(table, store.meta.season) == words
    assert left_out_words(table, Season(9, 11)).startswith("Sep to Nov, the dataset's own season, leaves out")
    assert view.output("season_note").startswith("Every month, the dataset's own season, leaves out none of 310")


@pytest.mark.parametrize("first", range(1, 13))
def test_two_months_make_a_season_and_back(first: int) -> None:
    for last in range(1, 13):
        season = season_of(str(first), str(last))
        if season is None:
            assert (last - first) % 12 == 11
        else:
            assert season_months(season) == (str(first), str(last))


def test_another_response_forgets_the_effect_cut_off(view: ViewSession) -> None:
    view.set(effect=2)
    assert view.read("display").effect == 2
    view.set(response="area")
    assert view.read("settings").response == "area"
    assert view.read("display").effect == 0
    assert view.output("unit") == "km²/yr"


@pytest.mark.parametrize(
    ("field", "sent"),
    [("alpha", 0.9), ("alpha", None), ("alpha", "x"), ("effect", -1), ("worth", 0), ("labels", 51), ("labels", float("nan"))],
)
def test_a_number_out_of_range_is_refused_in_words(view: ViewSession, field: str, sent: object) -> None:
    view.set(**{field: sent})
    assert view.read("display") == Display()
    assert "stays" in view.output("refused")


@pytest.mark.parametrize(("field", "sent"), [("method", "guess"), ("response", "x"), ("use", "z"), ("colour", None), ("first", "13")])
def test_a_choice_that_is_not_offered_is_ignored(view: ViewSession, store: Store, field: str, sent: object) -> None:
    view.set(**{field: sent})
    assert view.read("settings") == store.settings()
    assert view.read("display") == Display()


def test_redrawing_controls_leave_the_settings_alone(view: ViewSession, store: Store) -> None:
    view.set(use="p", alpha=0.01, x="t", colour="n", labels=0, zone=False, worth=0.5)
    assert view.read("display") == Display(x="t", use="p", alpha=0.01, colour="n", labels=0, zone=False, worth=0.5)
    assert view.read("settings") == store.settings()
    view.set(reset_alpha=1, reset_use=1, reset_x=1, reset_colour=1, reset_labels=1, reset_zone=1, reset_worth=1)
    assert view.read("display") == Display()


def test_a_display_set_elsewhere_stands(view: ViewSession) -> None:
    view.change("display", Display(alpha=0.01, use="p"))
    assert view.read("display") == Display(alpha=0.01, use="p")


def test_refitting_is_said_while_it_lasts(view: ViewSession, store: Store) -> None:
    assert view.output("fitting") == ""
    view.change("fitting", replace(store.settings(), season=Season(9, 11)))
    assert view.output("fitting") == "Refitting (Sep to Nov) …"


def test_the_menu_holds_every_method_once_under_its_kind(store: Store) -> None:
    offered = [name for kind in view_module.method_choices().values() for name in kind]
    assert offered[0] == "auto"
    assert sorted(offered[1:]) == sorted(METHODS)
    html = str(view_module.test_settings_ui("view", store, replace(store.settings(), method="theil-sen"), Display()))
    assert '<optgroup label="Robust against bad observations">' in html
    assert '<option value="theil-sen" selected="">Theil–Sen</option>' in html


def test_the_help_of_a_method_is_shown(store: Store) -> None:
    assert method_words(store.settings()) == AUTOMATIC.help
    assert method_words(replace(store.settings(), method="ols")) == METHODS["ols"].help
    assert "15 %" in METHODS["ols"].help


def test_the_page_opens_with_the_values_of_the_link(store: Store) -> None:
    html = str(view_module.test_settings_ui("view", store, replace(store.settings(), season=Season(9, 11)), Display(alpha=0.01)))
    assert html.count('selected=""') >= 3
    assert '<option value="9" selected="">Sep</option>' in html
    assert 'value="0.01"' in html
    assert "view-source" not in html
