"""What is sent is judged before it is read: how large, and how much in all."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from modules.serving.guard.room import SPARE, Room, bytes_in
from modules.serving.guard.uploads import BODY_MOST, NO_ROOM, Uploads
from tests.asgi import finished

MOST = 1000
TIMES = 5
"""So many of the largest uploads may come from one visit."""
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
    return Uploads(taker, MOST, TIMES * MOST, Room(None, 0))


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
    for _ in range(TIMES):
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
        begun = asyncio.Barrier(3 * TIMES)
        await asyncio.gather(*(one(begun) for _ in range(3 * TIMES)))

    finished(all_at_once())
    assert statuses.count(200) == TIMES
    assert statuses.count(413) == 2 * TIMES
    assert taker.taken == TIMES * MOST


@pytest.mark.parametrize(("path", "method"), [("/session/0123abcd/upload/77ff", "PUT"), ("/session/0123abcd/x/1", "POST"), ("/", "POST")])
def test_what_is_no_upload_is_small(guard: Uploads, taker: Taker, path: str, method: str) -> None:
    assert post(guard, [BODY_MOST], path=path, method=method, content_length=str(BODY_MOST))[0] == 200
    assert post(guard, [BODY_MOST, 1], path=path, method=method)[0] == 413
    assert taker.taken <= 2 * BODY_MOST


def test_a_visit_may_hand_in_one_of_the_largest_files_whatever_it_may_in_all(taker: Taker) -> None:
    assert post(Uploads(taker, MOST, 1, Room(None, 0)), [MOST], content_length=str(MOST))[0] == 200


def test_what_all_visits_have_there_together_is_bounded(taker: Taker, tmp_path: Path) -> None:
    """Files of whoever they are and whatever made them; what goes makes room again."""
    other = tmp_path / "own-table" / "areas.parquet"
    other.parent.mkdir()
    other.write_bytes(bytes(2 * MOST))
    assert bytes_in(tmp_path) == 2 * MOST

    def sent(size: int, **headers: str) -> tuple[int, str]:
        return post(Uploads(taker, MOST, TIMES * MOST, Room(tmp_path, 2 * MOST + 400)), [size], **headers)

    assert sent(400, content_length="400") == (200, "ok")
    assert sent(401, content_length="401") == (503, NO_ROOM)
    assert sent(10) == (503, NO_ROOM), "who says no length may send as much as one file may have"
    assert taker.taken == 400
    other.unlink()
    assert sent(401, content_length="401")[0] == 200


def test_nothing_is_taken_that_the_disk_has_no_room_for(taker: Taker, tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    guard = Uploads(taker, 2 * free, 2 * free, Room(tmp_path, 4 * free))
    assert post(guard, [1], content_length=str(free - SPARE // 2)) == (503, NO_ROOM)
    assert post(guard, [1], content_length=str(free // 2))[0] == 200


def test_what_is_on_its_way_has_its_room(taker: Taker, tmp_path: Path) -> None:
    """Uploads side by side, before any of them has written a byte."""
    room = Room(tmp_path, 3 * MOST)

    async def play() -> list[bool]:
        with room.kept_for(MOST), room.kept_for(MOST):
            found = [await room.has(MOST), await room.has(MOST + 1)]
        return [*found, await room.has(3 * MOST), await room.has(3 * MOST + 1)]

    assert finished(play()) == [True, False, True, False]
