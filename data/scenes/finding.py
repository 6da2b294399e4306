"""Which files of a folder are scenes, and what their names say: `<GL_ID>_<date>.tif` and the older `<GL_ID>-<yyyymmdd>.tif`."""

from __future__ import annotations

from pathlib import Path

from data.errors import InputError
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
    if not folder.exists():
        raise InputError(f"{folder} does not exist", "check the spelling of --folder")
    files = [folder] if folder.is_file() else sorted(path for path in folder.rglob("*") if path.is_file() and not _hidden(path, folder))
    found: list[Given] = []
    for path in (path for path in files if path.suffix.lower() in RASTERS):
        stem, lake_id, day, kind = spelled(path)
        name = path.name if path == folder else path.relative_to(folder).as_posix()
        if kind:
            outcome.left.append(name)
        else:
            found.append(Given(name, stem, (path,), lake_id=lake_id, day=day))
    if not found:
        others = f" ({len(outcome.left):,} predictions or labels)" if outcome.left else ""
        raise InputError(f"{folder} holds no scene{others}", "name scenes <GL_ID>_<yyyy-mm-dd>.tif, or give a table of paths with --table")
    return found


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in path.relative_to(folder).parts)
