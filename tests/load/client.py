"""A visitor without a browser: speaks Shiny's WebSocket protocol, and knows what each answer belongs to."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect

PLOTS = ("explore-volcano-plot", "explore-map-plot", "explore-series-plot")
SENTENCE = "explore-focus-sentence"
WITHIN_S = 60.0


class Visitor:
    """One session. A step ends when the awaited outputs have arrived and the server is idle again.

    Args:
        socket: The connection.
    """

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._presses = 0
        self.values: dict[str, Any] = {}
        self.custom: list[dict[str, Any]] = []
        self.received = 0

    async def send(self, method: str, **data: Any) -> None:
        """Send inputs, as `init` or `update`."""
        await self._socket.send(json.dumps({"method": method, "data": data}))

    async def until(self, outputs: Iterable[str] = (), *, plots: int = 0, idle: bool = True) -> float:
        """Wait for these outputs (or so many widget messages), then for idle; returns the seconds until the last output came."""
        began, waiting, seen, busy, came = time.perf_counter(), set(outputs), 0, True, 0.0
        while waiting or seen < plots or (busy and idle):
            raw = await asyncio.wait_for(self._socket.recv(), WITHIN_S)
            self.received += len(raw)
            message = json.loads(raw)
            arrived = message.get("values", {})
            self.values |= arrived
            if message.get("errors"):
                raise RuntimeError(f"the server answered with errors: {message['errors']}")
            if waiting & arrived.keys():
                came = time.perf_counter() - began
            waiting -= arrived.keys()
            custom = message.get("custom", {})
            if custom:
                self.custom.append(custom)
                seen += any(name.startswith("shinywidgets_comm") for name in custom)
            if "busy" in message:
                busy = message["busy"] == "busy"
        return came

    async def press(self, button: str, outputs: Iterable[str]) -> float:
        """Press an action button; returns the seconds until the outputs had come."""
        self._presses += 1
        await self.send("update", **{f"{button}:shiny.action": self._presses})
        return await self.until(outputs)

    async def next_lake(self) -> tuple[float, str]:
        """Press ›; returns the seconds until the focus line had come, and what it says."""
        seconds = await self.press("explore-focus-next", [SENTENCE])
        return seconds, self.sentence

    async def opened(self) -> None:
        """Wait until the focus line says all: on a replica that has just begun it comes empty at first, then without the triage."""
        while self.values[SENTENCE] is None or "triage" not in self.sentence:
            await self.until([SENTENCE])

    @property
    def sentence(self) -> str:
        """What the focus line says."""
        return words_of(self.values[SENTENCE])

    @property
    def query(self) -> str:
        """What the address bar would show, from the `?` on."""
        return next((f"?{each['moraine-url']['query']}" for each in reversed(self.custom) if "moraine-url" in each), "")


def words_of(value: Any) -> str:
    """What an output of HTML says."""
    return re.sub(r"<[^>]+>", "", value["html"])


@asynccontextmanager
async def visiting(
    url: str, query: str = "", plots: Iterable[str] = PLOTS, headers: Mapping[str, str] | None = None, outputs: Iterable[str] = ()
) -> AsyncIterator[Visitor]:
    """Open a visit as a browser would, with the plots and the focus line on screen.

    Args:
        url: The address of the app, with its prefix where it has one; no slash at the end.
        query: What follows it, from the `?` on.
        plots: Those on screen.
        headers: More than a browser's own, e.g. a cookie.
        outputs: Other outputs on screen.
    """
    host = urlsplit(url)
    socket_url, origin = f"ws://{host.netloc}{host.path}/websocket/", f"{host.scheme}://{host.netloc}"
    async with connect(socket_url, max_size=None, origin=origin, additional_headers=headers) as socket:
        visitor = Visitor(socket)
        await asyncio.wait_for(socket.recv(), WITHIN_S)
        client = {"url_protocol": "http:", "url_hostname": host.hostname, "url_port": str(host.port), "url_pathname": f"{host.path}/",
                  "url_search": query, "pixelratio": 1}  # fmt: skip
        shown = {f".clientdata_output_{name}_hidden": False for name in (*plots, SENTENCE, *outputs)}
        sizes = {f".clientdata_output_{name}_{side}": 400 for name in plots for side in ("width", "height")}
        buttons = {f"explore-focus-{name}:shiny.action": 0 for name in ("next", "previous", "clear")}
        data = {f".clientdata_{name}": value for name, value in client.items()}
        await visitor.send("init", **data, **shown, **sizes, **buttons, **{"explore-map-basemap": "none", "explore-log_area": False})
        await visitor.until([SENTENCE])
        yield visitor
