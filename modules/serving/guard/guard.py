"""The ASGI layer: judges each request and each WebSocket before the app sees it, and gives each answer its security headers."""

from __future__ import annotations

import logging
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from modules.serving.guard.full import full_page
from modules.serving.guard.line import headers_of, refuse, route_of, too_much
from modules.serving.guard.messages import Messages
from modules.serving.guard.origins import address_of, is_foreign, own_origins
from modules.serving.guard.policy import frames, page_policy, security_headers
from modules.serving.guard.room import Room
from modules.serving.guard.rules import Rules
from modules.serving.guard.seats import Seats
from modules.serving.guard.uploads import Uploads

FULL = 1013
"""The code a WebSocket is closed with where every place is taken: "try again later". A page that is reloaded then says so in words."""
SAFE = {"GET", "HEAD", "OPTIONS"}

log = logging.getLogger(__name__)


class Guard:
    """ASGI middleware.

    Args:
        app: What is guarded.
        rules: What it goes by.
        seats: The places of this process.
        upload_most: Bytes of one upload.
        tiles: Addresses of map tiles that the page may ask for.
        temporary: Where uploads go; None: it is not known.
    """

    def __init__(
        self, app: ASGIApp, rules: Rules, seats: Seats, *, upload_most: int, tiles: tuple[str, ...], temporary: Path | None = None
    ) -> None:
        self._app, self._rules, self._seats = app, rules, seats
        room = Room(temporary, rules.temporary_mb * 2**20)
        self._uploads = Uploads(app, upload_most, rules.visit_mb * 2**20, room)
        self._page = page_policy(rules, tiles)
        self._told: set[str] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, self._sealed(send))
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        trouble = too_much(scope)
        if trouble is not None:
            await refuse(scope, receive, send, *trouble)
        elif scope["method"] not in SAFE:
            if self._is_foreign(scope):
                await refuse(scope, receive, send, 403, "This app takes what its own page sends, and nothing else.")
            else:
                await self._uploads(scope, receive, send)
        elif route_of(scope) == "/" and scope["method"] != "OPTIONS" and not await self._has_place(scope):
            await full_page(self._seats.most, frames(self._rules))(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _has_place(self, scope: Scope) -> bool:
        # HEAD only asks: by it a page that waits learns that it need not any more.
        address = address_of(scope, self._rules)
        return self._seats.is_free(address) if scope["method"] == "HEAD" else await self._seats.hold(address)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        trouble = too_much(scope)
        if trouble is not None or self._is_foreign(scope):
            await refuse(scope, receive, send, *(trouble or (403, "This page is not one of the app's own.")))
        elif not self._seats.take(address := address_of(scope, self._rules)):
            await receive()  # its "connect"
            # Accepted first: a browser tells its page no reason of a connection that never was.
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.close", "code": FULL, "reason": "Every place is taken. Try again in a moment."})
        else:
            try:
                await self._app(scope, Messages(receive, send, self._rules.idle_s), send)
            finally:
                self._seats.give_back(address)

    def _is_foreign(self, scope: Scope) -> bool:
        if not is_foreign(scope, self._rules):
            return False
        said = headers_of(scope)["origin"][:200]
        if said not in self._told and len(self._told) < 100:  # once each: nobody fills the log so
            self._told.add(said)
            known = sorted(self._rules.origins or own_origins(scope, self._rules))
            log.warning(
                "refused what a page of %r sends: its own pages are %s; if this is one too, name it in MORAINE_ORIGINS", said, known
            )
        return True

    def _sealed(self, send: Send) -> Send:
        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name.lower(): value for name, value in message.get("headers", [])}
                kind = given.get(b"content-type", b"").decode("latin-1").lower()
                wanted = security_headers(self._rules, kind, self._page)
                more = [(name.lower().encode(), value.encode()) for name, value in wanted.items()]
                message["headers"] = [*message.get("headers", []), *((name, value) for name, value in more if name not in given)]
            await send(message)

        return sealed
