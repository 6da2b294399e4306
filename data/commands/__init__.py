"""The commands of `python -m data`, one file each: a new file here is a new command.

A command exports NAME, HELP, `add_arguments(parser)` and `run(args) -> int`. Every file is imported before
the arguments are read, so what is slow to import is imported inside `run`.
"""

from __future__ import annotations

import importlib
import pkgutil
from argparse import ArgumentParser, Namespace
from typing import Protocol, cast

NOT_COMMANDS = {"progress", "selectors", "trend_options"}


class Command(Protocol):
    """What each file here exports."""

    NAME: str
    HELP: str

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the command's own arguments."""
        ...

    def run(self, args: Namespace) -> int:
        """Do it; returns the exit code. Raises MoraineError where the input cannot be used."""
        ...


def commands() -> dict[str, Command]:
    """The commands by name, sorted.

    Raises:
        TypeError: A file here lacks a part of a command, or two share a name.
    """
    found: dict[str, Command] = {}
    for info in pkgutil.iter_modules(__path__):
        if info.name in NOT_COMMANDS:
            continue
        module = importlib.import_module(f"{__name__}.{info.name}")
        lacking = [part for part in ("NAME", "HELP", "add_arguments", "run") if not hasattr(module, part)]
        if lacking:
            raise TypeError(f"{module.__name__} is no command: it lacks {', '.join(lacking)}")
        command = cast(Command, module)
        if command.NAME in found:
            raise TypeError(f"two commands are called {command.NAME}")
        found[command.NAME] = command
    return dict(sorted(found.items()))
