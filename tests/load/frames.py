"""What a frame of the server holds: one message of Shiny's, or several that were said without a pause."""

from __future__ import annotations

import json
from typing import Any


def messages(frame: str | bytes) -> list[dict[str, Any]]:
    """The messages of a frame, in order."""
    message = json.loads(frame)
    return message.get("custom", {}).get("moraine-frames") or [message]
