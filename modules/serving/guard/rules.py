"""What the guard goes by, from the settings."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from data import settings
from data.errors import InputError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
EVERY = "*"
PORTS = {"http": 80, "https": 443}
FRAME = re.compile(r"(https?://)?(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:([0-9]{1,5}|\*))?")
"""A host as Content-Security-Policy names it; nothing that could begin another directive."""


@dataclass(frozen=True)
class Rules:
    """What the guard goes by.

    Args:
        origins: Origins (`scheme://host[:port]`, as `origin_of` writes them) whose pages may send and connect; `*` lets all. Empty: the
            app's own, by the name that it was asked by.
        proxies: Networks of the proxies whose word on that name, and on the visitor's address, is taken; `*` takes everybody's.
        frame_ancestors: Hosts that may show the app in a frame, beside itself; `*` lets all.
        sessions: Visits at a time.
        idle_s: Seconds without a word from its page after which a visit ends; 0: never.
        visit_mb: MB (2^20 bytes) of all that one visit may upload.
        temporary_mb: MB of all visitors' files, and what is made of them, before nothing more is taken.
    """

    origins: frozenset[str] = frozenset()
    proxies: tuple[Network | str, ...] = ()
    frame_ancestors: tuple[str, ...] = ()
    sessions: int = int(settings.SETTINGS["SESSIONS"].default)
    idle_s: float = 60.0 * int(settings.SETTINGS["IDLE_MINUTES"].default)
    visit_mb: int = int(settings.SETTINGS["UPLOADS_MB"].default)
    temporary_mb: int = int(settings.SETTINGS["TEMPORARY_MB"].default)


def rules() -> Rules:
    """Read the settings.

    Raises:
        InputError: One says what it cannot.
    """
    return Rules(
        origins=frozenset(_origin(said) for said in settings.listed("ORIGINS")),
        proxies=tuple(_network(said) for said in settings.listed("TRUSTED_PROXIES")),
        frame_ancestors=tuple(_frame(said) for said in settings.listed("FRAME_ANCESTORS")),
        sessions=settings.number("SESSIONS"),
        idle_s=60.0 * settings.number("IDLE_MINUTES"),
        visit_mb=settings.number("UPLOADS_MB"),
        temporary_mb=settings.number("TEMPORARY_MB"),
    )


def origin_of(said: str) -> str | None:
    """An origin in one spelling: lower case, without the port that its scheme has anyway. None where it is none."""
    try:
        parts = urlsplit(said)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in PORTS or not parts.hostname or parts.username is not None or parts.path.strip("/") or parts.query:
        return None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + ("" if port in {None, PORTS[parts.scheme]} else f":{port}")


def _origin(said: str) -> str:
    found = said if said in {EVERY, "null"} else origin_of(said)
    if found is None:
        raise InputError(f"MORAINE_ORIGINS has {said!r}, which is no origin", "write it as https://lakes.example.org, or * for every page")
    return found


def _network(said: str) -> Network | str:
    if said == EVERY:
        return EVERY
    try:
        return ipaddress.ip_network(said, strict=False)
    except ValueError:
        remedy = "write an address (10.0.0.7), a network (172.16.0.0/12), or * where nobody can reach the app but through a proxy"
        raise InputError(f"MORAINE_TRUSTED_PROXIES has {said!r}, which is neither an address nor a network", remedy) from None


def _frame(said: str) -> str:
    if said != EVERY and not FRAME.fullmatch(said.lower()):
        remedy = "write a host: https://slides.example.org, *.example.org, or * for every page"
        raise InputError(f"MORAINE_FRAME_ANCESTORS has {said!r}, which is no host", remedy)
    return said.lower()
