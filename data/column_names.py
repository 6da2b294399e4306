"""Names of columns, as people and programs spell them."""

from __future__ import annotations

import re


def plain_name(name: str) -> str:
    """`Lake_ID` → `lakeid`: lower case, letters and digits only."""
    return re.sub(r"[^a-z0-9]", "", name.lower())
