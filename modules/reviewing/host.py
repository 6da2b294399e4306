"""What a connection says of its visitor: whether it is somebody at this very machine, and who the host says it is. Pure."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

FORWARDED = {
    "forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-server", "x-real-ip", "cf-connecting-ip",
    "true-client-ip", "x-client-ip", "x-rsc-request", "rstudio-connect-credentials", "shiny-server-credentials",
}  # fmt: skip
"""Headers by which a proxy gives itself away."""
SHINY = "shiny"
"""The signed-in user as Shiny has it: what Posit Connect and Shiny Server send."""


def is_local(connection: HTTPConnection) -> bool:
    """Whether the visitor sits at this machine, as far as can be told; anything that could be a proxy says no.

    A proxy on this machine reaches the app over loopback too. It gives itself away by a header, by the name that the visitor asked
    for, or by the page that opened the WebSocket, which browsers always name.
    """
    server, client = connection.scope.get("server"), connection.client
    names = [connection.headers.get("host"), connection.headers.get("origin")]
    return (
        server is not None
        and _is_loopback(str(server[0]))
        and (client is None or _is_loopback(client.host))
        and not FORWARDED & {name.lower() for name in connection.headers}
        and all(_is_loopback(_host(name)) for name in names if name is not None)
    )


def _host(name: str) -> str:
    try:
        return urlsplit(name if "//" in name else f"//{name}").hostname or ""
    except ValueError:
        return ""


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def signed_in(connection: HTTPConnection, user: str | None, trusted: str) -> str:
    """The name that the host vouches for; empty where it vouches for none.

    Args:
        connection: The visitor's.
        user: What Shiny took from the headers, which anybody can send.
        trusted: SHINY, the name of a header, or empty: nothing is believed.
    """
    if not trusted:
        return ""
    return (user if trusted == SHINY else connection.headers.get(trusted)) or ""
