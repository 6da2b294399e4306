"""What comes in over a WebSocket: no message too large, not more of them than a hand can cause, and not none at all for ever."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time

from starlette.types import Message, Receive, Send

MESSAGE_MOST = 4 * 2**20
"""Bytes of one message. The largest in earnest are a hand's edits of a mask: 2,048 × 2,048 pixels, in runs."""
BURST = 300
"""Messages that may come at once: a page that opens sends a hundred in a few frames."""
A_SECOND = 60
"""Messages a second after that. What comes faster is read later: nothing is lost, and nobody else waits for it."""
TOO_LARGE = 1009
IDLE = 4408
"""The code a WebSocket is closed with over which nothing was said for long (of those for private use; HTTP's is 408)."""
NOTHING = 48
"""Characters that a message has at most by which the page says that nothing has changed, as it does whenever something was shown."""


class Messages:
    """Reads for one WebSocket.

    Args:
        receive, send: Of its connection.
        idle_s: Seconds without a word after which its place goes to others; 0: never.
    """

    def __init__(self, receive: Receive, send: Send, idle_s: float = 0.0) -> None:
        self._receive, self._send = receive, send
        self._room, self._at = float(BURST), time.monotonic()
        self._idle_s, self._until = idle_s, self._ends(idle_s)

    async def __call__(self) -> Message:
        """The next message; the end of the connection in place of one that is too large, and where none comes for long."""
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            return await self._left()
        if message["type"] != "websocket.receive":
            return message
        text = message.get("text")
        if text is None or len(text) > NOTHING or '"data":{}' not in text:
            self._until = self._ends(self._idle_s)
        size = len(message.get("bytes") or b"") if text is None else len(text)
        if size > MESSAGE_MOST:
            await self._send({"type": "websocket.close", "code": TOO_LARGE, "reason": "That message is too large."})
            return {"type": "websocket.disconnect", "code": TOO_LARGE}
        await self._pace()
        return message

    async def _left(self) -> Message:
        """Tell the page, as a message of Shiny's, and close."""
        told = {"custom": {"moraine-idle": {"minutes": max(round(self._idle_s / 60), 1)}}}
        with contextlib.suppress(Exception):  # where the visitor's machine has gone nobody is there to be told
            await self._send({"type": "websocket.send", "text": json.dumps(told)})
            await self._send({"type": "websocket.close", "code": IDLE, "reason": "Nothing was said for long."})
        return {"type": "websocket.disconnect", "code": IDLE}

    @staticmethod
    def _ends(idle_s: float) -> float | None:
        return asyncio.get_running_loop().time() + idle_s if idle_s else None

    async def _pace(self) -> None:
        now = time.monotonic()
        self._room = min(self._room + (now - self._at) * A_SECOND, BURST) - 1
        self._at = now
        if self._room < 0:
            await asyncio.sleep(-self._room / A_SECOND)
