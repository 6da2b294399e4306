"""Datasets are opened beside the event loop: before a page, a visit or a column that needs one is worked on, not while all others wait.

To open one takes a tenth of a second for a thousand lakes, its tables as much again, and more on a slow disk.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, unquote

from starlette.types import ASGIApp, Receive, Scope, Send

from modules.serving.datasets import Datasets
from modules.serving.guard.line import route_of

RESOURCE = re.compile(r"/(?:columns|images)/([^/]+)/")
SEARCH = ".clientdata_url_search"
Prepare = Callable[[str], Awaitable[None]]


class Opened:
    """ASGI middleware: what a request is about is open before the app sees it.

    Args:
        app: What is wrapped.
        datasets: What is served.
    """

    def __init__(self, app: ASGIApp, datasets: Datasets) -> None:
        self._app, self._datasets = app, datasets

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            route = route_of(scope)
            named = RESOURCE.match(route)
            if named:
                await self._datasets.opened(unquote(named[1]), fresh=False)
            elif route == "/":
                await self._datasets.opened(name_in(scope["query_string"].decode("latin-1")))
        await self._app(scope, receive, send)


class Begun:
    """The connection of a visit, whose first message waits until its dataset is open: what Shiny makes of that message it makes with
    the one lock that all visits share.

    Args:
        connection: Shiny's.
        prepare: Told what the visit's address holds.
    """

    def __init__(self, connection: Any, prepare: Prepare) -> None:
        self._connection = connection
        self._prepare: Prepare | None = prepare

    async def receive(self) -> str:
        message: str = await self._connection.receive()
        prepare, self._prepare = self._prepare, None
        if prepare is not None:
            await prepare(_search(message))
        return message

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


def name_in(query: str) -> str | None:
    """The dataset that a query names."""
    return dict(parse_qsl(query.removeprefix("?"))).get("data")


def _search(message: str) -> str:
    """What the first message of a visit says of its address; empty where it says nothing that could be one."""
    try:
        said = json.loads(message)["data"][SEARCH]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return said if isinstance(said, str) else ""
