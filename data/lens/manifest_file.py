"""The JSON file that names what is in a folder: read within bounds before any field of it is looked at."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from data.errors import LensError


def read_fields(path: Path, wanted_format: int, largest: int, remedy: str) -> tuple[dict[str, Any], str]:
    """The fields of a manifest but its `format`, and its text.

    Args:
        path: Of the file.
        wanted_format: What its `format` must be.
        largest: Bytes it may have.
        remedy: What to do where it cannot be used.

    Raises:
        LensError: There is none, it is too large, no JSON object, or of another format.
    """
    try:
        if path.stat().st_size > largest:
            raise LensError(f"{path} is larger than {largest // 2**20} MB", remedy)
        text = path.read_text(encoding="utf-8")
        raw = json.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise LensError(f"{path} cannot be read: {error}", remedy) from error
    if not isinstance(raw, dict):
        raise LensError(f"{path} holds no JSON object", remedy)
    held = cast(dict[str, Any], raw)
    if held.pop("format", None) != wanted_format:
        raise LensError(f"{path} is of another format than {wanted_format}", remedy)
    return held, text
