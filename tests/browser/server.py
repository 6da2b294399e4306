"""The app as a process of its own, on a free port, for as long as a `with` lasts."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN = 90.0


@dataclass(frozen=True)
class Server:
    """A running app.

    Args:
        url: Its address, without a slash at the end.
        process: Its process.
        began: `time.monotonic()` when it was started.
        ready_s: Seconds from start to the first page served.
        log: What it has written so far, line by line, output and errors together.
    """

    url: str
    process: subprocess.Popen[str]
    began: float
    ready_s: float
    log: list[str] = field(default_factory=list[str])

    def tracebacks(self) -> list[str]:
        """The lines of the log at which an exception was reported."""
        return [line for line in self.log if line.startswith("Traceback")]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait(url: str, process: subprocess.Popen[str], log: list[str], began: float) -> None:
    while time.monotonic() - began < READY_WITHIN:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                answer.read()
                return
        except urllib.error.HTTPError:
            break
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
    raise RuntimeError(f"the app did not get ready (exit code {process.poll()}):\n" + "".join(log[-40:]))


@contextmanager
def serving(state_dir: Path, env: Mapping[str, str] | None = None, app: str = "app.py", port: int | None = None) -> Iterator[Server]:
    """Start the app, wait until it serves a page, stop it at the end.

    Args:
        state_dir: Its MORAINE_STATE_DIR.
        env: Further variables, e.g. MORAINE_DATASETS. No scenes are made unless MORAINE_SCENES says so: that would disturb measurements.
        app: The file with the app.
        port: On 127.0.0.1; None: a free one.

    Raises:
        RuntimeError: It ends or does not answer; the message carries the end of its log.
    """
    url = f"http://127.0.0.1:{(port := port or _free_port())}"
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "shiny", "run", "--host", "127.0.0.1", "--port", str(port), app],
        cwd=ROOT,
        env={"MORAINE_SCENES": "no", **os.environ, "MORAINE_STATE_DIR": str(state_dir), **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    log: list[str] = []
    assert process.stdout is not None
    reader = threading.Thread(target=lambda pipe: log.extend(iter(pipe.readline, "")), args=(process.stdout,), daemon=True)
    reader.start()
    try:
        _wait(url, process, log, began)
        yield Server(url, process, began, time.monotonic() - began, log)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join(5)
