"""`python -m data`: make, check, extend, fit and export datasets.

Exit codes: 0 good, 2 input that cannot be used, 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from data.commands import commands
from data.errors import MoraineError


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m data",
        description="Datasets of lake areas and outlines: make, check, extend, fit and export them.",
        epilog="`python -m data COMMAND --help` explains a command. Exit codes: 0 good, 2 input that cannot be used.",
    )
    named = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, command in commands().items():
        sub = named.add_parser(name, help=command.HELP, description=command.HELP)
        command.add_arguments(sub)
        sub.set_defaults(run=command.run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. What cannot be used, read or written is explained on stderr."""
    args = _parser().parse_args(argv)
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


if __name__ == "__main__":
    sys.exit(main())
