"""Errors that nobody foresaw: a visitor reads a number, the log has what happened under it."""

from __future__ import annotations

import logging
import secrets
import sys
from collections.abc import Callable
from typing import Any

from shiny import Session

from modules.serving.lean import LeanApp

log = logging.getLogger(__name__)

Count = Callable[[str], object]
WORDS = "Something went wrong here."


class Errors:
    """Numbers errors, logs them and counts them.

    Args:
        count: Told where each happened: `output`, `effect` or `request`.
    """

    def __init__(self, count: Count) -> None:
        self._count = count

    def noted(self, error: BaseException, where: str, what: str) -> str:
        """The number under which the log now has it.

        Args:
            error: With its traceback.
            where: One of those above.
            what: What was being done, for the log.
        """
        number = secrets.token_hex(4)
        log.error("%s failed", what, exc_info=error, extra={"error": number})
        self._count(where)
        return number

    def told(self, error: BaseException, where: str, what: str) -> str:
        """What a visitor reads of it; for the arguments see `noted`."""
        return f"{WORDS} Whoever serves this page finds what happened in the log, by the number {self.noted(error, where, what)}."

    def watch(self, session: Session) -> None:
        """Have what ends a visit told to its page first: Shiny ends it where an effect fails, and says nothing."""
        root: Any = session.root_scope()

        async def told(error: Exception) -> None:
            number = self.noted(error, "effect", "an effect of a visit")
            await root.send_custom_message("moraine-error", {"number": number})
            await root.close()

        root._unhandled_error = told


class NumberedApp(LeanApp):
    """Shiny's app, but what a visitor reads in place of an error has the error's number.

    Shiny asks for `sanitize_error_msg` while it handles the error, and at no other time.
    """

    errors: Errors | None = None

    @property
    def sanitize_error_msg(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """What is shown where an output has failed."""
        error = sys.exc_info()[1]
        if error is None or self.errors is None:
            return WORDS
        return self.errors.told(error, "output", "an output of a visit")

    @sanitize_error_msg.setter
    def sanitize_error_msg(self, _: str) -> None:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Shiny sets its own words as it starts."""
