"""What can go wrong between us and a catalogue. Messages name addresses without their query, which may hold a token."""

from __future__ import annotations

from urllib.parse import urlsplit

from data.errors import MoraineError


class CatalogueError(MoraineError):
    """A catalogue or a file it names cannot be had, or is not what it should be."""


class Unreachable(CatalogueError):  # noqa: N818 - as CatalogueError, of one kind
    """A server did not answer for all the tries; another day it may."""


class WholeOnly(CatalogueError):  # noqa: N818 - as CatalogueError, of one kind
    """A server sends files whole, not in parts."""


class Stopped(Exception):  # noqa: N818 - no error
    """The run is being ended; whoever waits or reads stops at once."""


def plain(url: str) -> str:
    """An address without user, password, query and fragment: fit for messages, journals and datasets."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an address that cannot be read"
    return f"{parts.scheme}://{host}{port}{parts.path}"


def printable(told: object) -> str:
    """What a server says as text that can do nothing to a terminal, at most 200 letters of it."""
    return "".join(letter for letter in str(told)[:200] if letter.isprintable())
