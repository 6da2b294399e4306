"""What is said in one go travels together and in order; a browser that reads nothing holds up nobody."""

from __future__ import annotations

import asyncio
import json
import logging

import pytest
from shiny import Inputs, Outputs, Session, render
from starlette.requests import HTTPConnection

from modules.serving.frames import BACKLOG, Line
from modules.serving.lean import LeanApp
from tests.asgi import finished
from tests.load.frames import messages
from tests.test_lean import PAGE
from tests.test_lean import Line as Browser


class Wire:
    """A connection whose frames are taken one by one, or not at all."""

    def __init__(self, *said: str) -> None:
        self.frames: list[str] = []
        self.closed: list[tuple[int, str | None]] = []
        self.reads = asyncio.Event()
        self._said = list(said)

    async def send(self, message: str) -> None:
        await self.reads.wait()
        self.frames.append(message)

    async def receive(self) -> str:
        return self._said.pop(0)

    async def close(self, code: int, reason: str | None) -> None:
        self.closed.append((code, reason))

    def get_http_conn(self) -> HTTPConnection:
        return HTTPConnection({"type": "websocket", "headers": [], "path": "/", "query_string": b""})


def _said(number: int) -> str:
    return json.dumps({"custom": {"number": number}})


async def _turns(count: int = 5) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


def test_what_is_said_in_one_turn_is_one_frame_and_one_alone_is_as_it_was() -> None:
    async def play() -> None:
        wire = Wire()
        wire.reads.set()
        line = Line(wire)  # pyright: ignore[reportArgumentType]
        for number in range(50):
            await line.send(_said(number))
        assert not wire.frames
        await _turns()
        await line.send(_said(50))
        await _turns()
        assert [messages(frame) for frame in wire.frames] == [[{"custom": {"number": each}} for each in range(50)], [json.loads(_said(50))]]
        assert wire.frames[1] == _said(50)

    finished(play())


def test_what_comes_while_a_frame_is_on_its_way_follows_in_order_and_goodbye_comes_last() -> None:
    async def play() -> None:
        wire = Wire()
        line = Line(wire)  # pyright: ignore[reportArgumentType]
        for number in range(9):
            await line.send(_said(number))
            await _turns(number % 3)
        assert not wire.frames, "nothing is read yet, and nobody waited"
        wire.reads.set()
        await _turns()
        await line.send(_said(9))
        await line.close(1001, None)
        came = [message["custom"]["number"] for frame in wire.frames for message in messages(frame)]
        assert came == list(range(10))
        assert wire.closed == [(1001, None)]
        await _turns()
        assert len(wire.frames) <= 4, "and nothing twice"

    finished(play())


def test_a_browser_that_reads_nothing_is_given_up_at_last(caplog: pytest.LogCaptureFixture) -> None:
    async def play() -> None:
        wire = Wire()
        line = Line(wire)  # pyright: ignore[reportArgumentType]
        with caplog.at_level(logging.WARNING):
            for _ in range(5):
                await line.send(json.dumps("x" * (BACKLOG // 4)))
                await _turns()
        assert [code for code, _ in wire.closed] == [1008]
        assert "reads nothing" in caplog.text

    finished(play())


def test_empty_updates_are_not_heard() -> None:
    async def play() -> None:
        empty, spaced, full = '{"method":"update","data":{}}', '{"method": "update", "data": {}}', '{"method":"update","data":{"a":1}}'
        line = Line(Wire(empty, spaced, full, empty, full))  # pyright: ignore[reportArgumentType]
        assert [await line.receive() for _ in range(2)] == [full, full]

    finished(play())


class _Deaf(Browser):
    """Its frames are never taken, once it has opened."""

    deaf = False

    async def send(self, message: str) -> None:
        if self.deaf:
            await asyncio.Event().wait()
        await super().send(message)


def test_a_visit_is_answered_while_another_reads_nothing() -> None:
    def server(input: Inputs, output: Outputs, session: Session) -> None:
        @render.text
        def said() -> str:
            return f"{input.number()}"

    async def play() -> None:
        app, deaf, other = LeanApp(PAGE, server), _Deaf(), Browser()
        tasks = [asyncio.create_task(app._create_session(line)._run()) for line in (deaf, other)]
        for line in (deaf, other):
            line.say("init", number=1, **{".clientdata_output_said_hidden": False, ".clientdata_url_search": ""})
        await _turns(50)
        deaf.deaf = True
        deaf.say("update", number=2)
        other.say("update", number=2)
        await _turns(50)
        assert [message["values"]["said"] for message in other.sent if message.get("values")] == ["1", "2"]
        for task in tasks:
            task.cancel()

    finished(play())
