"""Whose page sends: a browser names it in `Origin`, and it must be the app's own, by the name that the visitor asked for.

A proxy may hand a request on under another name. What it forwards counts where it is one of the trusted proxies, and only there. What is
no browser sends no Origin and passes: it could say what it likes.
"""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from starlette.types import Scope

from modules.serving.guard.line import headers_of
from modules.serving.guard.rules import EVERY, Rules, origin_of

FORWARDED = re.compile(r'(?:^|[;,\s])(host|proto)="?([^";,\s]+)', re.IGNORECASE)
"""Of RFC 7239: `Forwarded: for=…;host=lakes.example.org;proto=https`."""


def is_foreign(scope: Scope, rules: Rules) -> bool:
    """Whether a browser says that this comes from a page which is neither the app's own nor an allowed one."""
    headers = headers_of(scope)
    said = headers.get("origin")
    if said is None or EVERY in rules.origins:
        return False
    if rules.origins:
        return (said if said == "null" else origin_of(said)) not in rules.origins
    origin = origin_of(said)
    return origin is None or origin not in own_origins(scope, rules)


def own_origins(scope: Scope, rules: Rules) -> set[str]:
    """The origins that the app's own page may have, by the name that it was asked by."""
    headers = headers_of(scope)
    hosts, scheme = [headers.get("host", "")], ""
    if is_trusted(scope, rules):
        forwarded = {key.lower(): value for key, value in reversed(FORWARDED.findall(headers.get("forwarded", "")))}
        # Posit Connect gives the whole address.
        connect = urlsplit(headers.get("x-rsc-request", ""))
        hosts += [forwarded.get("host", ""), _first(headers.get("x-forwarded-host", "")), connect.netloc]
        scheme = _first(headers.get("x-forwarded-proto", "")) or forwarded.get("proto", "") or connect.scheme
    # Nobody may have told whether a proxy in front speaks TLS: then both are its own.
    schemes = [scheme.lower()] if scheme else ["https"] if scope.get("scheme") in {"https", "wss"} else ["http", "https"]
    schemes = [{"ws": "http", "wss": "https"}.get(each, each) for each in schemes]
    return {origin for host in hosts if host for each in schemes if (origin := origin_of(f"{each}://{host}")) is not None}


def is_trusted(scope: Scope, rules: Rules) -> bool:
    """Whether this comes from a trusted proxy."""
    client = scope.get("client")
    # No address: over a socket file, which a proxy on this machine has opened. Port 0: the server has put the visitor's address in place
    # of its proxy's, which it does for those that it trusts itself (FORWARDED_ALLOW_IPS; by default, on this machine).
    if client is None or not client[1]:
        return True
    return _is_among(client[0], rules)


def address_of(scope: Scope, rules: Rules) -> str:
    """Where the visitor is: the last address on the way that is no trusted proxy's."""
    client = scope.get("client")
    forwarded = headers_of(scope).get("x-forwarded-for", "")
    if client is not None and (not client[1] or not _is_among(client[0], rules)):
        return str(client[0])
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    return next((hop for hop in reversed(hops) if not _is_among(hop, rules)), str(client[0]) if client else "")


def _first(said: str) -> str:
    return said.split(",", maxsplit=1)[0].strip()


def _is_among(address: str, rules: Rules) -> bool:
    if EVERY in rules.proxies:
        return True
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(not isinstance(network, str) and found in network for network in rules.proxies)
