"""A bare ASGI client: the bytes of an answer as they would go over the line, nothing decoded."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar
from urllib.parse import unquote

from starlette.types import ASGIApp

T = TypeVar("T")
Answer = tuple[int, dict[str, str], bytes]


async def fetch(app: ASGIApp, path: str, headers: dict[str, str] | None = None) -> Answer:
    """GET a path: status, headers (lower case), raw body."""
    sent: list[dict[str, Any]] = []

    asked = False

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if asked:  # nothing more comes before the answer
            await asyncio.Event().wait()
        asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    path, _, query = path.partition("?")
    scope = {
        "type": "http", "method": "GET", "path": unquote(path), "raw_path": path.encode(), "query_string": query.encode(),
        "root_path": "", "scheme": "http", "http_version": "1.1", "server": ("localhost", 80),
        "headers": [(k.encode(), v.encode()) for k, v in (headers or {}).items()],
    }  # fmt: skip
    await app(scope, receive, send)
    start = sent[0]
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return start["status"], {k.decode().lower(): v.decode() for k, v in start["headers"]}, body


def finished(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end on a loop of its own: `asyncio.run` would take away the loop that Shiny's in-memory sessions need."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()


def get(app: ASGIApp, path: str, headers: dict[str, str] | None = None) -> Answer:
    """`fetch`, for tests that are not async."""
    return finished(fetch(app, path, headers))
