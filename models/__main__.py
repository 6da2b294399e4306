"""`python -m models`: the segmenters."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import models.commands
from data.command_line import commands_in, run_command


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    return run_command("python -m models", "The segmenters that turn scenes into masks.", commands_in(models.commands), argv)


if __name__ == "__main__":
    sys.exit(main())
