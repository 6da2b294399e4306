"""The side of the app: asks the warm process for one child at a time."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from pathlib import Path
from typing import Any, BinaryIO, cast

from data.confined import landlock, seccomp
from data.confined.outcomes import Answer, Order, given_up, kept_waiting, lost, understood, unplaced
from data.settings import number

log = logging.getLogger(__name__)

ROOT = Path(__file__).parents[2]
TASKS = "data.confined.tasks"
IDLE_S = 60.0
"""Seconds without an order after which the warm process ends and gives back its memory."""
WAIT_S = 180.0
"""Seconds that an order waits for those before it."""
GRACE_S = 20.0
"""Seconds beyond an order's own for starting the warm process, and for it to end the child itself."""
MOST_ANSWER = 16 * 2**20
"""Bytes of an answer; what is larger belongs into the folder."""
KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "PYTHONPATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "PROJ_DATA", "GDAL_DATA")
"""Variables that the warm process inherits: no other, so no password either."""
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "ARROW_IO_THREADS": "1", "MALLOC_ARENA_MAX": "2",
    # pyarrow's jemalloc would start a thread, and reserve memory by the gigabyte: a process with threads is not to be forked.
    "ARROW_DEFAULT_MEMORY_POOL": "system", "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".nothing", "GDAL_HTTP_MAX_RETRY": "0", "GDAL_DRIVER_PATH": "disable",
    "OGR_SQLITE_ALLOW_EXTERNAL_ACCESS": "NO", "PROJ_NETWORK": "OFF", "GDAL_CACHEMAX": "16", "GDAL_NUM_THREADS": "1",
}  # fmt: skip


class Keeper:
    """Takes orders from any thread and has one child at a time.

    Args:
        idle_s: See IDLE_S.
        most_mb: Memory of a child, MB; None: MORAINE_CHILD_MB.
        tasks: The package that holds the tasks.
    """

    def __init__(self, idle_s: float = IDLE_S, most_mb: int | None = None, tasks: str = TASKS) -> None:
        self._idle_s, self._most_mb, self._tasks = idle_s, most_mb, tasks
        self._changed = threading.Condition()
        self._waiting: deque[Order] = deque()  # the first one is at work
        self._process: subprocess.Popen[bytes] | None = None
        self._task = ""
        self._resting: threading.Timer | None = None

    @property
    def pid(self) -> int | None:
        """The warm process, None while there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    @property
    def waiting(self) -> int:
        """Orders that are not answered yet, the one at work included."""
        return len(self._waiting)

    def call(self, order: Order) -> Answer:
        """Run a task. Raises as `data.confined.confined` does."""
        self._wait(order)
        try:
            if self._resting is not None:
                self._resting.cancel()
            return self._answered(order)
        finally:
            self._resting = threading.Timer(self._idle_s, self._rest)
            self._resting.daemon = True
            self._resting.start()
            with self._changed:
                self._waiting.popleft()
                self._changed.notify_all()

    def end(self) -> None:
        """End the warm process and its child, whoever waits for them."""
        _kill(self._process)

    def _wait(self, order: Order) -> None:
        """Until it is the turn of this order: each in the order that they came."""
        until = time.monotonic() + WAIT_S
        with self._changed:
            self._waiting.append(order)
            while self._waiting[0] is not order:
                self._changed.wait(0.1)  # nobody tells of `stop`
                stopped = order.stop is not None and order.stop.is_set()
                if stopped or time.monotonic() > until:
                    del self._waiting[next(place for place, each in enumerate(self._waiting) if each is order)]
                    self._changed.notify_all()
                    raise given_up(order) if stopped else kept_waiting(order, WAIT_S)

    def _rest(self) -> None:
        with self._changed:
            if not self._waiting:
                self._stop()

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            _kill(process)
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):  # what was still to be written has nobody to read it
                    cast(BinaryIO, pipe).close()

    def _answered(self, order: Order) -> Answer:
        try:
            work = Path(tempfile.mkdtemp(prefix=".confined-", dir=order.folder))
        except OSError as error:  # the visit has ended, or the disk is full
            raise unplaced(order, error) from error
        try:
            process = self._started(order.task)
            done, why = threading.Event(), []
            watcher = threading.Thread(target=_watch, args=(process, order, done, why), daemon=True)
            watcher.start()
            try:
                found = _asked(process, order, work, self._most_mb or number("CHILD_MB"))
            finally:
                done.set()
                watcher.join()
            if found is None:
                self._stop()
                raise lost(order, why[0] if why else "lost")
            return understood(order, *found)
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _started(self, task: str) -> subprocess.Popen[bytes]:
        """The warm process of that task; a new one where there is none, it has ended, or it is another task's."""
        if self.pid is None or self._task != task:
            module = f"{self._tasks}.{task}"
            if not (ROOT / f"{module.replace('.', '/')}.py").is_file():
                raise KeyError(task)
            self._stop()
            if landlock.version() < 1 or not seccomp.known():
                log.warning("this system has no Landlock or seccomp: what reads visitors' files has limits of memory and time alone")
            env = {name: os.environ[name] for name in KEPT if name in os.environ} | ENVIRONMENT
            self._task, self._process = task, subprocess.Popen(
                [sys.executable, "-m", "data.confined.warm", module], cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                start_new_session=True,
            )  # fmt: skip
        return cast("subprocess.Popen[bytes]", self._process)


def _kill(process: subprocess.Popen[bytes] | None) -> None:
    """The warm process with its child."""
    if process is None or process.poll() is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()


def _watch(process: subprocess.Popen[bytes], order: Order, done: threading.Event, why: list[str]) -> None:
    """End both processes where the order is given up, or where the warm one does not keep to the time."""
    until = time.monotonic() + order.seconds + GRACE_S
    while not done.wait(0.05):
        if order.stop is not None and order.stop.is_set():
            why.append("stopped")
        elif time.monotonic() > until:
            why.append("time")
        if why:
            _kill(process)
            return


def _asked(process: subprocess.Popen[bytes], order: Order, work: Path, most_mb: int) -> tuple[dict[str, Any], bytes] | None:
    """What the warm process says of the child, and what the child said; None where it ended itself."""
    asked = {
        "arguments": order.arguments, "folder": str(order.folder.resolve()), "work": str(work.resolve()), "seconds": order.seconds,
        "reads": [str(path.resolve()) for path in order.reads], "most_mb": most_mb, "most_answer": MOST_ANSWER,
    }  # fmt: skip
    inbound, outbound = cast(BinaryIO, process.stdin), cast(BinaryIO, process.stdout)
    try:
        inbound.write(json.dumps(asked).encode() + b"\n")
        inbound.flush()
        line = outbound.readline(65536)
        told = cast(dict[str, Any], json.loads(line)) if line.endswith(b"\n") else None
        return None if told is None else (told, outbound.read(int(told["bytes"])))
    except (OSError, ValueError):
        return None
