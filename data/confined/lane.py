"""One warm process, and the child that it forks for each order: started on first use, ended when it is no longer needed."""

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
from pathlib import Path
from typing import Any, BinaryIO, cast

from data.confined import landlock, seccomp
from data.confined.outcomes import Answer, Order, lost, understood, unplaced
from data.settings import number

log = logging.getLogger(__name__)

ROOT = Path(__file__).parents[2]
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


class Lane:
    """For one order at a time.

    Args:
        most_mb: Memory of a child, MB; None: MORAINE_CHILD_MB.
        tasks: The package that holds the tasks.
    """

    def __init__(self, most_mb: int | None, tasks: str) -> None:
        self._most_mb, self._tasks = most_mb, tasks
        self._process: subprocess.Popen[bytes] | None = None
        self._task = ""

    @property
    def pid(self) -> int | None:
        """The warm process, None while there is none."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def end(self) -> None:
        """End the warm process and its child, whoever waits for them."""
        _kill(self._process)

    def stop(self) -> None:
        """End both, and give back their memory."""
        process, self._process = self._process, None
        if process is not None:
            _kill(process)
            for pipe in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):  # what was still to be written has nobody to read it
                    cast(BinaryIO, pipe).close()

    def answered(self, order: Order) -> Answer:
        """Run a task. Raises as `data.confined.confined` does, but for waiting."""
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
                self.stop()
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
            self.stop()
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
