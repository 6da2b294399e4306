"""What visits leave behind is looked for when nobody waits, or when it has become much."""

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest
from shiny import Inputs, Outputs, Session, reactive, ui
from shiny.session._session import AppSession

from modules.serving import collecting
from modules.serving.collecting import FEW, MADE, Collector
from modules.serving.lean import LeanApp
from tests.asgi import finished
from tests.test_lean import Line


class Visits:
    """So many have begun, and so many of them are there."""

    def __init__(self, begun: int, live: int) -> None:
        self.begun, self.live = begun, live

    def collector(self) -> Collector:
        return Collector(lambda: self.begun, lambda: self.live)


@pytest.fixture(autouse=True)
def _nothing_made() -> None:
    gc.collect()


def test_where_nothing_was_left_nothing_is_looked_for() -> None:
    collector = Visits(5, 5).collector()
    assert not collector.due(quiet=True)
    assert not collector.due(quiet=False)


def test_what_one_visit_left_waits_until_nobody_does() -> None:
    collector = Visits(5, 4).collector()
    assert not collector.due(quiet=False)
    assert collector.due(quiet=True)


@pytest.mark.parametrize("live", [0, 1, 10, 30])
def test_what_many_left_waits_for_nobody(live: int) -> None:
    visits = Visits(live + FEW + live // 2, live)
    collector = visits.collector()
    assert not collector.due(quiet=False)
    visits.begun += 1
    assert collector.due(quiet=False)


def test_much_that_is_new_is_looked_at_when_nobody_waits() -> None:
    collector = Visits(1, 1).collector()
    for _ in range(MADE):
        assert not collector.due(quiet=True)
        gc.collect(1)
    assert collector.due(quiet=True)
    assert not collector.due(quiet=False)


def test_looking_takes_its_share_of_the_time_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0

    def collect() -> None:
        nonlocal now
        now += 0.5

    visits = Visits(2, 1)
    collector = visits.collector()
    monkeypatch.setattr(collecting.time, "monotonic", lambda: now)
    monkeypatch.setattr(collecting.gc, "collect", collect)
    collector.collect()
    visits.begun += 1
    now += 0.5 / collecting.SHARE - 1
    assert not collector.due(quiet=True)
    now += 2
    assert collector.due(quiet=True)


def test_visits_that_ended_are_gone_soon_and_afterwards_python_looks_as_it_did_before() -> None:
    def server(input: Inputs, output: Outputs, session: Session) -> None:
        @reactive.effect
        def look() -> None:
            input.number()

    before = gc.get_threshold()
    app = LeanApp(ui.page_fluid(), server)

    async def begun() -> tuple[weakref.ref[AppSession], asyncio.Task[None]]:
        line = Line()
        session = app._create_session(line)
        task = asyncio.create_task(session._run())
        line.say("init", number=1, **{".clientdata_url_search": ""})
        await asyncio.sleep(0.05)
        return weakref.ref(session), task

    async def play() -> None:
        async with app.starlette_app.router.lifespan_context(app.starlette_app):
            assert gc.get_threshold() == (*before[:2], collecting.MOST_MADE)
            ended, task = await begun()
            task.cancel()
            await asyncio.wait([task])
            del task
            for _ in range(100):
                if ended() is None:
                    break
                await asyncio.sleep(0.1)
            assert ended() is None, "a visit that ended is still there"

    finished(play())
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0
