"""The line to one visit's browser: all that is said without a pause travels as one frame, and what says nothing is not heard.

Shiny sends a frame for every output that begins, and one for every output that ends: fifty a click, each compressed and written by itself,
which is a third of what a click costs. And it waits, with every other visit, for a browser that does not read.
"""

from __future__ import annotations

import asyncio
import logging
import time
import types
from typing import Any

from shiny._connection import Connection  # pyright: ignore[reportPrivateUsage]
from shiny._utils import run_coro_hybrid  # pyright: ignore[reportPrivateUsage]
from shiny.reactive import _reactives  # pyright: ignore[reportPrivateUsage]
from shiny.session import _session  # pyright: ignore[reportPrivateUsage]
from starlette.requests import HTTPConnection

TOGETHER = "moraine-frames"
"""The message that holds several: `www/moraine.js` hands them on one by one, in order."""
NOTHING = '{"method":"update","data":{}}'
"""What Shiny's script sends after each answer, to say that no input has changed."""
BACKLOG = 32 * 2**20
"""Characters that may wait for a browser that does not read; then its line is given up."""

PAUSE_S = 0.01
"""After which whoever else wants something of the event loop comes in between two effects."""

log = logging.getLogger(__name__)


class Line(Connection):
    """A connection of Shiny's.

    Args:
        conn: What is wrapped.
    """

    def __init__(self, conn: Connection) -> None:
        self._conn = conn
        self._waiting: list[str] = []
        self._size = 0
        self._sending = self._given_up = False
        self._closing: asyncio.Future[None] | None = None

    async def send(self, message: str) -> None:
        """Have a message sent, with all others of this turn of the event loop. Never waits."""
        if self._given_up:
            return
        self._waiting.append(message)
        self._size += len(message)
        if self._size > BACKLOG:
            self._give_up()
        elif not self._sending:
            self._sending = True
            asyncio.get_running_loop().call_soon(self._begin)

    async def receive(self) -> str:
        """The next message that says something."""
        while len(message := await self._conn.receive()) < 2 * len(NOTHING) and message.replace(" ", "") == NOTHING:
            pass
        return message

    async def close(self, code: int, reason: str | None) -> None:
        """Close, after what was said last."""
        if self._waiting and not self._given_up:
            said, self._waiting = together(self._waiting), []
            await self._conn.send(said)
        await self._conn.close(code, reason)

    def get_http_conn(self) -> HTTPConnection:
        return self._conn.get_http_conn()

    def _begin(self) -> None:
        run_coro_hybrid(self._send())

    async def _send(self) -> None:
        try:
            while self._waiting:
                said, self._waiting, self._size = together(self._waiting), [], 0
                await self._conn.send(said)
        finally:
            self._sending = False

    def _give_up(self) -> None:
        self._given_up, self._waiting = True, []
        log.warning("a browser reads nothing of what it is sent: its connection is closed")
        self._closing = run_coro_hybrid(self._conn.close(1008, "Too much is waiting to be read."))


def together(messages: list[str]) -> str:
    """Messages of Shiny's, in JSON, as one."""
    return messages[0] if len(messages) == 1 else f'{{"custom":{{"{TOGETHER}":[{",".join(messages)}]}}}}'


class _Turns(types.ModuleType):
    """asyncio as Shiny's reactive part sees it: one gives way once PAUSE_S have passed, and not after each of sixty effects a click.

    Shiny gives way so that what was said goes out before what is said next; `Line` keeps that order by itself.
    """

    def __init__(self) -> None:
        super().__init__("asyncio")
        self._at = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(asyncio, name)

    async def sleep(self, delay: float) -> None:
        if delay or time.monotonic() - self._at > PAUSE_S:
            await asyncio.sleep(delay)
            self._at = time.monotonic()


def spare_turns() -> None:
    """Have one visit's answer worked out without fifty turns of the event loop between."""
    turns = _Turns()
    for module in (_reactives, _session):
        module.asyncio = turns  # pyright: ignore[reportAttributeAccessIssue, reportPrivateImportUsage]
