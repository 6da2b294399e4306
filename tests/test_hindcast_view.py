"""The hindcast on the Watch-list page: years to choose from, the answer with its numbers, lakes to press."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from data.hindcast.run import Rules, hindcast
from data.hindcast.scores import SCORES
from data.hindcast.watch_score import watch_score
from data.store import Store
from data.watchlist.given import Given
from data.watchlist.opened import given_by
from data.watchlist.rank import ranked, raw_components
from data.watchlist.wish import PRESETS, Wish
from modules.choices import Hindcasting, State
from modules.hindcasting.asked import CHOICES, WATCH, Wanted, found, year_choices
from modules.hindcasting.drawing import rank_table, recall_figure, recall_table
from modules.links.link import link, state_from
from modules.views.hindcast import NOTHING, hindcast_server, hindcast_ui
from tests.datasets import small_dataset
from tests.flood_cases import with_floods
from tests.sessions import ViewSession
from tests.waiting import until

UNTIL = np.datetime64("2020-12-31")
LATER = [(0, "2021-06-01"), (1, "2022"), (9, "2021-01-05"), (9, "2023-01-05"), (20, "2022-03"), (30, "2020-11-11"), (14, "2022-01-01")]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(with_floods(small_dataset(tmp_path / "d"), LATER))


def test_the_answer_says_how_many_it_is_of(store: Store) -> None:
    done = hindcast(store, store.settings(), UNTIL)
    assert done.positives == 4
    table = str(recall_table(done))
    assert "(n = 4)" in table
    assert f"{(done.rank[[0, 1, 9, 20]] <= 10).sum()} of 4" in table
    assert "1.1 of 4" in table, "ten of 38, by chance"
    figure = str(recall_figure(done))
    assert figure.count("m-flood-dot") == 4
    assert "of the 4 lakes that burst later" in figure.lower()
    curve = re.findall(r'points="([^"]+)"', figure)[1].split()
    heights = [float(point.split(",")[1]) for point in curve]
    assert heights == sorted(heights, reverse=True)
    assert (heights[0], heights[-1]) == (150, 0)


def test_every_lake_that_burst_has_its_row(store: Store) -> None:
    done = hindcast(store, store.settings(), UNTIL)
    html = str(rank_table(store, done))
    assert html.count("<tr data-key=") == 5
    assert 'data-key="9"' in html
    assert "2021-01-05 and 1 more" in html
    assert "not ranked" in html, "lake 14 has two dates"
    assert "&lt;b&gt;bold&lt;/b&gt;" in html, "a lake's name is text"
    assert "by distance, 0.25 km" in html


def test_years_are_offered_with_what_they_hold(store: Store) -> None:
    wanted = Wanted(store.settings(), "evidence", Rules(), None, State(store.settings()).watching)
    answer = found(store, wanted)
    assert answer.wanted.year == 2019, "the most lakes that burst later, the last of equal years"
    choices = year_choices(answer.offers)
    assert choices["2020"] == "2020: 39 lakes, 4 burst later"
    assert list(choices) == sorted(choices, reverse=True)
    again = found(store, replace(wanted, year=2021), answer)
    assert again.offers is answer.offers
    assert again.wanted.year == 2021
    assert found(store, replace(wanted, year=1999)).wanted.year == 2019


def test_the_weights_of_the_page_rank_by_what_was_known(store: Store) -> None:
    wish = Wish(next(iter(PRESETS.values())).weights)
    known = hindcast(store, store.settings(), np.datetime64("2023-12-31")).known
    score = watch_score(wish, {})(known)
    now = given_by(store, store.trends(store.settings()), {})
    expected = ranked(store.lake_keys, raw_components(Given(now.lakes, now.table, now.read, now.floods, {})), wish).score
    np.testing.assert_allclose(score, expected, err_msg="at the end of all data the past is the present")
    early = hindcast(store, store.settings(), UNTIL, watch_score(wish, {}))
    assert early.positives >= 4
    assert early.known.floods["lake_key"].tolist() == [30], "floods that had not happened yet are no component"


def test_without_floods_it_says_how_to_bring_them(tmp_path: Path) -> None:
    assert NOTHING in str(hindcast_ui("view", Store(small_dataset(tmp_path / "plain")), Hindcasting()))


def test_a_person_picks_score_year_and_rules(store: Store) -> None:
    with ViewSession(store, hindcast_server, replace(State(store.settings()), page="watchlist")) as view:
        view.set(score="evidence", year="", gap=False, by_id=False)

        def said(words: str) -> bool:
            view.set()
            shown = view.output("result")
            return isinstance(shown, dict) and words in shown["html"]

        until(lambda: said("by what was known on 2019-12-31; 5 of them burst later"))
        view.set(year="2021")
        until(lambda: said("known on 2021-12-31; 3 of them burst later"))
        view.set(year="2020", gap=True)
        until(lambda: said("5 of them burst after their last images"))
        view.set(score="area", gap=False)
        until(lambda: said("40 lakes ranked by what was known on 2020-12-31; 5 of them burst later"))
        view.set(score=WATCH)
        until(lambda: said("by what was known on 2020-12-31"))
        view.set(by_id=True)
        until(lambda: said("No ranked lake burst later"))
        view.set(picked=9)
        assert view.read("focus") == 9
        assert view.read("hindcasting") == Hindcasting(WATCH, 2020, by_id=True)
        view.set(score="luck", year="soon")
        assert view.read("hindcasting") == Hindcasting(WATCH, 2020, by_id=True), "what the browser sends is looked up"
        view.set(picked=99999)
        assert view.read("focus") == 9
        assert set(CHOICES) == {*SCORES, WATCH}


def test_a_link_restores_what_was_asked(store: Store) -> None:
    asked = Hindcasting(WATCH, 2020, gap=True, by_id=True)
    state = State(store.settings(), page="watchlist", hindcasting=asked)
    assert state_from(link(state, store).query, store) == (state, [])
    html = str(hindcast_ui("view", store, asked))
    assert f'<option value="{WATCH}" selected' in html
    assert html.count("checked=") == 2
    for wrong in ("hind=luck", "until=12", "until=soon"):
        restored, notices = state_from(wrong, store)
        assert restored.hindcasting == Hindcasting()
        assert "The link's hindcast could not be restored" in notices[0]
