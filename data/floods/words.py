"""What cells of tables say, and what people write where they have nothing to say."""

from __future__ import annotations

NOTHING = {"", "na", "n/a", "nan", "none", "null", "unknown", "-", "?"}
NO_IDS = {"ephemeral", "not mapped", "no lake"}
"""What records write in place of an id, beside `NA` and the like."""


def known(text: str) -> bool:
    """Whether a cell says anything: `NA` and the like do not."""
    return text.strip().casefold() not in NOTHING


def is_id(text: str) -> bool:
    """Whether a record names a lake: `Ephemeral`, `Not mapped`, `No lake` and `NA` do not."""
    return known(text) and text.strip().casefold() not in NO_IDS
