"""What is asked of a confined child, and what became of it, in words for a person."""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from data import errors
from data.errors import InputError, MoraineError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Order:
    """One call of a task; see `data.confined.confined`."""

    task: str
    arguments: dict[str, Any]
    folder: Path
    reads: tuple[Path, ...] = ()
    seconds: float = 60.0
    called: str = "the file"
    stop: threading.Event | None = None
    whose: str = ""

    @property
    def visit(self) -> str:
        """Who shares what there is with others; where nobody said, each folder is somebody's."""
        return self.whose or str(self.folder)


@dataclass(frozen=True)
class Answer:
    """What a task returned, and what it cost.

    Args:
        value: What `run` returned.
        peak_mb: The largest resident memory of the child, libraries included, MB (2^20 bytes).
        seconds: Of processor time of the child.
    """

    value: dict[str, Any]
    peak_mb: float
    seconds: float


def understood(order: Order, told: dict[str, Any], body: bytes) -> Answer:
    """The answer of a child.

    Args:
        order: What was asked.
        told: What the warm process says of the child: `is`, `how`, `peak_mb`, `seconds`.
        body: What the child said, which may be anything.

    Raises:
        MoraineError: What the task raised, or what ended it.
    """
    if told["is"] != "done":
        raise lost(order, str(told["is"]), str(told.get("how", "")))
    try:
        said: Any = json.loads(body)
    except (ValueError, RecursionError):
        said = {}
    value = said.get("answer") if isinstance(said, dict) else None
    if isinstance(value, dict):
        return Answer(cast(dict[str, Any], value), float(told["peak_mb"]), float(told["seconds"]))
    raise _raised(order, cast(dict[str, Any], said) if isinstance(said, dict) else {})


def _raised(order: Order, said: dict[str, Any]) -> MoraineError:
    """The error that a task raised. The child says only its name and its words, and of names only those of data.errors are known."""
    kind = getattr(errors, str(said.get("error")), None)
    if isinstance(kind, type) and issubclass(kind, MoraineError):
        return kind(str(said.get("what")), str(said.get("remedy")))
    log.error("the task %s failed on %r: %s", order.task, order.called, str(said.get("trace", "no reason"))[-4000:])
    return InputError(f"{order.called} could not be read", "write it anew with another program; the log says more")


def lost(order: Order, why: str, how: str = "") -> InputError:
    """A child that did not answer.

    Args:
        order: What was asked.
        why: `stopped`, `time`, `memory`, or anything else for a crash.
        how: The signal, or the exit code.
    """
    log.warning("the child that read %r (%s) ended: %s %s", order.called, order.task, why, how)
    if why == "stopped":
        return given_up(order)
    if why == "time":
        return InputError(f"{order.called} took longer than {order.seconds:g} s to read", "cut it to what you need, or write it anew")
    if why == "memory":
        return InputError(f"{order.called} takes more memory than one file may take here", "cut it to what you need, or simplify it")
    what = f"reading {order.called} came to a sudden end{f' ({how})' if how else ''}: it is damaged, or needs more memory than it may take"
    return InputError(what, "write it anew with another program, or cut it to what you need")


def kept_waiting(order: Order, seconds: float) -> InputError:
    """Too many came before it."""
    return InputError(f"{order.called} waited {seconds:.0f} s for other files to be read", "try again in some minutes")


def given_up(order: Order) -> InputError:
    """Nobody wants it any more."""
    return InputError(f"reading {order.called} was given up", "hand it in again")


def unplaced(order: Order, error: OSError) -> InputError:
    """Its folder is gone, or cannot be written."""
    log.error("no working folder for %r (%s): %s", order.called, order.task, error)
    return InputError(f"{order.called} cannot be read now: the server cannot write beside it ({error.strerror})", "hand it in again")
