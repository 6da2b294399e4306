"""A changed GeoTIFF, read as a visitor's (`taken`) and, where Moraine wrote it, as a scene of a dataset."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from data.rasters.reading import read
from data.scenes.wish import Options
from data.uploads import taken
from tests.mutants import outcome
from tests.scene_dataset import BANDS


def run(arguments: dict[str, Any], folder: Path) -> dict[str, Any]:
    path, managed = Path(arguments["path"]), arguments["managed"]
    return outcome(lambda: _read(path, managed=managed))


def _read(path: Path, *, managed: bool) -> dict[str, Any]:
    if managed:
        scene = read(path, BANDS)
        return {"held": hashlib.sha256(scene.values.tobytes()).hexdigest() + repr(scene.grid)}
    taken(path, path.name, Options(), Path.cwd())
    return {"held": "taken"}
