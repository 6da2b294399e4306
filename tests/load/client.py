"""A visitor without a browser who takes one step at a time, and knows what each answer belongs to."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from tests.load.page import Page
from tests.load.tally import Tally
from tests.load.wire import WITHIN_S, Wire

PLOTS = ("explore-volcano-plot", "explore-map-plot", "explore-series-plot")
SENTENCE = "explore-focus-sentence"


class Visitor:
    """One session. A step ends when the awaited outputs have arrived and the server is idle again.

    Args:
        wire: The connection; nobody else takes in what arrives.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._presses = 0
        self.values = wire.values
        self.custom: list[dict[str, Any]] = []

    async def send(self, method: str, **data: Any) -> None:
        """Send inputs, as `init` or `update`."""
        await self._wire.send(method, data)

    async def until(self, outputs: Iterable[str] = (), *, plots: int = 0, idle: bool = True) -> float:
        """Wait for these outputs (or so many widget messages), then for idle; returns the seconds until the last output came."""
        began, waiting, seen, came = time.perf_counter(), set(outputs), 0, 0.0
        self._wire.busy = True
        while waiting or seen < plots or (self._wire.busy and idle):
            message = await self._next()
            arrived = message.get("values", {}).keys()
            if waiting & arrived:
                came = time.perf_counter() - began
            waiting -= arrived
            custom = message.get("custom", {})
            if custom:
                self.custom.append(custom)
                seen += any(name.startswith("shinywidgets_comm") for name in custom)
        return came

    async def _next(self) -> dict[str, Any]:
        message = await asyncio.wait_for(self._wire.take(), WITHIN_S)
        if message is None:
            raise ConnectionResetError("the server ended the connection")
        if message.get("errors"):
            raise RuntimeError(f"the server answered with errors: {message['errors']}")
        return message

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
    inputs = {f"explore-focus-{name}:shiny.action": 0 for name in ("next", "previous", "clear")}
    inputs |= {"explore-map-basemap": "none", "explore-log_area": False}
    wire = Wire(url, Tally())
    try:
        await wire.join(Page(inputs, dict.fromkeys((*plots, SENTENCE, *outputs), False), list(plots)), query, headers)
        visitor = Visitor(wire)
        await visitor.until([SENTENCE])
        yield visitor
    finally:
        await wire.close()
