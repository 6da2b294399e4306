"""What a browser says it has uploaded, believed only where it can be true."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from shiny import Session

from data.errors import InputError
from data.plain_text import cut, plain

REFUSED = "choose the file once more"


def uploaded(sent: object, session: Session) -> tuple[Path, str]:
    """The path and name of the one file that an upload control holds.

    A visitor can set any input to anything: the path must lie in the folder that this session's own uploads went to.

    Raises:
        InputError: It holds something else.
    """
    if not isinstance(sent, list | tuple) or len(cast(list[Any], sent)) != 1 or not isinstance(sent[0], dict):
        raise InputError("one file at a time can be handed in", REFUSED)
    return _one(cast(dict[str, Any], sent[0]), session)


def uploaded_files(sent: object, session: Session) -> list[tuple[Path, str]]:
    """The paths and names of the files that an upload control holds; checked as in `uploaded`.

    Raises:
        InputError: It holds something else.
    """
    if not isinstance(sent, list | tuple) or not all(isinstance(each, dict) for each in cast(list[Any], sent)):
        raise InputError("the upload came in a form that cannot be read", REFUSED)
    return [_one(cast(dict[str, Any], each), session) for each in cast(list[Any], sent)]


def _one(told: dict[str, Any], session: Session) -> tuple[Path, str]:
    path, name = told.get("datapath"), told.get("name")
    if not isinstance(path, str) or not isinstance(name, str) or "\0" in path:
        raise InputError("the upload came in a form that cannot be read", REFUSED)
    folder = _folder(session)
    found = Path(path).resolve()
    if folder is None or not found.is_relative_to(folder) or not found.is_file() or Path(path).is_symlink():
        raise InputError("that file was not uploaded in this visit", REFUSED)
    return found, cut(plain(Path(name).name), 120) or "the file"


def _folder(session: Session) -> Path | None:
    """Where Shiny puts the uploads of this session; it has no public name for it."""
    manager = getattr(session.root_scope(), "_file_upload_manager", None)
    folder = getattr(manager, "_basedir", None)
    return Path(folder).resolve() if isinstance(folder, str) else None
