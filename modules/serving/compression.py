"""Answers on the line: each library under `lib/` is gzipped once and kept, the page and what is asked of a session each time."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import re

from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LEAST = 1_000
"""Bytes below which compressing saves nothing."""
HELD = 256
"""Files kept; Shiny's own libraries and ours are a few dozen."""


SESSION = re.compile(r"/session/\w+/dynamic_route/")
"""Tables and lists that a control fetches."""
Headers = list[tuple[bytes, bytes]]


class CompressedPages:
    """ASGI middleware for the page itself and what its controls fetch: 230 kB of HTML travel as 30. Images are compressed already.

    Args:
        app: What is wrapped.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._packing = GZipMiddleware(app, minimum_size=LEAST, compresslevel=6)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wanted = scope["type"] == "http" and (scope["path"].endswith("/") or SESSION.search(scope["path"]))
        await (self._packing if wanted else self._app)(scope, receive, send)


class CompressedLibraries:
    """ASGI middleware for `GET /lib/…`; everything else passes through untouched.

    A browser keeps a file for a day, then asks whether it is the same still, which costs it an answer without a body.

    Args:
        app: What is wrapped.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._held: dict[str, tuple[Headers, bytes]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _wanted(scope):
            await self._app(scope, receive, send)
            return
        path = scope["path"]
        if path not in self._held:
            status, headers, body = await self._answer(scope, receive)
            if status != 200 or len(body) < LEAST or len(self._held) >= HELD:
                await _reply(send, status, headers, body)
                return
            packed = await asyncio.to_thread(gzip.compress, body, 9, mtime=0)
            kept = [(k, v) for k, v in headers if k not in {b"content-length", b"etag", b"last-modified", b"cache-control"}]
            size = str(len(packed)).encode()
            more = [
                (b"content-encoding", b"gzip"),
                (b"content-length", size),
                (b"vary", b"Accept-Encoding"),
                (b"cache-control", b"max-age=86400"),
                (b"etag", f'"{hashlib.sha256(packed).hexdigest()[:16]}"'.encode()),
            ]
            self._held[path] = ([*kept, *more], packed)
        headers, packed = self._held[path]
        if (b"if-none-match", dict(headers)[b"etag"]) in scope["headers"]:
            await _reply(send, 304, [(k, v) for k, v in headers if k in {b"etag", b"vary", b"cache-control"}], b"")
        else:
            await _reply(send, 200, headers, packed)

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[int, Headers, bytes]:
        # A whole answer is wanted: neither a part of it nor "not modified".
        conditional = {b"range", b"if-none-match", b"if-modified-since"}
        plain = {**scope, "headers": [(k, v) for k, v in scope["headers"] if k not in conditional]}
        status, headers, parts = 500, [], []

        async def take(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status, headers = message["status"], list(message["headers"])
            else:
                parts.append(message.get("body", b""))

        await self._app(plain, receive, take)
        return status, headers, b"".join(parts)


def _wanted(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] != "GET" or "/lib/" not in scope["path"]:
        return False
    return any(key == b"accept-encoding" and b"gzip" in value for key, value in scope["headers"])


async def _reply(send: Send, status: int, headers: Headers, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
