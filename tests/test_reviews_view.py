"""Reviews in a session: what is pressed is written, what others write appears, what is called bad leaves the fits."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from starlette.requests import HTTPConnection

from data.cache import read_table, write_table
from data.errors import InputError
from data.reviews.connecting import sqlite_url
from data.reviews.log import ReviewLog
from data.reviews.placing import Lakes
from data.reviews.record import Review
from data.reviews.where import Where
from data.store import Store
from modules.choices import State
from modules.leaving_out import bad_words, leaving_out_server
from modules.links.link import link, state_from
from modules.numerals import NONE
from modules.reviewing import marks
from modules.reviewing.desk import KEPT, OFF, PER_MINUTE, VISIT, Desk, Shelf
from modules.reviewing.filtering import review_filter_server
from modules.reviewing.host import is_local, signed_in
from modules.reviewing.subjects import Said, made, reviewed, subjects
from modules.series_traces import focus_traces
from modules.serving.config import config
from modules.views.area_series import focus_of
from modules.views.lake_table import lake_table_server
from modules.views.review_summary import review_summary_server
from modules.views.reviews import reviews_server, store_words
from tests.datasets import MARKUP, SOURCE, small_dataset
from tests.scene_dataset import scene_dataset
from tests.sessions import ViewSession
from tests.waiting import until

LAKE = 3
HOSTILE = f"{MARKUP}<img src=x onerror=alert(1)> \u202e=1+1"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return Store(small_dataset(tmp_path_factory.mktemp("data") / "small"))


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shelf]:
    # A session that looks often would hold Shiny's lock now and then while its loop stands still between two calls of a test.
    monkeypatch.setattr(marks, "LOOK", 60)
    held = Shelf(Where(sqlite_url(tmp_path / "r.sqlite"), "SQLite file /secret/r.sqlite", "SQLite file r.sqlite"))
    yield held
    held.close()


def logged(tmp_path: Path) -> list[Review]:
    log = ReviewLog(sqlite_url(tmp_path / "r.sqlite"))
    held = log.since("small")
    log.close()
    return held


def visit(store: Store, desk: Desk, serve: Callable[..., Any] = reviews_server) -> ViewSession:
    return ViewSession(store, serve, State(store.settings(), focus=LAKE), desk)


def reviews_of(view: ViewSession) -> Any:
    return view.selection.reviews


def settled(view: ViewSession, met: Callable[[], object]) -> None:
    """Wait until it is met, and until whatever made it so has let go of Shiny's lock, which all sessions of a process share."""

    def look() -> bool:
        view.set()
        return bool(met())

    until(look)
    view.set()


def knows(view: ViewSession, count: int) -> bool:
    return len(reviews_of(view).desk.now().reviews) == count and view.output("past")["html"].count("<li") == count


def test_a_press_is_written_as_text(store: Store, shelf: Shelf, tmp_path: Path) -> None:
    with visit(store, shelf.desk(store, local=True)) as ada:
        ada.set(name="Ada", note=HOSTILE, bad=1)
        settled(ada, lambda: knows(ada, 1))
        shown = ada.output("past")["html"]
        assert "<img" not in shown
        assert "<b>" not in shown
        assert "Ada (unverified)" in shown
        assert "'bad'" in ada.output("said")
    with visit(store, shelf.desk(store, local=True, who="grace@example.org")) as grace:
        settled(grace, lambda: knows(grace, 1))
        grace.set(name="somebody else", note="seen in the field", verified=1)
        settled(grace, lambda: knows(grace, 2))
        assert "verified, says grace@example.org: seen in the field" in grace.output("lake_said")
    mask, lake = logged(tmp_path)
    newest = subjects(store, LAKE, [])[0]
    assert (mask.date, mask.source, mask.verdict, mask.who, mask.signed_in) == (newest.day, SOURCE, "bad", "Ada", False)
    assert "\u202e" not in mask.note
    assert (lake.date, lake.verdict, lake.who, lake.signed_in) == (None, "verified", "grace@example.org", True)
    assert mask.place.lake_key == lake.place.lake_key == LAKE
    assert mask.digest == store.digest


def test_what_another_process_writes_appears(store: Store, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "LOOK", 0.05)
    monkeypatch.setattr("modules.reviewing.desk.EVERY", 0.05)
    with visit(store, shelf.desk(store, local=True)) as view:
        view.set()
        other = ReviewLog(sqlite_url(tmp_path / "r.sqlite"))
        subject = subjects(store, LAKE, [])[0]
        other.append(made(store, Lakes(store.lakes).place(LAKE), subject, Said("unsure", "", "Grace", False)))
        other.close()
        settled(view, lambda: knows(view, 1))
        assert "unsure, says Grace" in view.output("mask_said")


def test_who_says_nothing_of_himself_writes_nothing(store: Store, shelf: Shelf, tmp_path: Path) -> None:
    with visit(store, shelf.desk(store, local=True)) as view:
        view.set(name=" ", good=1)
        assert "who you are" in view.output("said")
        view.set(name=7, good=2)
        view.set(name="x" * 81, good=3)

        settled(view, lambda: "at most 80" in view.output("said"))
    assert logged(tmp_path) == []


def test_the_menu_says_which_mask_and_only_masks_of_the_lake_can_be_chosen(store: Store, shelf: Shelf, tmp_path: Path) -> None:
    third = subjects(store, LAKE, [])[2]
    with visit(store, shelf.desk(store, local=True)) as view:
        view.set(name="Ada", subject=third.token)
        view.set(subject="1999-01-01~nobody")
        view.set(unsure=1)
        settled(view, lambda: knows(view, 1))
        assert view.output("mask_said").startswith("Now unsure, says Ada")
        view.change("focus", 5)
        assert view.output("mask_said") == "Now not reviewed."
    assert [(each.date, each.place.lake_key) for each in logged(tmp_path)] == [(third.day, LAKE)]


def test_the_mask_chosen_is_the_one_reviewed_though_its_scene_has_others(shelf: Shelf, tmp_path: Path) -> None:
    folder = scene_dataset(tmp_path / "scenes")
    rows = read_table(folder / "areas.parquet")
    other = rows.set_column(rows.schema.get_field_index("source"), "source", pa.array(["other"] * len(rows)))
    write_table(folder / "areas.parquet", pa.concat_tables([rows, other]))
    store = Store(folder)
    third = [each for each in subjects(store, LAKE, store.scenes.of_lake(LAKE)) if each.source == "other" and each.scene_key is not None][2]
    with visit(store, shelf.desk(store, local=True)) as view:
        view.set(name="Ada", subject=third.token)
        assert view.read("scene").scene_key == third.scene_key
        view.set(bad=1)
        settled(view, lambda: "Saved" in view.output("said"))
        view.change("settings", replace(store.settings(), method="ols"))
        assert view.output("mask_said").startswith("Now bad")
        view.change("settings", replace(store.settings(), source=SOURCE, threshold=None))
        view.selection.set_scene(third.scene_key - 1)
        view.set()
        assert view.output("mask_said") == "Now not reviewed."
        view.selection.set_scene(third.scene_key)
        view.set(good=1)
        settled(view, lambda: "'good'" in view.output("said"))
    now = view.selection.reviews.desk.now().reviews
    assert [(each.date, each.source) for each in now] == [(third.day, "other"), (third.day, SOURCE)]


def test_a_note_that_was_begun_while_another_was_written_stays(store: Store, shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    cleared: list[str] = []
    monkeypatch.setattr("modules.views.reviews.ui.update_text_area", lambda id, value: cleared.append(id))
    with visit(store, shelf.desk(store, local=True)) as view:
        view.set(name="Ada", note="first", bad=1)
        settled(view, lambda: knows(view, 1))
        assert cleared == ["note"]
        view.set(note="second")
        written_before = replace(reviews_of(view).desk.now().reviews[-1], key="0" * 32, note="written before", seq=0)
        reviews_of(view).unsaved.set((written_before,))
        view.set(retry=1)
        settled(view, lambda: knows(view, 2))
        assert cleared == ["note"]


def test_a_store_that_fails_keeps_the_review_to_be_sent_again_once(store: Store, shelf: Shelf, tmp_path: Path) -> None:
    desk = shelf.desk(store, local=True)
    assert desk.kept is not None
    with visit(store, desk) as view:
        view.set(name="Ada", note="keep me")
        shelf.close()
        desk.kept.book._log = ReviewLog(sqlite_url(tmp_path / "gone" / "r.sqlite"))
        view.set(bad=1)

        settled(view, lambda: "Not saved" in view.output("said"))
        assert str(tmp_path) not in view.output("said")
        assert "Try again" in view.output("again")["html"]
        desk.kept.book._log = ReviewLog(sqlite_url(tmp_path / "r.sqlite"))
        view.set(retry=1)
        settled(view, lambda: "Saved" in view.output("said"))
        view.set(retry=2)
        assert view.output("again") is None or "Try again" not in view.output("again")["html"]
    assert [each.note for each in logged(tmp_path)] == ["keep me"]


@pytest.mark.parametrize(("wanted", "local", "mode"), [("auto", True, KEPT), ("auto", False, OFF), ("on", False, KEPT), ("off", True, OFF)])
def test_who_may_review(store: Store, tmp_path: Path, wanted: str, local: bool, mode: str) -> None:
    shelf = Shelf(Where(sqlite_url(tmp_path / "r.sqlite"), "SQLite file /secret/r.sqlite", "SQLite file r.sqlite"), wanted)
    desk = shelf.desk(store, local=local)
    assert desk.mode == mode
    assert ("/secret" in store_words(desk, "")) == (local and mode == KEPT), "a stranger need not know where it lies"
    with visit(store, desk) as view:
        view.set(name="Eve", bad=1, verified=1)
        if mode == OFF:
            assert reviews_of(view).desk.kept is None
            assert "off" in view.output("kept")
            assert not reviews_of(view).desk.now().reviews
        else:
            settled(view, lambda: knows(view, 2))
    shelf.close()


def test_where_nothing_lasts_reviews_stay_in_the_visit_and_can_be_taken_away(store: Store) -> None:
    shelf = Shelf(Where(None, why="the disk of this host (Heroku) does not last"))
    desk, other = (shelf.desk(store, local=True) for _ in range(2))
    assert desk.mode == VISIT
    with visit(store, desk) as view:
        view.set(name="Ada", bad=1)
        settled(view, lambda: knows(view, 1))
        assert "Heroku" in view.output("kept")
        assert "take it away as a file" in view.output("kept")
    assert not other.now().reviews, "another visit has its own"
    shelf.close()


def test_a_visit_cannot_flood_the_log(store: Store) -> None:
    desk = Shelf(Where(None, why="none")).desk(store, local=True)
    assert desk.kept is not None
    place, subject = desk.kept.book.lakes.place(LAKE), subjects(store, LAKE, [])[0]
    for _ in range(PER_MINUTE):
        desk.write(made(store, place, subject, Said("good", "", "Eve", False)))
    with pytest.raises(InputError, match="wait a moment"):
        desk.write(made(store, place, subject, Said("good", "", "Eve", False)))


def test_bad_masks_leave_the_fits_while_the_switch_is_on(store: Store, shelf: Shelf) -> None:
    desk = shelf.desk(store, local=True)
    assert desk.kept is not None
    place, (last, *_) = desk.kept.book.lakes.place(LAKE), subjects(store, LAKE, [])
    with ViewSession(
        store, lambda id, store, selection: leaving_out_server(id, selection), State(store.settings(), focus=LAKE), desk
    ) as view:
        view.set(leave_out=True)
        assert view.read("settings").without == "", "nothing is bad yet"
        reviews_of(view).now.set(desk.write(made(store, place, last, Said("bad", "", "Ada", False))))

        def fitted(left_out: int) -> bool:
            table = view.read("table")
            return table is not None and table.settings == view.read("settings") and table.left_out.get("reviewed_bad", 0) == left_out

        settled(view, lambda: fitted(1))
        assert view.output("count") == bad_words(desk.now().bad, SOURCE) == f"1 of {SOURCE}"
        n = view.read("table").frame["n"][LAKE]
        view.set(leave_out=False)
        settled(view, lambda: fitted(0))
        assert view.read("table").frame["n"][LAKE] == n + 1
        view.set(leave_out=True)
        settled(view, lambda: fitted(1))
        reviews_of(view).now.set(desk.write(made(store, place, last, Said("taken back", "", "Ada", False))))
        settled(view, lambda: fitted(0))


def test_a_link_restores_that_bad_masks_are_left_out(store: Store, shelf: Shelf) -> None:
    desk = shelf.desk(store, local=True)
    assert desk.kept is not None
    desk.write(made(store, desk.kept.book.lakes.place(LAKE), subjects(store, LAKE, [])[0], Said("bad", "", "Ada", False)))
    with visit(store, desk) as view:
        view.change("settings", store.settings())
        reviews_of(view).leave_out.set(True)
        view.set()
        digest = view.read("settings").without
        state = replace(State(store.settings(), focus=LAKE), left_out=digest)
    assert digest
    assert f"bad={digest}" in link(state, store).query
    assert state_from(link(state, store).query, store) == (state, [])
    with ViewSession(store, reviews_server, state, desk) as view:
        assert view.read("settings").without == digest
    with ViewSession(store, reviews_server, state) as view:
        assert view.read("settings").without == "", "where reviews are off nothing is left out"


def test_lakes_are_listed_and_filtered_by_what_is_said(store: Store, shelf: Shelf) -> None:
    desk = shelf.desk(store, local=True)
    assert desk.kept is not None
    lakes = desk.kept.book.lakes
    for key, verdict in ((1, "verified"), (2, "false alarm"), (4, "verified")):
        desk.write(made(store, lakes.place(key), None, Said(verdict, "", "Ada", False)))
    desk.write(made(store, lakes.place(2), subjects(store, 2, [])[0], Said("bad", "", "Ada", False)))
    with visit(store, desk, lambda id, store, selection: review_filter_server(id, selection)) as view:
        for names, keys in (
            (["verified"], [1, 4]),
            (["with bad masks"], [2]),
            (["verified", "with bad masks"], [1, 2, 4]),
            (["nonsense"], None),
        ):
            view.set(reviews=names)
            assert np.flatnonzero(view.read("shown")).tolist() == (list(range(40)) if keys is None else keys)
        view.set(reviews=["not reviewed"])
        assert view.read("shown").sum() == 37
        assert "said=not+reviewed" in link(State(store.settings(), filters=view.read("filters")), store).query
    with visit(store, desk, lake_table_server) as view:
        view.set(words="", size="100", only_brushed=False, further=[], sorted="review")
        page = view.output("page")
        place = [column["name"] for column in page["columns"]].index("review")
        assert [row["cells"][place] for row in page["rows"]][:4] == ["false alarm · 1 bad", "verified", "verified", NONE]


def test_the_watch_list_sums_them_up(store: Store, shelf: Shelf) -> None:
    desk = shelf.desk(store, local=True)
    assert desk.kept is not None
    place = desk.kept.book.lakes.place(LAKE)
    for subject in subjects(store, LAKE, [])[:2]:
        desk.write(made(store, place, subject, Said("bad", "", "Ada", False)))
    desk.write(made(store, place, None, Said("verified", "", "Ada", False)))
    with visit(store, desk, review_summary_server) as view:
        view.set()
        assert view.output("everywhere") == "Reviews of the 40 lakes shown: 1 verified; 2 masks of 1 lake called bad."
        assert view.output("here").endswith(": verified, says Ada (unverified).")


def test_a_bad_observation_is_marked_in_the_series_and_names_are_text(store: Store, shelf: Shelf) -> None:
    desk = shelf.desk(store, local=True)
    assert desk.kept is not None
    place, (one, two, *_) = desk.kept.book.lakes.place(LAKE), subjects(store, LAKE, [])
    for subject, verdict in ((one, "bad"), (two, "unsure")):
        desk.write(made(store, place, subject, Said(verdict, "", MARKUP, False)))
    table = store.trends(store.settings())
    focus = focus_of(store, table, LAKE, np.zeros(40, dtype=int))
    assert focus is not None
    focus = replace(focus, reviewed=reviewed(desk.now(), LAKE, SOURCE))
    traces = {trace.get("name"): trace for trace in focus_traces(focus, table.settings)}
    assert traces["reviewed bad"]["marker"]["symbol"] == "circle-x-open"
    assert int(traces["reviewed bad"]["x"][0]) == one.day.year
    assert int(traces["reviewed unsure"]["x"][0]) == two.day.year
    said = " ".join(text for trace in traces.values() for text in trace.get("text", []))
    assert f"reviewed bad, says {html.escape(MARKUP)} (unverified)" in said
    assert MARKUP not in said


def connection(server: tuple[str, int] | None = ("127.0.0.1", 8000), client: str = "127.0.0.1", **headers: str) -> HTTPConnection:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in ({"host": "localhost:8000"} | headers).items()]
    return HTTPConnection({"type": "websocket", "server": server, "client": (client, 1), "headers": raw, "path": "/"})


@pytest.mark.parametrize(
    ("made_by", "local"),
    [
        (connection(), True), (connection(origin="http://localhost:8000"), True),
        (connection(host="127.0.0.1:80", origin="http://[::1]:8"), True),
        (connection(("10.0.0.2", 80)), False), (connection(None), False), (connection(client="10.0.0.9"), False),
        (connection(host="moraine.example"), False), (connection(origin="https://moraine.example"), False),
        (connection(x_forwarded_for="1.2.3.4"), False), (connection(forwarded="for=1.2.3.4"), False), (connection(via="1.1 proxy"), False),
        (connection(origin="null"), False), (connection(host="[::1"), False), (connection(host="localhost.evil.example"), False),
    ],
)  # fmt: skip
def test_whoever_may_come_through_a_proxy_is_no_local_visitor(made_by: HTTPConnection, local: bool) -> None:
    assert is_local(made_by) is local


def test_a_name_is_believed_only_from_whom_the_operator_trusts() -> None:
    forged = connection(x_forwarded_user="boss")
    assert signed_in(forged, "boss", "") == ""
    assert signed_in(forged, None, "x-forwarded-user") == "boss"
    assert signed_in(forged, "grace", "shiny") == "grace"
    assert signed_in(connection(), None, "x-forwarded-user") == ""


def test_the_settings_of_reviews(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MORAINE_DATASETS", str(tmp_path))
    assert (config().reviews, config().user_header) == ("auto", "")
    monkeypatch.setenv("POSIT_PRODUCT", "CONNECT")
    assert config().user_header == "shiny"
    monkeypatch.setenv("MORAINE_USER_HEADER", "X-Forwarded-User")
    monkeypatch.setenv("MORAINE_REVIEWS", "ON")
    assert (config().reviews, config().user_header) == ("on", "x-forwarded-user")
    for variable, value in (("MORAINE_REVIEWS", "maybe"), ("MORAINE_USER_HEADER", "a b")):
        monkeypatch.setenv(variable, value)
        with pytest.raises(InputError, match=variable):
            config()
        monkeypatch.delenv(variable)


def test_where_reviews_are_off_every_output_is_answered_and_empty(store: Store) -> None:
    def all_of_them(id: str, store: Store, selection: Any) -> None:
        leaving_out_server("leaving", selection)
        review_filter_server("filter", selection)
        review_summary_server("summary", store, selection)

    with visit(store, Desk(), all_of_them) as view:
        view.set()
        assert [view.session.get_output(name).value for name in ("leaving-control", "filter-control")] == [None, None]
        assert [view.session.get_output(f"summary-{name}").value for name in ("everywhere", "here")] == ["", ""]
