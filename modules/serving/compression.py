"""Libraries on the line: each file under `lib/` is gzipped once and kept, since a first visit brings megabytes of JavaScript."""

from __future__ import annotations

import asyncio
import gzip

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LEAST = 1_000
"""Bytes below which compressing saves nothing."""
HELD = 256
"""Files kept; Shiny's own libraries and ours are a few dozen."""


class CompressedLibraries:
    """ASGI middleware for `GET /lib/…`; everything else passes through untouched.

    Args:
        app: What is wrapped.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._held: dict[str, tuple[list[tuple[bytes, bytes]], bytes]] = {}

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
            packed = await asyncio.to_thread(gzip.compress, body, 6, mtime=0)
            kept = [(k, v) for k, v in headers if k not in {b"content-length", b"etag", b"last-modified", b"cache-control"}]
            size = str(len(packed)).encode()
            more = [
                (b"content-encoding", b"gzip"),
                (b"content-length", size),
                (b"vary", b"Accept-Encoding"),
                (b"cache-control", b"max-age=86400"),
            ]
            self._held[path] = ([*kept, *more], packed)
        await _reply(send, 200, *self._held[path])

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
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


async def _reply(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
