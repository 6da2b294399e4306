"""The page Watch-list: what it lists, how weights are taken, and how it is linked to the focus."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from htmltools import TagList

from data.errors import InputError
from data.reviews.book import Reviews
from data.reviews.record import Place, Review, new_key
from data.store import Store
from data.watchlist.compare import Cause
from data.watchlist.components import COMPONENTS
from data.watchlist.opened import given_by
from data.watchlist.rank import Ranking, ranked, raw_components
from data.watchlist.wish import PRESETS, Wish, opening
from modules.choices import State
from modules.pages.watchlist import watchlist_server, watchlist_ui
from modules.views import watch_brief, watch_compare
from modules.views.watch_compare import comparison_tags, share_text
from modules.views.watch_weights import wish_sent
from modules.watching.comparing import compared
from modules.watching.saving import OnScreen
from modules.watching.state import worked
from tests.datasets import INSUFFICIENT, LAKES, MARKUP, small_dataset
from tests.sessions import ViewSession
from tests.waiting import until


class Page(ViewSession):
    """The page, opened; it waits for the components, which are worked out in the background."""

    def __init__(self, store: Store, page: str = "watchlist") -> None:
        super().__init__(store, watchlist_server, State(store.settings(), page=page))

    def __enter__(self) -> Page:
        super().__enter__()
        self.selection.table.set(self.selection.store.trends(self.selection.store.settings()))
        self.set(**{"list-further": False, "weights-preset": "growth"})
        return self

    def rows(self) -> list[dict[str, Any]]:
        """The rows of the list, once there are some."""

        def there() -> bool:
            self.session._run(asyncio.sleep(0.02))  # extended tasks go on only while the session's loop runs
            self.set()
            return not self.output("list-said").startswith("Ranking")

        until(there)
        return self.output("list-list")["rows"]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("data") / "small"))


@pytest.fixture
def page(store: Store) -> Iterator[Page]:
    with Page(store) as held:
        yield held


def ranking(store: Store, wish: Wish) -> Ranking:
    given = given_by(store, store.trends(store.settings()), dict(wish.columns))
    return ranked(given.lake_keys, raw_components(given), wish)


def sent(wish: Wish, **others: Any) -> dict[str, Any]:
    """What the form sends for a wish."""
    weights = dict.fromkeys(COMPONENTS, 0) | dict(wish.weights)
    return {"weights": weights, "columns": {"glacier_distance": "glacier_distance_m"}, "top": wish.top, **others}


def test_it_lists_the_first_lakes_with_every_component(page: Page, store: Store) -> None:
    found, rows = ranking(store, opening()), page.rows()
    assert [row["key"] for row in rows] == store.lake_keys[found.listed].tolist()
    assert [column["title"] for column in page.output("list-list")["columns"]] == [COMPONENTS[name].title for name in found.names]
    for row in rows:
        assert sum(part or 0 for part in row["parts"]) == pytest.approx(float(row["score"]), abs=2e-3)
        assert row["seen"] == "2023-10-15"
    left = LAKES - len(found.order)
    assert page.output("list-said").startswith(f"First 25 of {len(found.order)} ranked lakes · {left} not ranked")


def test_weights_sent_by_the_form_rank_anew(page: Page, store: Store) -> None:
    wish = Wish((("newest_area", 1.0), ("sign_glacier_distance", 15.0)), top=5)
    page.rows()
    page.set(**{"weights-sent": sent(wish)})
    assert page.read("watching") == wish
    assert [row["key"] for row in page.rows()] == store.lake_keys[ranking(store, wish).listed].tolist()
    assert "Own mix" in page.output("list-mix")


@pytest.mark.parametrize(
    "wrong",
    [
        None, [], {}, {"weights": {}, "columns": {}, "top": 2.5}, {"weights": {"growth": "1"}, "columns": {}, "top": 5},
        {"weights": {"growth": True}, "columns": {}, "top": 5}, {"weights": {"growth": float("nan")}, "columns": {}, "top": 5},
        {"weights": {"nonsense": 1}, "columns": {}, "top": 5}, {"weights": {}, "columns": {"nonsense": "x"}, "top": 5},
        {"weights": {"growth": 10**400}, "columns": {}, "top": 5}, {"weights": {}, "columns": {}, "top": 10**400},
        {"weights": {"growth": 1e308}, "columns": {}, "top": 5}, {"weights": {}, "columns": {}, "top": 10**30},
    ],
)  # fmt: skip
def test_what_no_form_sends_changes_nothing(page: Page, wrong: object) -> None:
    page.set(**{"weights-sent": wrong})
    assert page.read("watching") == opening()
    if wrong is not None:
        assert page.output("weights-refused").startswith("Nothing was changed: ")


def test_a_mapped_column_is_taken_only_where_it_differs() -> None:
    known = {"glacier_distance": "glacier_distance_m"}
    same = {"weights": {"growth": 1}, "columns": {"glacier_distance": "glacier_distance_m"}, "top": 5}
    assert wish_sent(same, known).columns == ()
    taken = {**same, "columns": {"glacier_distance": "", "dam_width": "people"}}
    assert wish_sent(taken, known).columns == (("dam_width", "people"), ("glacier_distance", ""))


def test_a_mix_is_chosen_and_taken_back(page: Page) -> None:
    page.set(**{"weights-preset": "published"})
    assert page.read("watching").weights == PRESETS["published"].weights
    page.rows()
    assert "These data tell 54 % of the weight. Not in them, and counted for no lake: Steep glacier" in page.output("list-mix")
    page.set(**{"weights-reset": 1})
    assert page.read("watching") == opening()


def test_presses_and_steps_move_the_focus(page: Page) -> None:
    keys = [row["key"] for row in page.rows()]
    page.set(**{"list-picked": keys[3]})
    assert page.read("focus") == keys[3]
    page.set(**{"lake-next": 1})
    assert page.read("focus") == keys[4]
    page.set(**{"lake-previous": 1})
    page.set(**{"lake-previous": 2})
    assert page.read("focus") == keys[2]
    for strange in (10**9, "x", True, None):
        page.set(**{"list-picked": strange})
    assert page.read("focus") == keys[2]
    page.set(**{"lake-open": 1})
    assert page.read("page") == "explore"


def test_the_panel_shows_what_the_score_hides_and_no_markup(page: Page) -> None:
    page.rows()
    page.change("focus", 1)
    told = page.output("lake-panel")["html"]
    assert MARKUP not in told
    assert "&lt;b&gt;bold&lt;/b&gt;" in told
    assert "Huggel et al. 2002" in told
    assert "Contribution" in told
    page.change("focus", INSUFFICIENT)
    assert "Not ranked: only 0 % of the weight is known" in page.output("lake-panel")["html"]


def test_nothing_is_worked_out_before_the_page_is_opened(store: Store) -> None:
    with Page(store, page="explore") as held:
        held.session._run(asyncio.sleep(0.1))
        held.set()
        assert held.output("list-said").startswith("Ranking")
        held.change("page", "watchlist")
        assert held.rows()


def test_a_dataset_without_lakes_says_what_to_do(store: Store) -> None:
    class Bare:
        lakes = store.lakes.iloc[:0]

    html = str(watchlist_ui("view", Bare(), State(store.settings())))  # type: ignore[arg-type]
    assert "no lakes to rank" in html
    assert "python -m data import" in html


@pytest.mark.parametrize("simulated", [False, True])
def test_simulated_data_are_called_so(store: Store, monkeypatch: pytest.MonkeyPatch, simulated: bool) -> None:
    monkeypatch.setattr(store, "meta", replace(store.meta, simulated=simulated))
    assert ("simulated data" in str(TagList(watchlist_ui("watchlist", store, State(store.settings()))).tagify())) == simulated


def test_a_saved_list_is_compared_and_a_bad_one_refused(page: Page, store: Store, tmp_path: Path) -> None:
    page.rows()
    shown = OnScreen(store, worked(store, store.trends(store.settings()), ()), ranking(store, opening()), opening())
    text = shown.file(date(2026, 11, 26))
    (tmp_path / "list.json").write_text(text)
    (tmp_path / "bad.json").write_text(text.replace('"version": 1', '"version": 2'))
    later = OnScreen(store, shown.worked, ranking(store, Wish(PRESETS["size"].weights)), Wish(PRESETS["size"].weights))
    found = compared(tmp_path / "list.json", later, lambda done, of: None)
    html = str(comparison_tags(found))
    assert found.between.causes == ("weight",)
    assert "weight: evidence of growth 2 → 1" in html
    assert MARKUP not in html
    with pytest.raises(InputError, match="version 2"):
        compared(tmp_path / "bad.json", later, lambda done, of: None)


@pytest.mark.parametrize("sent", [[{"datapath": "/etc/passwd", "name": "x.json"}], "x", [], [{"datapath": 5, "name": "x"}]])
def test_only_what_was_uploaded_here_is_read(page: Page, sent: object) -> None:
    page.rows()
    page.set(**{"compare-file": sent})
    assert "m-notice" in page.output("compare-result")["html"]
    assert "root:" not in page.output("compare-result")["html"]


def test_a_comparison_says_when_the_list_on_screen_is_another_by_now(
    page: Page, store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    page.rows()
    shown = OnScreen(store, worked(store, store.trends(store.settings()), ()), ranking(store, opening()), opening())
    (tmp_path / "list.json").write_text(shown.file(date(2026, 11, 26)))
    monkeypatch.setattr(watch_compare, "uploaded", lambda sent, session: (tmp_path / "list.json", "list.json"))
    page.set(**{"compare-file": [{}]})

    def there() -> bool:
        page.session._run(asyncio.sleep(0.05))
        page.set()
        return "Against the list" in page.output("compare-result")["html"]

    until(there)
    assert watch_compare.STALE not in page.output("compare-result")["html"]
    page.set(**{"weights-sent": sent(Wish(opening().weights, top=2))})
    assert watch_compare.STALE in page.output("compare-result")["html"]
    page.set(**{"weights-sent": sent(opening())})
    assert watch_compare.STALE not in page.output("compare-result")["html"]


def test_shares_say_which_way_they_worked() -> None:
    assert share_text(Cause("weight", 2.5, True, ""), "moved") == "+2.5 places"
    assert share_text(Cause("weight", -1.0, True, ""), "moved") == "−1.0 places"
    assert share_text(Cause("weight", 1.0, True, ""), "entered") == "100 %"
    assert share_text(Cause("weight", -1.0, True, ""), "left") == "100 %"
    assert share_text(Cause("weight", 0.25, True, ""), "left") == "against it, 25 %"


def test_a_brief_is_made_in_the_background(page: Page) -> None:
    page.rows()
    page.set(**{"weights-sent": sent(Wish(opening().weights, top=2))})
    page.rows()
    assert "Make a brief of 2 lakes" in page.output("brief-work")["html"]
    page.set(**{"brief-make": 1})
    assert "Stop" in page.output("brief-work")["html"]

    def there() -> bool:
        page.session._run(asyncio.sleep(0.05))
        page.set()
        return "Take the brief of 2 lakes" in page.output("brief-work")["html"]

    until(there)
    page.set(**{"brief-make": 2})
    page.set(**{"brief-stop": 1})
    assert "Make a brief" in page.output("brief-work")["html"]


def test_a_fault_of_the_brief_is_said_and_ends_nothing(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(watch_brief, "made", broken)
    page.rows()
    page.set(**{"brief-make": 1})

    def told() -> bool:
        page.session._run(asyncio.sleep(0.05))
        page.set()
        return "It did not work" in page.output("brief-work")["html"]

    until(told)
    assert "secret" not in page.output("brief-work")["html"]
    assert "Make a brief" in page.output("brief-work")["html"]


def test_what_people_said_of_a_lake_stands_beside_it(page: Page) -> None:
    key = page.rows()[0]["key"]
    said = Review(new_key(), "small", "x", Place(key), None, "", "false alarm", "", "Ann", False, datetime(2026, 1, 1, tzinfo=UTC), 1)
    page.selection.reviews.now.set(Reviews((said,), version=1))
    page.change("focus", key)
    assert page.rows()[0]["likely"].endswith("reviewed: false alarm")
    assert "Reviewed: false alarm." in page.output("lake-panel")["html"]
