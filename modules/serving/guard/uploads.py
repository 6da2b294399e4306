"""What is sent is stopped at the door where it is too large or too much: before a body is read, not after."""

from __future__ import annotations

import re
from collections import OrderedDict

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from modules.serving.guard.line import headers_of, refuse, route_of
from modules.serving.guard.room import Room

UPLOAD = re.compile(r"/session/([0-9a-f]{1,128})/upload/")
VISITS = 10_000
"""Visits whose uploads are counted; the ones counted longest ago are forgotten."""
BODY_MOST = 65_536
"""Bytes of what is sent and is no upload."""
NO_ROOM = "There is no room for files of visitors at the moment. Try again in some minutes: it comes back as other visits end."


class _TooLargeError(Exception):
    """The body has become larger than it may be."""


class Uploads:
    """ASGI middleware for what is sent. Answers 413 to what is too large, by its Content-Length or while it comes in, and 503
    where there is no room.

    Args:
        app: What is wrapped.
        most: Bytes of one upload.
        most_of_visit: Bytes of all uploads of a visit; not less than one may have.
        room: Where they go.
    """

    def __init__(self, app: ASGIApp, most: int, most_of_visit: int, room: Room) -> None:
        self._app = app
        self._most, self._most_of_visit, self._room_for_all = most, max(most, most_of_visit), room
        self._sent: OrderedDict[str, int] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = UPLOAD.match(route_of(scope)) if scope["method"] == "POST" else None
        visit = found[1] if found else None
        room = BODY_MOST if visit is None else self._room(visit)
        headers = headers_of(scope)
        length = headers.get("content-length", "0")
        if not length.isdecimal() or len(length) > 18 or int(length) > room:
            await refuse(scope, receive, send, 413, self._words(visit, room))
            return
        # Who says no length may send as much as there is room for.
        size = 0 if visit is None else int(length) if "content-length" in headers else room
        if visit is not None and not await self._room_for_all.has(size):
            await refuse(scope, receive, send, 503, NO_ROOM)
            return
        with self._room_for_all.kept_for(size):
            await self._counted(visit, room, scope, receive, send)

    def _room(self, visit: str) -> int:
        """Bytes that a visit may still send in one upload."""
        return min(self._most, self._most_of_visit - self._sent.get(visit, 0))

    def _words(self, visit: str | None, room: int) -> str:
        if visit is None:
            return "This is larger than anything that the app's page sends here."
        most = f"A file may have {self._most / 2**20:.0f} MB."
        return most if room >= self._most else f"{most} This visit has uploaded as much as it may: reload the page."

    async def _counted(self, visit: str | None, room: int, scope: Scope, receive: Receive, send: Send) -> None:
        taken, answered = 0, False

        async def counting() -> Message:
            nonlocal taken
            message = await receive()
            size = len(message.get("body", b""))
            taken += size
            if visit is not None:
                self._add(visit, size)
            # Uploads that run side by side were each let in for the same room.
            if taken > room or (visit is not None and self._sent[visit] > self._most_of_visit):
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
                await refuse(scope, receive, send, 413, self._words(visit, room if visit is None else self._most))

    def _add(self, visit: str, size: int) -> None:
        self._sent[visit] = self._sent.pop(visit, 0) + size
        while len(self._sent) > VISITS:
            self._sent.popitem(last=False)
