"""What lies in a folder that a person names."""

from __future__ import annotations

from pathlib import Path

from data.errors import InputError


def files_in(folder: Path) -> list[Path]:
    """Every file in a folder and the folders in it, sorted, hidden ones left out; or the one file that `folder` is.

    Raises:
        InputError: There is no such folder.
    """
    if not folder.exists():
        raise InputError(f"{folder} does not exist", "check the spelling of --folder")
    if folder.is_file():
        return [folder]
    return sorted(path for path in folder.rglob("*") if path.is_file() and not _hidden(path.relative_to(folder)))


def _hidden(path: Path) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in path.parts)


def name_in(folder: Path, path: Path) -> str:
    """What a person calls a file: its path inside the folder, or its name where it is the folder itself."""
    return path.name if path == folder else path.relative_to(folder).as_posix()
