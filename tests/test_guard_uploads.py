"""What is sent is judged before it is read: how large, and how much in all."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from modules.serving.guard.uploads import BODY_MOST, VISIT_FACTOR, Uploads
from tests.asgi import finished

MOST = 1000
PATH = "/session/0123abcd/upload/77ff?w="


class Taker:
    """An app that reads whatever comes, piece by piece, then answers 200."""

    def __init__(self) -> None:
        self.taken = 0
        self.called = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.called += 1
        if scope["type"] == "http":
            more = True
            while more:
                message = await receive()
                self.taken += len(message.get("body", b""))
                more = message.get("more_body", False)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})


def post(guard: Uploads, pieces: list[int], path: str = PATH, method: str = "POST", **headers: str) -> tuple[int, str]:
    """Send a body in pieces of these sizes; the status and the text of the answer."""
    sent: list[Message] = []
    bodies = iter(pieces or [0])
    left = len(pieces or [0])

    async def receive() -> dict[str, Any]:
        nonlocal left
        left -= 1
        return {"type": "http.request", "body": b"x" * next(bodies), "more_body": left > 0}

    async def send(message: Message) -> None:
        sent.append(message)

    named = {"host": "moraine.example", **{key.replace("_", "-"): value for key, value in headers.items()}}
    scope = {
        "type": "http", "method": method, "path": path.partition("?")[0],
        "headers": [(key.encode(), value.encode()) for key, value in named.items()],
    }  # fmt: skip
    finished(guard(scope, receive, send))
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:]).decode()


@pytest.fixture
def taker() -> Taker:
    return Taker()


@pytest.fixture
def guard(taker: Taker) -> Uploads:
    return Uploads(taker, MOST)


def test_what_fits_passes(guard: Uploads, taker: Taker) -> None:
    assert post(guard, [400, 600], content_length="1000") == (200, "ok")
    assert taker.taken == 1000


def test_what_declares_too_much_is_not_read_at_all(guard: Uploads, taker: Taker) -> None:
    status, words = post(guard, [10], content_length="1001")
    assert (status, taker.called) == (413, 0)
    assert "A file may have" in words


@pytest.mark.parametrize("length", [None, "5", "-1", "x", "9" * 30])
def test_what_lies_about_its_length_is_cut_off(guard: Uploads, taker: Taker, length: str | None) -> None:
    headers = {} if length is None else {"content_length": length}
    assert post(guard, [400] * 10, **headers)[0] == 413
    assert taker.taken <= 1000


def test_a_visit_may_upload_so_much_and_another_visit_again(guard: Uploads, taker: Taker) -> None:
    for _ in range(VISIT_FACTOR):
        assert post(guard, [MOST], content_length=str(MOST))[0] == 200
    status, words = post(guard, [1], content_length="1")
    assert status == 413
    assert "reload the page" in words
    assert post(guard, [1], path="/session/ffff/upload/1")[0] == 200


def test_uploads_side_by_side_take_no_more_than_one_after_the_other(guard: Uploads, taker: Taker) -> None:
    statuses: list[int] = []

    async def one(begun: asyncio.Barrier) -> None:
        first = True

        async def receive() -> dict[str, Any]:
            nonlocal first
            if first:  # all have been let in before any has sent a byte
                first = False
                await begun.wait()
            return {"type": "http.request", "body": b"x" * MOST, "more_body": False}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        await guard({"type": "http", "method": "POST", "path": PATH.partition("?")[0], "headers": [(b"host", b"x")]}, receive, send)

    async def all_at_once() -> None:
        begun = asyncio.Barrier(3 * VISIT_FACTOR)
        await asyncio.gather(*(one(begun) for _ in range(3 * VISIT_FACTOR)))

    finished(all_at_once())
    assert statuses.count(200) == VISIT_FACTOR
    assert statuses.count(413) == 2 * VISIT_FACTOR
    assert taker.taken == VISIT_FACTOR * MOST


@pytest.mark.parametrize(("path", "method"), [("/session/0123abcd/upload/77ff", "PUT"), ("/session/0123abcd/x/1", "POST"), ("/", "POST")])
def test_what_is_no_upload_is_small(guard: Uploads, taker: Taker, path: str, method: str) -> None:
    assert post(guard, [BODY_MOST], path=path, method=method, content_length=str(BODY_MOST))[0] == 200
    assert post(guard, [BODY_MOST, 1], path=path, method=method)[0] == 413
    assert taker.taken <= 2 * BODY_MOST
