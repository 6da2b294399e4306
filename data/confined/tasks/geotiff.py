"""A GeoTIFF that a visitor hands in: `arguments` are `path`, `name` and `options` (of `data.scenes.wish.Options`)."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from data.scenes.wish import Options
from data.uploads import taken


def run(arguments: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Leave its pixels in the folder as `.npy`, (B, H, W) float32; the answer says what they are.

    Raises:
        RasterError: As `data.uploads.taken`.
    """
    said = dict(arguments["options"])
    said["bands"] = None if said["bands"] is None else tuple(said["bands"])
    made = taken(Path(arguments["path"]), arguments["name"], Options(**said), Path.cwd())
    shutil.move(made.array, folder / made.array.name)  # whoever is ended before leaves nothing there
    return {
        "crs": made.grid.crs, "transform": made.grid.transform, "width": made.grid.width, "height": made.grid.height, "bands": made.bands,
        "says": made.says, "notes": made.notes, "day": made.day.isoformat() if made.day else None, "array": made.array.name,
    }  # fmt: skip
