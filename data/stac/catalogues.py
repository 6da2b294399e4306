"""Catalogues known by a name."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from data.errors import InputError
from data.stac.errors import plain


@dataclass(frozen=True)
class Catalogue:
    """A STAC API.

    Args:
        name: What reports call it.
        url: Its landing page.
        tokens: Address of tokens for a collection, with `{collection}` in it; None where files need none.
        collection: The collection taken unless another is asked for, empty where one must be named.
    """

    name: str
    url: str
    tokens: str | None = None
    collection: str = ""


KNOWN = (
    Catalogue(
        "planetary-computer", "https://planetarycomputer.microsoft.com/api/stac/v1",
        "https://planetarycomputer.microsoft.com/api/sas/v1/token/{collection}", "sentinel-2-l2a",
    ),
    Catalogue("earth-search", "https://earth-search.aws.element84.com/v1", None, "sentinel-2-l2a"),
)  # fmt: skip


def catalogue(text: str) -> Catalogue:
    """The catalogue of that name or address.

    Raises:
        InputError: It is neither.
    """
    for known in KNOWN:
        if text.rstrip("/") in {known.name, known.url}:
            return known
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        names = ", ".join(known.name for known in KNOWN)
        raise InputError(f"--catalog {text!r} is neither a known name nor an address of the web", f"use {names}, or https://…")
    return Catalogue(plain(text), text)
