"""What `python -m data` and `python -m models` share: commands found in a folder, exit codes, errors in words.

Exit codes: 0 good, 2 input that cannot be used, 130 interrupted.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Collection, Mapping, Sequence
from types import ModuleType
from typing import Protocol, cast

from data.errors import MoraineError


class Command(Protocol):
    """What each file of a folder of commands exports."""

    NAME: str
    HELP: str

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the command's own arguments."""
        ...

    def run(self, args: Namespace) -> int:
        """Do it; returns the exit code. Raises MoraineError where the input cannot be used."""
        ...


def commands_in(package: ModuleType, but: Collection[str] = ()) -> dict[str, Command]:
    """The commands of a package by name, sorted; a file there is a command unless `but` names it.

    Raises:
        TypeError: A file lacks a part of a command, or two share a name.
    """
    found: dict[str, Command] = {}
    for info in pkgutil.iter_modules(package.__path__):
        if info.name in but:
            continue
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        lacking = [part for part in ("NAME", "HELP", "add_arguments", "run") if not hasattr(module, part)]
        if lacking:
            raise TypeError(f"{module.__name__} is no command: it lacks {', '.join(lacking)}")
        command = cast(Command, module)
        if command.NAME in found:
            raise TypeError(f"two commands are called {command.NAME}")
        found[command.NAME] = command
    return dict(sorted(found.items()))


def run_command(prog: str, description: str, commands: Mapping[str, Command], argv: Sequence[str] | None) -> int:
    """Run the command that the arguments name; what cannot be used, read or written is explained on stderr."""
    args = _parser(prog, description, commands).parse_args(argv)
    try:
        code = args.run(args)
        sys.stdout.flush()
        return code
    except MoraineError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; nothing half-written was left", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of our output (`| head`) has gone: let the interpreter's own flush at exit go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        where = error.filename2 or error.filename or "a file"
        remedy = "check that the folder exists, that you may read and write there, and that the disk has room"
        print(f"error: {where}: {error.strerror or error}\n  Remedy: {remedy}; nothing half-written was left", file=sys.stderr)
        return 2


def _parser(prog: str, description: str, commands: Mapping[str, Command]) -> ArgumentParser:
    epilog = f"`{prog} COMMAND --help` explains a command. Exit codes: 0 good, 2 input that cannot be used."
    parser = ArgumentParser(prog=prog, description=description, epilog=epilog)
    named = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, command in commands.items():
        sub = named.add_parser(name, help=command.HELP, description=command.HELP)
        command.add_arguments(sub)
        sub.set_defaults(run=command.run)
    return parser
