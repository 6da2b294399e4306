"""What comes in over a WebSocket: no message too large, and not more of them than a hand can cause."""

from __future__ import annotations

import asyncio
import time

from starlette.types import Message, Receive, Send

MESSAGE_MOST = 4 * 2**20
"""Bytes of one message. The largest in earnest are a hand's edits of a mask: 2,048 × 2,048 pixels, in runs."""
BURST = 300
"""Messages that may come at once: a page that opens sends a hundred in a few frames."""
A_SECOND = 60
"""Messages a second after that. What comes faster is read later: nothing is lost, and nobody else waits for it."""
TOO_LARGE = 1009


class Messages:
    """Reads for one WebSocket.

    Args:
        receive, send: Of its connection.
    """

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._room, self._at = float(BURST), time.monotonic()

    async def __call__(self) -> Message:
        """The next message; the end of the connection in place of one that is too large."""
        message = await self._receive()
        if message["type"] != "websocket.receive":
            return message
        text = message.get("text")
        size = len(message.get("bytes") or b"") if text is None else len(text)
        if size > MESSAGE_MOST:
            await self._send({"type": "websocket.close", "code": TOO_LARGE, "reason": "That message is too large."})
            return {"type": "websocket.disconnect", "code": TOO_LARGE}
        await self._pace()
        return message

    async def _pace(self) -> None:
        now = time.monotonic()
        self._room = min(self._room + (now - self._at) * A_SECOND, BURST) - 1
        self._at = now
        if self._room < 0:
            await asyncio.sleep(-self._room / A_SECOND)
