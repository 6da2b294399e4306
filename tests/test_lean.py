"""What concerns one visit costs the others nothing: they get no frame, ask no output, and leave nothing behind."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from shiny import Inputs, Outputs, Session, reactive, render, req, ui
from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request

from modules.serving.lean import LeanApp, LeanOutputs
from tests.asgi import finished, get
from tests.load.frames import messages

PAGE = ui.page_fluid(ui.output_text("said"))


class Line:
    """The server's end of a visit's connection: frames go in, frames come out."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self._said: asyncio.Queue[str] = asyncio.Queue()

    def say(self, method: str, **data: Any) -> None:
        self._said.put_nowait(json.dumps({"method": method, "data": data}))

    async def receive(self) -> str:
        return await self._said.get()

    async def send(self, message: str) -> None:
        self.sent += messages(message)

    async def close(self, code: int, reason: str | None) -> None:
        pass

    def get_http_conn(self) -> Any:
        return HTTPConnection({"type": "websocket", "headers": [], "path": "/", "query_string": b""})


def _app() -> LeanApp:
    def server(input: Inputs, output: Outputs, session: Session) -> None:
        @render.text
        def said() -> str:
            return f"{input.number()}"

        @render.text
        def stopped() -> str:
            req(input.other() < 2, cancel_output=True)
            return "there"

    return LeanApp(PAGE, server)


async def _settle() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


async def _visits(count: int) -> tuple[LeanApp, list[Line], list[asyncio.Task[None]]]:
    app, lines = _app(), [Line() for _ in range(count)]
    tasks = [asyncio.create_task(app._create_session(line)._run()) for line in lines]
    for line in lines:
        hidden = {f".clientdata_output_{name}_hidden": False for name in ("said", "stopped")}
        line.say("init", number=1, other=1, **hidden, **{".clientdata_url_search": ""})
    await _settle()
    return app, lines, tasks


def _texts(line: Line) -> list[str]:
    return [message["values"]["said"] for message in line.sent if "said" in message.get("values", {})]


def test_a_visit_hears_of_its_own_answers_and_of_nobody_elses() -> None:
    async def play() -> None:
        _, (one, other), tasks = await _visits(2)
        assert (_texts(one), _texts(other)) == (["1"], ["1"])
        before = len(other.sent)
        one.say("update", number=2)
        await _settle()
        assert _texts(one) == ["1", "2"]
        assert len(other.sent) == before, "the other visit gets no frame"
        for task in tasks:
            task.cancel()

    finished(play())


def test_an_output_that_gives_up_still_ends_its_turn() -> None:
    """The browser takes an output for busy until a frame of values comes, whether it has a value for it or not."""

    async def play() -> None:
        _, (line,), tasks = await _visits(1)
        line.sent.clear()
        line.say("update", other=5)
        await _settle()
        last = max(at for at, message in enumerate(line.sent) if message.get("recalculating", {}).get("name") == "stopped")
        assert any("values" in message for message in line.sent[last:])
        tasks[0].cancel()

    finished(play())


def test_outputs_are_looked_at_when_the_browser_says_what_is_hidden() -> None:
    async def play() -> None:
        app, (line,), tasks = await _visits(1)
        (session,) = app._sessions.values()
        line.say("update", **{".clientdata_output_said_hidden": True})
        await _settle()
        line.say("update", number=3)
        await _settle()
        assert _texts(line) == ["1"], "what is hidden is not drawn"
        assert isinstance(session.output, LeanOutputs)
        assert not session.output.told
        line.say("update", **{".clientdata_output_said_hidden": False})
        await _settle()
        assert _texts(line) == ["1", "3"]
        tasks[0].cancel()

    finished(play())


def test_a_place_is_mounted_once_however_many_widgets_ask_for_it() -> None:
    app = _app()
    before = len(app._dependency_handler.routes)
    for _ in range(100):
        app._dependency_handler.mount("/dist/", Starlette(), name="again")
        app._dependency_handler.mount("/nbextensions/plot", Starlette(), name="again")
    assert len(app._dependency_handler.routes) == before + 2


def test_a_value_that_all_visits_share_reaches_them_all() -> None:
    shared = reactive.Value(0)

    def server(input: Inputs, output: Outputs, session: Session) -> None:
        @render.text
        def said() -> str:
            return f"{shared()}"

    async def play() -> None:
        app, lines = LeanApp(PAGE, server), [Line(), Line()]
        tasks = [asyncio.create_task(app._create_session(line)._run()) for line in lines]
        for line in lines:
            line.say("init", **{".clientdata_output_said_hidden": False, ".clientdata_url_search": ""})
        await _settle()
        shared.set(7)
        lines[0].say("update", anything=1)
        await _settle()
        assert [_texts(line) for line in lines] == [["0", "7"], ["0", "7"]]
        for task in tasks:
            task.cancel()

    finished(play())


def test_a_page_that_rests_on_one_thing_is_made_once_for_each() -> None:
    made: list[str] = []

    def page(request: Request) -> ui.Tag:
        made.append(request.url.query)
        return ui.page_fluid(f"page {len(made)} of {request.url.query}")

    app, rests_on = LeanApp(page, None), [object()]
    app.same_for_all = lambda request: None if request.url.query else rests_on[0]
    one, again = (get(app.starlette_app, "/") for _ in range(2))
    assert one == again
    assert b"page 1 of" in one[2]
    assert b"page 2 of look=true" in get(app.starlette_app, "/?look=true")[2], "what a query changes is made for it"
    rests_on[0] = object()
    assert b"page 3 of" in get(app.starlette_app, "/")[2], "and so is what rests on something new"
    assert made == ["", "look=true", ""]
