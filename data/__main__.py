"""`python -m data`: make, check, extend, fit and export datasets."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from data.command_line import run_command
from data.commands import commands

ABOUT = "Datasets of lake areas and outlines: make, check, extend, fit and export them."


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code (see `data.command_line`)."""
    return run_command("python -m data", ABOUT, commands(), argv)


if __name__ == "__main__":
    sys.exit(main())
