"""The guard in front of the running app: what comes in is judged, what goes out carries its headers, and no place is lost or leaked."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from shiny import ui
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from modules.serving.assets import assets
from modules.serving.guard import seats as seats_module
from modules.serving.guard.guard import FULL
from modules.serving.guard.line import HEADERS_MOST, URL_MOST
from modules.serving.guard.messages import BURST, IDLE, MESSAGE_MOST, TOO_LARGE, Messages
from modules.serving.guard.policy import INLINE, hash_of
from modules.serving.guard.rules import Rules
from tests.asgi import finished
from tests.datasets import small_dataset
from tests.load.frames import messages
from tests.load.inside import served_here

PLACES = 3


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seats_module, "PATIENCE_S", 0.3)
        with served_here(small_dataset(tmp_path_factory.mktemp("guard") / "small"), guard=Rules(sessions=PLACES)) as (url, _):
            yield url


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of one with room for all, that a host may frame."""
    rules = Rules(frame_ancestors=("https://slides.example",))
    with served_here(small_dataset(tmp_path_factory.mktemp("wide") / "small"), guard=rules) as (url, _):
        yield url


def ask(url: str, method: str = "GET", body: bytes | None = None, **headers: str) -> tuple[int, dict[str, str], str]:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, named, method=method), timeout=20) as answer:
            return answer.status, {key.lower(): value for key, value in answer.headers.items()}, answer.read().decode("latin-1")
    except urllib.error.HTTPError as error:
        return error.code, {key.lower(): value for key, value in error.headers.items()}, error.read().decode("latin-1")


def opened(url: str, **more: Any) -> connect:
    return connect(f"ws://{urlsplit(url).netloc}/websocket/", open_timeout=20, **more)


async def told(socket: ClientConnection) -> str:
    """What the app says first."""
    return json.loads(await asyncio.wait_for(socket.recv(), 20))["config"]["sessionId"]


async def code(socket: ClientConnection) -> int | None:
    """The code that it is closed with."""
    try:
        while True:
            await asyncio.wait_for(socket.recv(), 20)
    except ConnectionClosed as closed:
        return closed.rcvd.code if closed.rcvd else None


async def status(url: str, method: str = "GET") -> int:
    return (await asyncio.to_thread(ask, url, method))[0]


def test_every_place_can_be_taken_and_comes_back(url: str) -> None:
    async def play() -> None:
        for _ in range(2):  # the second time: all came back
            sockets = []
            for _ in range(PLACES):
                assert await status(url) == 200
                sockets.append(await opened(url))
                await told(sockets[-1])
            answered, headers, words = await asyncio.to_thread(ask, f"{url}/?lake=1")
            assert (answered, headers["retry-after"], headers["cache-control"]) == (503, "15", "no-store")
            assert f"All {PLACES} places are taken" in words
            assert await status(url, "HEAD") == 503
            assert await code(await opened(url)) == FULL
            assert await status(f"{url}/favicon.svg") == 200  # those who are in go on
            await sockets[0].close()
            sockets[1].transport.abort()  # a visitor whose machine fell asleep
            await sockets[2].close()

    finished(play())


def test_a_page_on_which_nothing_is_done_gives_its_place_back(tmp_path: Path) -> None:
    """Words first, then the end; what the page says by itself (that nothing has changed) is nothing done, a click is."""
    place = {"protocol": "http:", "hostname": "127.0.0.1", "port": "80", "pathname": "/", "search": ""}
    begun = {"method": "init", "data": {f".clientdata_url_{name}": value for name, value in place.items()}}

    async def until_idle(socket: ClientConnection) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        with contextlib.suppress(ConnectionClosed):
            while True:
                found += messages(await asyncio.wait_for(socket.recv(), 20))
        assert socket.close_code == IDLE
        return [each["custom"]["moraine-idle"] for each in found if "moraine-idle" in each.get("custom", {})]

    async def say(socket: ClientConnection, data: dict[str, Any], times: int) -> None:
        with contextlib.suppress(ConnectionClosed):
            for _ in range(times):
                await socket.send(json.dumps({"method": "update", "data": data}, separators=(",", ":")))
                await asyncio.sleep(0.3)

    async def play(url: str, app: Any) -> None:
        idle, busy = await opened(url), await opened(url)
        for socket in (idle, busy):
            await told(socket)
            await socket.send(json.dumps(begun))
        talking = asyncio.gather(say(idle, {}, 12), say(busy, {"page": "explore"}, 12))
        assert await until_idle(idle) == [{"minutes": 1}]
        assert len(app._sessions) == 1, "its session has ended, and the other has not"
        assert await status(url, "HEAD") == 200, "its place is free"
        await talking
        assert await until_idle(busy) == [{"minutes": 1}]

    with served_here(small_dataset(tmp_path / "small"), guard=Rules(sessions=2, idle_s=2.5)) as (url, app):
        finished(play(url, app))


def test_a_page_that_was_served_finds_its_place(url: str) -> None:
    """Many at once: as many pages as there are places, and each of them connects, whoever else tries to."""

    async def play() -> None:
        answers = await asyncio.gather(*(status(url) for _ in range(PLACES + 4)))
        assert sorted(answers) == [200] * PLACES + [503] * 4
        sockets = [await opened(url) for _ in range(PLACES)]
        for socket in sockets:
            await told(socket)
        assert await code(await opened(url)) == FULL
        await asyncio.gather(*(socket.close() for socket in sockets))
        assert await status(url) == 200
        async with opened(url) as socket:  # takes the place that the page above holds
            await told(socket)

    finished(play())


def test_a_page_of_another_host_gets_no_connection_and_sends_nothing(wide: str) -> None:
    async def play() -> None:
        with pytest.raises(InvalidStatus) as refused:
            await opened(wide, origin="https://evil.example")
        assert refused.value.response.status_code == 403
        async with opened(wide, origin=wide) as socket:
            await told(socket)

    finished(play())
    assert ask(f"{wide}/session/0123/upload/1", "POST", b"x", Origin="https://evil.example")[0] == 403
    assert ask(f"{wide}/session/0123/upload/1", "POST", b"x", Origin=wide)[0] == 404


def test_a_message_that_is_too_large_ends_its_own_connection_alone(wide: str) -> None:
    async def play() -> None:
        async with opened(wide) as other, opened(wide) as socket:
            await told(other)
            await told(socket)
            await socket.send("x" * (MESSAGE_MOST + 1))
            assert await code(socket) == TOO_LARGE
            await other.ping()
        assert await status(wide) == 200

    finished(play())


@pytest.mark.parametrize(
    ("path", "headers", "expected"),
    [
        ("/?" + "x" * (URL_MOST - 2), {}, 200), ("/?" + "x" * URL_MOST, {}, 414),
        ("/", {f"X-{number}": "x" for number in range(101)}, 431), ("/favicon.svg", {"Cookie": "x" * 60_000}, 200),
    ],
)  # fmt: skip
def test_lines_that_nobody_sends_in_good_faith(wide: str, path: str, headers: dict[str, str], expected: int) -> None:
    assert ask(wide + path, **headers)[0] == expected
    assert HEADERS_MOST > 60_000


@pytest.mark.parametrize("path", ["/", "/favicon.svg", f"/{assets()['moraine.js'].url}", "/nothing-here"])
def test_every_answer_carries_the_headers(wide: str, path: str) -> None:
    _, headers, _ = ask(wide + path)
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"]
    assert "x-frame-options" not in headers  # it could not name the host that may
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    if path == "/":
        assert policy["frame-ancestors"] == "'self' https://slides.example"
        assert not re.search("unsafe|blob:|data:", policy["script-src"] + policy["worker-src"])
        assert policy["script-src-attr"] == "'none'"


def test_the_page_has_no_inline_script_but_those_that_are_known(wide: str) -> None:
    _, headers, page = ask(wide)
    scripts = [text for kind, text in re.findall(r"<script([^>]*)>(.*?)</script>", page, re.DOTALL) if text and "application/" not in kind]
    assert scripts
    assert set(scripts) <= set(INLINE), "Shiny or bslib write another one: look at it, then add it to INLINE"
    scripts += re.findall(r"<script>(.*?)</script>", str(ui.modal()), re.DOTALL)
    assert set(scripts) <= set(INLINE), "Shiny opens dialogs by another one"
    assert all(hash_of(script) in headers["content-security-policy"] for script in scripts)
    assert not re.search(r"""<[^>]+\son[a-z]+=["']""", page)


def test_a_flood_of_messages_is_read_at_the_pace_of_a_hand() -> None:
    async def play() -> tuple[int, int]:
        async def receive() -> dict[str, str]:
            return {"type": "websocket.receive", "text": "{}"}

        async def send(_: Any) -> None: ...

        read, messages = 0, Messages(receive, send)

        async def drink() -> None:
            nonlocal read
            while True:
                await messages()
                read += 1

        turns = 0
        drinking = asyncio.create_task(drink())
        while turns < 20:
            await asyncio.sleep(0.01)
            turns += 1
        drinking.cancel()
        return read, turns

    read, turns = finished(play())
    assert BURST <= read < BURST * 1.5
    assert turns == 20  # others had their turns meanwhile
