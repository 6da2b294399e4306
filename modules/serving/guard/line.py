"""What a request says of itself, and how it is refused."""

from __future__ import annotations

from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

URL_MOST = 16_384
"""Bytes of an address with its query. A link of the app has 2,000 at most; an outline tile's less."""
HEADERS_MOST = 65_536
"""Bytes of all headers together."""
LINES_MOST = 100
"""Headers of one request."""


def headers_of(scope: Scope) -> dict[str, str]:
    """The headers by lower-case name; of those that came twice, the last."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def route_of(scope: Scope) -> str:
    """The path below the prefix that the app is served under."""
    path, prefix = str(scope["path"]), str(scope.get("root_path", ""))
    return path[len(prefix) :] if prefix and path.startswith(prefix + "/") else path


def too_much(scope: Scope) -> tuple[int, str] | None:
    """The status and the words for a request line or headers that nobody sends in good faith; None where they may pass."""
    path = scope.get("raw_path") or str(scope["path"]).encode("utf-8", "replace")
    if len(path) + len(scope.get("query_string", b"")) > URL_MOST:
        return 414, "This address is too long. Open the app without what stands after the question mark."
    lines = scope["headers"]
    if len(lines) > LINES_MOST or sum(len(name) + len(value) for name, value in lines) > HEADERS_MOST:
        return 431, "This request has too many headers, or too long ones. Delete the cookies of this site and open it again."
    return None


async def refuse(scope: Scope, receive: Receive, send: Send, status: int, words: str) -> None:
    """Say no: in words over HTTP, by not shaking hands over a WebSocket."""
    if scope["type"] == "websocket":
        await receive()  # its "connect"
        await send({"type": "websocket.close", "code": 1008, "reason": words[:120]})
    else:
        await PlainTextResponse(words, status, {"Connection": "close"})(scope, receive, send)
