"""`python -m data.confined.warm MODULE`: has imported what a task needs, and forks a child for each order that comes in (a line of JSON).

It has one thread, and does nothing with what strangers hand in: it only watches the child, and passes on what that says. It ends when its
input does, and its child with it.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import select
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from typing import Any, BinaryIO, Protocol, cast

from data.confined import limits
from data.errors import MoraineError

POLL_MS = 10
MEMORY = 70
"""Exit code of a child that was refused memory."""
WORDS = ("out of memory", "cannot allocate", "bad_alloc", "malloc of size", "unable to allocate", "could not allocate")
"""What libraries say where memory ends."""


class Task(Protocol):
    """What each file of `data.confined.tasks` exports."""

    def run(self, arguments: dict[str, Any], folder: Path) -> dict[str, Any]:
        """Do the work. Raises MoraineError."""
        ...


def answered_here(task: Task, order: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """The same where processes cannot be forked (Windows): in this process, which ends after it, within the time that the keeper gives."""
    os.chdir(order["work"])
    tempfile.tempdir = order["work"]
    said = _run(task, order)
    os.chdir(order["folder"])
    return {"is": "done", "peak_mb": 0.0, "seconds": time.process_time()}, said


def answered(task: Task, order: dict[str, Any], inbound: int) -> tuple[dict[str, Any], bytes]:
    """Run a task in a child: how it ended (`done`, `memory`, `time`, `crash`), and what it said."""
    resident = limits.resident_mb(os.getpid())
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            limits.confine(order, theirs, resident)
            _say(theirs, _run(task, order))
        finally:
            os._exit(1)
    os.close(theirs)
    try:
        ended, said = _watched(pid, order, ours, inbound)
    finally:
        os.close(ours)
    status, usage = _reaped(pid)
    told: dict[str, Any] = {"is": ended, "peak_mb": usage.ru_maxrss / 1024, "seconds": usage.ru_utime + usage.ru_stime}
    if ended == "done" and status != 0:
        code = os.waitstatus_to_exitcode(status)
        told |= {"is": "memory"} if code == MEMORY else {"is": "time"} if code == -signal.SIGXCPU else {"is": "crash", "how": _how(code)}
    return told, said if told["is"] == "done" else b""


def _how(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def _watched(pid: int, order: dict[str, Any], ours: int, inbound: int) -> tuple[str, bytes]:
    """Read what the child says until it has said all, and end it where it goes beyond its limits."""
    said, until = bytearray(), time.monotonic() + float(order["seconds"])
    poll = select.poll()
    poll.register(ours, select.POLLIN)
    poll.register(inbound, select.POLLIN)
    while True:
        heard = poll.poll(POLL_MS)
        if not heard and os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            return "done", bytes(said) + _left_in(ours)  # what it started itself still holds the pipe
        for handle, _ in heard:
            if handle == inbound:  # nothing is asked while a child works: the app has ended
                os.kill(pid, signal.SIGKILL)
                os._exit(0)
            chunk = os.read(ours, 2**16)
            if not chunk:
                return "done", bytes(said)
            said += chunk
        ended = "crash" if len(said) > int(order["most_answer"]) else "time" if time.monotonic() > until else ""
        ended = "memory" if limits.family_mb(pid) > float(order["most_mb"]) else ended
        if ended:
            os.kill(pid, signal.SIGKILL)
            return ended, b""


def _left_in(ours: int) -> bytes:
    """What a child has said between the last look at the pipe and its end, without waiting for more."""
    poll = select.poll()
    poll.register(ours, select.POLLIN)
    return os.read(ours, 2**20) if poll.poll(0) else b""  # a pipe holds less


def _reaped(pid: int) -> tuple[int, Any]:
    """Status and usage of a child that has said all: it has a second to end. What it started itself ends too."""
    for _ in range(100):
        found, status, usage = os.wait4(pid, os.WNOHANG)
        if found:
            break
        time.sleep(0.01)
    else:
        os.kill(pid, signal.SIGKILL)
        _, status, usage = os.wait4(pid, 0)
    while orphans := limits.children(os.getpid()):  # theirs come to this process when they end
        for each in orphans:
            os.kill(each, signal.SIGKILL)
            os.waitpid(each, 0)
    return status, usage


def _run(task: Task, order: dict[str, Any]) -> bytes:
    """In the child: what it has to say."""
    try:
        return json.dumps({"answer": task.run(order["arguments"], Path(order["folder"]))}).encode()
    except MoraineError as error:
        if _short_of_memory(error):
            os._exit(MEMORY)
        return json.dumps({"error": type(error).__name__, "what": error.what, "remedy": error.remedy}).encode()
    except Exception as error:  # noqa: BLE001  whatever it was, it is told
        if _short_of_memory(error):
            os._exit(MEMORY)
        return json.dumps({"trace": traceback.format_exc()[-4000:]}).encode()


def _short_of_memory(error: BaseException | None) -> bool:
    """Whether an error, or what it came of, is one of memory that was refused."""
    while error is not None:
        if isinstance(error, MemoryError) or any(word in str(error).lower() for word in WORDS):
            return True
        error = error.__cause__ or error.__context__
    return False


def _say(theirs: int, text: bytes) -> None:
    while text:
        text = text[os.write(theirs, text) :]
    os._exit(0)


def main(name: str) -> None:
    """Work until the standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Answers have a descriptor of their own: whatever a library prints goes to the log.
    outbound = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    task = cast(Task, importlib.import_module(name))
    limits.adopt()
    gc.collect()
    gc.freeze()
    inbound = cast(BinaryIO, os.fdopen(0, "rb", buffering=0))
    forks = hasattr(os, "fork")
    while line := inbound.readline():
        order = cast(dict[str, Any], json.loads(line))
        told, said = answered(task, order, inbound.fileno()) if forks else answered_here(task, order)
        outbound.write(json.dumps(told | {"bytes": len(said)}).encode() + b"\n" + said)
        outbound.flush()
        if not forks:
            return


if __name__ == "__main__":
    main(sys.argv[1])
