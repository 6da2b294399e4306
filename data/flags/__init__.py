"""Flags beside trends. Each file of this folder that exports `FLAG` is one; a broken one stops the program at import."""

from __future__ import annotations

from data.discovery import discovered
from data.flags.flag import Flag

__all__ = ["FLAGS", "Flag"]

FLAGS: dict[str, Flag] = discovered(__name__, __path__, "FLAG", Flag)
"""The flags by name."""
