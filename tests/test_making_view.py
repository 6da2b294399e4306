"""The notice while simulated scenes are being made: there only as long as there is something to say."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from shiny import Inputs, Outputs, Session
from shiny.testserver import TestServerSession, test_server

from data.simulate.progress import FILE, Progress, write_progress
from data.store import Store
from modules.views import making
from modules.views.making import MADE, making_server, making_ui, notice_words
from tests.datasets import small_dataset
from tests.waiting import until


def test_words() -> None:
    shown, told = notice_words(Progress(340, 1200, 70), False)
    assert shown == "Making the simulated scenes: 340 of 1,200, about 1 min left."
    assert "340" not in told, "a screen reader would be told anew every two seconds"
    shown, told = notice_words(Progress(340, 1200), True)
    assert shown == told
    assert "cut short" in shown
    assert "Start Moraine again" in shown
    shown, told = notice_words(Progress(340, 1200, None, "No space left on device"), False)
    assert shown == told
    assert "No space left on device; 340 of 1,200 are there. Mend that" in shown


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setattr(making, "AGAIN", 0.01)
    return Store(small_dataset(tmp_path / "d"))


@pytest.fixture
def visit(store: Store) -> Iterator[TestServerSession]:
    """Not begun yet."""

    def server(input: Inputs, output: Outputs, session: Session) -> None:
        making_server("making", store)

    return test_server(server)


def shown(session: TestServerSession) -> tuple[str, str]:
    session.flush()
    assert session.is_ok, session.error
    return str(session.get_output("making-notice").value), str(session.get_output("making-told").value)


def test_it_follows_the_making_to_its_end(store: Store, visit: TestServerSession) -> None:
    write_progress(store.path, Progress(0, 1200))
    with visit as session:
        until(lambda: "0 of 1,200" in shown(session)[0])
        write_progress(store.path, Progress(600, 1200, 200))
        until(lambda: "600 of 1,200, about 3 min left" in shown(session)[0])
        (store.path / FILE).unlink()
        until(lambda: MADE in shown(session)[1])
        assert "m-notice" not in shown(session)[0]


def test_it_says_when_it_was_cut_short(store: Store, visit: TestServerSession) -> None:
    write_progress(store.path, Progress(600, 1200))
    os.utime(store.path / FILE, (1, 1))
    with visit as session:
        until(lambda: "cut short" in shown(session)[0])


def test_where_nothing_is_made_nothing_is_said(store: Store, visit: TestServerSession) -> None:
    with visit as session:
        notice, told = shown(session)
        assert "m-notice" not in notice
        assert MADE not in told


def test_a_screen_reader_hears_the_state_only() -> None:
    page = str(making_ui("making"))
    assert page.count('role="status"') == 1
    assert page.index('role="status"') > page.index("making-notice") or "visually-hidden" in page
