"""The commands of `python -m data`, one file each: a new file here is a new command (see `data.command_line`).

Every file is imported before the arguments are read, so what is slow to import is imported inside `run`.
"""

from __future__ import annotations

import sys

from data.command_line import Command, commands_in

NOT_COMMANDS = {"crew_options", "examples_chips", "progress", "selectors", "trend_options"}


def commands() -> dict[str, Command]:
    """The commands by name, sorted. Raises TypeError where a file is none, or two share a name."""
    return commands_in(sys.modules[__name__], NOT_COMMANDS)
