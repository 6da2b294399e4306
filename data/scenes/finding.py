"""Which files of a folder are scenes, and what their names say: `<GL_ID>_<date>.tif` and the older `<GL_ID>-<yyyymmdd>.tif`."""

from __future__ import annotations

from pathlib import Path

from data.errors import InputError
from data.folders import files_in, name_in
from data.masks.finding import RASTERS, spelled
from data.scenes.wish import Given, Outcome


def in_folder(folder: Path, outcome: Outcome) -> list[Given]:
    """Scenes of a folder and the folders in it, by name; what is a prediction or a label by its name is left alone.

    Args:
        folder: Or a single file.
        outcome: Is told what is left.

    Raises:
        InputError: There is no such folder, or it holds no scene.
    """
    found: list[Given] = []
    for path in (path for path in files_in(folder) if path.suffix.lower() in RASTERS):
        stem, lake_id, day, kind = spelled(path)
        name = name_in(folder, path)
        if kind:
            outcome.left.append(name)
        else:
            found.append(Given(name, stem, (path,), lake_id=lake_id, day=day))
    if not found:
        others = f" ({len(outcome.left):,} predictions or labels)" if outcome.left else ""
        raise InputError(f"{folder} holds no scene{others}", "name scenes <GL_ID>_<yyyy-mm-dd>.tif, or give a table of paths with --table")
    return found
