"""A visitor's own table: `look` says what it holds, `make` imports it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from data.errors import InputError
from data.own_table.answers import Answers
from data.own_table.look import look
from data.own_table.make import make
from data.own_table.wording import on_the_page
from data.readers import readers

readers()  # brings all that they need, once, before children are forked


def run(arguments: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Read the files of a visit.

    Args:
        arguments: files (names in `folder`); into (name of the dataset's folder in it) and answers (see `Answers`) to make one.
        folder: Of this visit alone.

    Raises:
        InputError: A file or an answer cannot be used; said for somebody who has a page and no command line.
    """
    names = [str(name) for name in arguments["files"]]
    try:
        if "into" not in arguments:
            return look(folder, names)
        return make(folder, names, Answers(**arguments["answers"]), folder / str(arguments["into"]))
    except InputError as error:
        raise on_the_page(error, folder) from error
