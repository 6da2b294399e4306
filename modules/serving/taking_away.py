"""A file that a visitor asks for before what it is made of is there waits for it, so long and no longer; else words come in its place."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import copy_context
from typing import Any, cast

from shiny import ui
from shiny.session._session import AppSession
from shiny.types import SafeException, SilentException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from data.errors import MoraineError

PATIENCE_S = 45.0
"""Seconds that a file waits; proxies cut an answer off that has not begun after sixty."""
LOOK_S = 0.2
WAITING = 4
"""Files that wait for one visit at a time."""
AGAIN_S = 10
NOT_YET = (
    "This file cannot be made yet: its trends or images are still being worked out, or nothing is chosen that could go into it. "
    "Wait until the page shows them, then ask again."
)


class TakenAway:
    """The files that are asked for in one visit."""

    def __init__(self) -> None:
        self._waiting = 0

    async def answer(self, session: AppSession, request: Request, make: Callable[[], Awaitable[ASGIApp]]) -> ASGIApp:
        """The file, or words why there is none, which the page shows too: a browser keeps to itself what came in place of a file.

        Args:
            session: The visit.
            request: What asks for the file.
            make: Shiny's answer; it, or its content, raises SilentException as long as there is nothing to make it of.
        """
        until = time.monotonic() + (PATIENCE_S if self._waiting < WAITING else 0.0)
        self._waiting += 1
        try:
            while True:
                try:
                    return await _begun(await make())
                except SilentException:
                    if time.monotonic() >= until or await request.is_disconnected():
                        return _told(session, NOT_YET, 503)
                except MoraineError as error:
                    return _told(session, f"{error.what}. {error.remedy}.", 422)
                except SafeException as error:
                    return _told(session, str(error), 422)
                await asyncio.sleep(LOOK_S)
        finally:
            self._waiting -= 1


def _told(session: AppSession, words: str, status: int) -> Response:
    ui.notification_show(words, type="warning", duration=20, id="moraine-no-file", session=session)
    return PlainTextResponse(words, status, {"Cache-Control": "no-store", **({"Retry-After": str(AGAIN_S)} if status == 503 else {})})


async def _begun(made: ASGIApp) -> ASGIApp:
    """An answer of which the first part is there: where making that fails, nothing has been sent yet, and what is sent can say so.

    One that has no more parts is sent whole, with its length.
    """
    if not isinstance(made, StreamingResponse):
        return made
    parts = _in_one_context(aiter(made.body_iterator))
    first = [part async for part in _at_most(2, parts)]
    headers = {name: value for name, value in made.headers.items() if name != "transfer-encoding"}
    if len(first) < 2:
        return Response(b"".join(first), made.status_code, headers)
    return _Parts(Response(None, made.status_code, headers), first, parts)


async def _at_most(most: int, parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    while most and (part := await anext(parts, None)) is not None:
        yield part
        most -= 1


async def _in_one_context(parts: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    """The parts, each made in the context of the first one: what makes them keeps there which visit it works for."""
    context = copy_context()
    while (part := await asyncio.create_task(_next(parts), context=context)) is not None:
        yield cast(bytes, part)


async def _next(parts: AsyncIterator[Any]) -> Any:
    return await anext(parts, None)


class _Parts:
    """Sends the parts of a file as they are made, the first ones of which are there."""

    def __init__(self, head: Response, first: list[bytes], more: AsyncIterator[bytes]) -> None:
        self._head, self._first, self._more = head, first, more

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        raw = [(name, value) for name, value in self._head.raw_headers if name != b"content-length"]
        await send({"type": "http.response.start", "status": self._head.status_code, "headers": raw})
        for part in self._first:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        self._first.clear()
        async for part in self._more:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
