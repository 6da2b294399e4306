"""Uploads are stopped at the door: too large, too many, or sent by a page of somebody else's. Before a body is read, not after."""

from __future__ import annotations

import re
from collections import OrderedDict
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

UPLOAD = re.compile(r"/session/([0-9a-f]{1,128})/upload/")
VISIT_FACTOR = 8
"""A visit may upload so many times the size of one file in all."""
VISITS = 10_000
"""Visits whose uploads are counted; the ones counted longest ago are forgotten."""


class _TooLargeError(Exception):
    """The body has become larger than it may be."""


class UploadGuard:
    """ASGI middleware for uploads; everything else passes through untouched.

    Answers 403 to a foreign Origin, 413 to what is too large, by its Content-Length or while it comes in.

    Args:
        app: What is wrapped.
        most: Bytes of one upload.
    """

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most
        self._sent: OrderedDict[str, int] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        visit = UPLOAD.search(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if visit is None:
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if _foreign(headers):
            await PlainTextResponse("Files are taken from this app's own page only.", 403)(scope, receive, send)
            return
        room = self._room(visit[1])
        length = headers.get("content-length", "0")
        if not length.isdecimal() or len(length) > 18 or int(length) > room:
            await self._refuse(scope, receive, send, room)
            return
        await self._counted(visit[1], room, scope, receive, send)

    def _room(self, visit: str) -> int:
        """Bytes that a visit may still send in one upload."""
        return min(self._most, VISIT_FACTOR * self._most - self._sent.get(visit, 0))

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, room: int) -> None:
        most = f"A file may have {self._most / 2**20:.0f} MB."
        words = most if room >= self._most else f"{most} This visit has uploaded as much as it may: reload the page."
        await PlainTextResponse(words, 413, {"Connection": "close"})(scope, receive, send)

    async def _counted(self, visit: str, room: int, scope: Scope, receive: Receive, send: Send) -> None:
        taken, answered = 0, False

        async def counting() -> Message:
            nonlocal taken
            message = await receive()
            size = len(message.get("body", b""))
            taken += size
            self._add(visit, size)
            if taken > room:
                raise _TooLargeError
            return message

        async def sending(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            await self._app(scope, counting, sending)
        except _TooLargeError:
            if not answered:
                await self._refuse(scope, receive, send, self._most)

    def _add(self, visit: str, size: int) -> None:
        self._sent[visit] = self._sent.pop(visit, 0) + size
        while len(self._sent) > VISITS:
            self._sent.popitem(last=False)


def _foreign(headers: dict[str, str]) -> bool:
    """Whether a browser says that the request comes from a page of another host. What is no browser says nothing."""
    origin = headers.get("origin")
    if origin is None:
        return False
    hosts = {headers.get("host", "").lower(), headers.get("x-forwarded-host", "").split(",")[0].strip().lower()}
    return urlsplit(origin).netloc.lower() not in hosts - {""}
