"""What Shiny 1.8 does for every session at every turn though it concerns one or none: left out, so that a crowd costs what its clicks cost.

As it comes, every flush sends a frame to every session, every frame from a browser asks each of 130 outputs whether it is hidden, and every
widget of every visit adds a route that stays for good. And before 3.12 Python works out anew what a protocol asks for each time an object
is held against it: two fifths of making the page.
"""

from __future__ import annotations

import ctypes
import functools
import secrets
import sys
import typing
from collections.abc import Callable
from typing import Any, cast

from shiny import App
from shiny._connection import Connection  # pyright: ignore[reportPrivateUsage]
from shiny.session._session import AppSession, Outputs  # pyright: ignore[reportPrivateUsage]
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Router
from starlette.types import ASGIApp

from modules.serving.collecting import Collector, settled
from modules.serving.frames import Line
from modules.serving.opening import Begun, Prepare
from modules.serving.taking_away import TakenAway

M_ARENA_MAX = -8
"""As malloc.h of glibc numbers it."""
HIDDEN = ".clientdata_output_"
"""How the inputs begin that say which outputs are hidden."""


def spare_protocols() -> None:
    """Have Python know what each protocol asks for, as it does from 3.12 on."""
    if sys.version_info < (3, 12) and not hasattr(typing._get_protocol_attrs, "cache_info"):
        typing._get_protocol_attrs = functools.cache(typing._get_protocol_attrs)


def few_arenas() -> None:
    """Have all threads share two heaps, where glibc would give each its own, and keep what each freed. As MALLOC_ARENA_MAX=2 does,
    which not every host lets one set."""
    if sys.platform.startswith("linux"):
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
        if mallopt is not None:
            mallopt(M_ARENA_MAX, 2)


class LeanApp(App):
    """Shiny's app with sessions that cost less, and a page that is made once where it is the same for everybody."""

    same_for_all: Callable[[Request], object] = staticmethod(lambda _: None)
    """What the page of a request rests on, where it rests on nothing else; None where it may differ from others."""
    prepare: Prepare | None = None
    """Told what the address of a visit holds, before it begins."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._made: tuple[object, Response] | None = None
        self._dependency_handler.__class__ = OnceRouter
        router = self.starlette_app.router
        self._begun = 0
        router.lifespan_context = settled(router.lifespan_context, Collector(lambda: self._begun, lambda: len(self._sessions)))

    async def _on_root_request_cb(self, request: Request) -> Response:
        rests_on = self.same_for_all(request)
        if rests_on is None:
            return await super()._on_root_request_cb(request)
        if self._made is None or self._made[0] is not rests_on:
            self._made = rests_on, await super()._on_root_request_cb(request)
        return HTMLResponse(self._made[1].body)

    def _create_session(self, conn: Connection) -> AppSession:
        if self.prepare is not None:
            conn = cast(Connection, Begun(conn, self.prepare))
        session = LeanSession(self, secrets.token_hex(32), Line(conn), debug=self._debug)
        self._sessions[session.id] = session
        self._begun += 1
        return session


class OnceRouter(Router):
    """Mounts each place once: widgets mount the same folders for every visit."""

    def mount(self, path: str, app: ASGIApp, name: str | None = None) -> None:
        if not any(isinstance(route, Mount) and route.path == path.rstrip("/") for route in self.routes):
            super().mount(path, app, name)


class LeanSession(AppSession):
    """A session whose browser is told only what is new to it."""

    def __init__(self, *args: Any, **more: Any) -> None:
        self._stirred = False
        super().__init__(*args, **more)
        self._lean = LeanOutputs(self, self.ns, outputs={})
        self.output = self._lean
        self._files = TakenAway()

    async def _handle_request_impl(self, request: Request, action: str, subpath: str | None) -> ASGIApp:
        make = functools.partial(super()._handle_request_impl, request, action, subpath)
        return await (self._files.answer(self, request, make) if action == "download" else make())

    async def _flush(self) -> None:
        # Where something of it ran, the browser waits for a frame, even if nothing came of it.
        queued = self._outbound_message_queues
        callbacks = self._flush_callbacks.count() + self._flushed_callbacks.count()
        if self._stirred or callbacks or queued.values or queued.errors or queued.input_messages:
            self._stirred = False
            await super()._flush()

    def _increment_busy_count(self) -> None:
        self._stirred = True
        super()._increment_busy_count()

    def _manage_inputs(self, data: dict[str, object]) -> None:
        self._lean.told = any(name.startswith(HIDDEN) for name in data)
        super()._manage_inputs(data)


class LeanOutputs(Outputs):
    """Looks at what is hidden only when the browser said so."""

    told = True

    def _manage_hidden(self) -> None:
        if self.told:
            super()._manage_hidden()
