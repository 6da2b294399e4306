"""Addresses of pictures drawn from a lens: relative, immutable (the lens's digest is part of each)."""

from __future__ import annotations

from urllib.parse import quote

from data.lens.reading import Lens

DRAWN = 1
"""Which way of drawing: one more whenever the same lens comes to look otherwise, since browsers keep pictures for a year."""
SHOWN = 16
"""Digits of the digest in an address."""


def lens_url(lens: Lens, kind: str, *parts: object) -> str:
    """The address of a picture.

    Args:
        lens: Whose.
        kind: Which, see `modules.lensing.pictures`.
        parts: What of it: keys and numbers, never a name that could hold a slash (a layer goes by its place).
    """
    rest = "/".join(quote(str(part), safe="") for part in (kind, *parts))
    return f"lens/{quote(lens.name)}/{lens.digest[:SHOWN]}-{DRAWN}/{rest}"
