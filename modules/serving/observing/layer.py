"""The outermost layer of the app: times and counts requests, and numbers what failed in one."""

from __future__ import annotations

import asyncio
import time

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from modules.serving.guard.line import route_of
from modules.serving.guard.policy import BARE, PLAIN
from modules.serving.observing.errors import Errors
from modules.serving.observing.metrics import Metrics, kind_of

EVERY = 1.0
"""Seconds between two looks at how late the event loop is."""
HEADERS = {**PLAIN, "Content-Security-Policy": BARE, "Cache-Control": "no-store"}
"""Of an answer that is made here: it does not pass the guard, which gives all others theirs."""


class Observed:
    """ASGI middleware for HTTP; everything else passes through untouched.

    Args:
        app: What is wrapped.
        metrics: Where requests are counted.
        errors: Numbers what failed.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, errors: Errors) -> None:
        self._app = app
        self._metrics = metrics
        self._errors = errors
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._look_at(asyncio.get_running_loop())
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        kind, began, status = kind_of(route_of(scope)), time.perf_counter(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._metrics.seconds.labels(kind).observe(time.perf_counter() - began)
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            words = self._errors.told(error, "request", f"a request of kind {kind}")
            if status:  # the answer had begun: all that is left is to break it off
                raise
            await PlainTextResponse(words, 500, HEADERS)(scope, receive, sending)
        finally:
            self._metrics.requests.labels(kind, str(status or 499)).inc()

    def _look_at(self, loop: asyncio.AbstractEventLoop) -> None:
        """Ask once a second how late the loop is, as long as it runs: while it is late every visit waits."""
        if loop is self._loop:
            return
        self._loop = loop

        def look(due: float) -> None:
            self._metrics.lag.observe(max(0.0, loop.time() - due))
            loop.call_later(EVERY, look, loop.time() + EVERY)

        loop.call_later(EVERY, look, loop.time() + EVERY)
