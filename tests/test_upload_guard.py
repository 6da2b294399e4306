"""Uploads are judged before they are read: size, how much in all, and whose page sent them."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from modules.serving.upload_guard import VISIT_FACTOR, UploadGuard
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


def post(guard: UploadGuard, pieces: list[int], path: str = PATH, method: str = "POST", **headers: str) -> tuple[int, str]:
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
def guard(taker: Taker) -> UploadGuard:
    return UploadGuard(taker, MOST)


def test_what_fits_passes(guard: UploadGuard, taker: Taker) -> None:
    assert post(guard, [400, 600], content_length="1000") == (200, "ok")
    assert taker.taken == 1000


def test_what_declares_too_much_is_not_read_at_all(guard: UploadGuard, taker: Taker) -> None:
    status, words = post(guard, [10], content_length="1001")
    assert (status, taker.called) == (413, 0)
    assert "A file may have" in words


@pytest.mark.parametrize("length", [None, "5", "-1", "x", "9" * 30])
def test_what_lies_about_its_length_is_cut_off(guard: UploadGuard, taker: Taker, length: str | None) -> None:
    headers = {} if length is None else {"content_length": length}
    assert post(guard, [400] * 10, **headers)[0] == 413
    assert taker.taken <= 1000


def test_a_visit_may_upload_so_much_and_another_visit_again(guard: UploadGuard, taker: Taker) -> None:
    for _ in range(VISIT_FACTOR):
        assert post(guard, [MOST], content_length=str(MOST))[0] == 200
    status, words = post(guard, [1], content_length="1")
    assert status == 413
    assert "reload the page" in words
    assert post(guard, [1], path="/session/ffff/upload/1")[0] == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200), ({"origin": "https://moraine.example"}, 200), ({"origin": "https://MORAINE.example"}, 200),
        ({"origin": "https://evil.example"}, 403), ({"origin": "null"}, 403), ({"origin": "https://moraine.example.evil.example"}, 403),
        ({"origin": "https://public.example", "x_forwarded_host": "public.example"}, 200),
    ],
)  # fmt: skip
def test_a_page_of_another_host_may_not_send(guard: UploadGuard, taker: Taker, headers: dict[str, str], status: int) -> None:
    assert post(guard, [5], **headers)[0] == status
    assert taker.called == (status == 200)


@pytest.mark.parametrize(("path", "method"), [("/session/0123abcd/upload/77ff", "GET"), ("/images/x", "POST"), ("/", "POST")])
def test_everything_else_passes_untouched(guard: UploadGuard, path: str, method: str) -> None:
    assert post(guard, [5000], path=path, method=method, origin="https://evil.example")[0] == 200


def test_websockets_pass(guard: UploadGuard, taker: Taker) -> None:
    async def nothing(*_: Any) -> Any:
        return {}

    finished(guard({"type": "websocket", "path": PATH, "headers": []}, nothing, nothing))
    assert taker.called == 1
