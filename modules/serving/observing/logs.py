"""Logs of the app and of its server in one form: lines for people, or JSON for what collects them."""

from __future__ import annotations

import logging
import re
import sys
from typing import TextIO

from pythonjsonlogger.json import JsonFormatter
from shiny.session import get_current_session

from data.settings import in_force

log = logging.getLogger(__name__)

FIELDS = "%(asctime)s %(levelname)s %(name)s %(message)s"
OURS = ("modules", "models", "data", "uvicorn", "uvicorn.access", "shiny")
"""Loggers whose lines are wanted. The rest of the process says what is wrong only (WARNING)."""

OPENS = re.compile(r"(own-|/session/)([0-9a-f]{8})[0-9a-f]{24,}")
"""What opens a visitor's own table, or a visit's uploads and files: in addresses, which the server logs, and in paths."""


def _closed(line: str) -> str:
    """A line by which a visit can be found, and not entered."""
    return OPENS.sub(r"\1\2…", line)


class _Visit(logging.Filter):
    """Adds the visit that a line belongs to, by the first digits of its id: enough to find its lines, too few to take it over."""

    def filter(self, record: logging.LogRecord) -> bool:
        session = get_current_session()
        if session is not None and not hasattr(record, "visit"):
            record.visit = session.id[:8]
        return True


class _Objects(JsonFormatter):
    def format(self, record: logging.LogRecord) -> str:
        return _closed(super().format(record))


class _Lines(logging.Formatter):
    """`2026-11-26 10:03:11 ERROR modules.serve: … [visit 1f2e3d4c, error 9a8b7c6d]`, and the traceback."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        return _closed(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  the name is logging's
        known = [f"{name} {getattr(record, name)}" for name in ("visit", "error") if hasattr(record, name)]
        return super().formatMessage(record) + (f" [{', '.join(known)}]" if known else "")


def log_as(form: str, level: str, stream: TextIO = sys.stderr) -> None:
    """Have everything that this process logs written so. Called once, where the process starts.

    Args:
        form: `text` or `json`: one object a line with asctime, levelname, name, message, and where known visit, error and exc_info.
        level: The least that is written: debug, info, warning or error.
        stream: Where to.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Objects(FIELDS) if form == "json" else _Lines())
    handler.addFilter(_Visit())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level.upper()]))
    for name in OURS:
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [], True
        logger.setLevel(level.upper())


def log_settings() -> None:
    """Say what somebody set, so that a log tells by itself how the app was run."""
    for line in in_force():
        log.info("setting %s", line)
