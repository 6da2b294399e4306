"""A changed GeoTIFF, read as a visitor's (`taken`) and, where Moraine wrote it, as a scene of a dataset."""

from __future__ import annotations

import hashlib
import traceback
from pathlib import Path
from typing import Any

from data.errors import MoraineError
from data.rasters.reading import read
from data.scenes.wish import Options
from data.uploads import taken
from tests.scene_dataset import BANDS


def run(arguments: dict[str, Any], folder: Path) -> dict[str, Any]:
    path = Path(arguments["path"])
    try:
        if arguments["managed"]:
            scene = read(path, BANDS)
            return {"held": hashlib.sha256(scene.values.tobytes()).hexdigest() + repr(scene.grid)}
        taken(path, path.name, Options(), Path.cwd())
    except MoraineError as error:
        return {"refused": error.what, "remedy": error.remedy}
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  what is no named error is what is looked for
        return {"failed": traceback.format_exc()}
    return {"held": "taken"}
