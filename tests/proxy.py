"""The proxy of `.deploy/Caddyfile`, as a process of its own before apps that run here: for tests that need one."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from tests.harness import ROOT

CADDYFILE = ROOT / ".deploy" / "Caddyfile"
READY_WITHIN = 20.0


def caddy() -> str | None:
    """The program: beside this Python (requirements-dev.txt brings it), else on PATH."""
    beside = Path(sys.executable).parent / "caddy"
    return str(beside) if beside.is_file() else shutil.which("caddy")


def missing() -> str:
    """Why there can be no proxy here; empty where there can."""
    return "" if caddy() else "caddy is neither in .venv nor on PATH"


class Proxy:
    """A proxy that is ours to stop and to start again.

    Args:
        replicas: `host:port` of the apps.
        prefix: The path that they appear under, e.g. `/lakes`; empty: the root.
        scratch: A folder for what it writes.
    """

    def __init__(self, replicas: Sequence[str], prefix: str, scratch: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        self.url = f"{self.origin}{prefix}"
        self.log = scratch / "proxy.log"
        told = {"SITE": self.origin, "PREFIX": prefix, "REPLICAS": " ".join(replicas), "HOME": str(scratch)}
        self._env = {"PATH": os.environ["PATH"], **told}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it listens."""
        program = caddy()
        assert program, missing()
        with self.log.open("ab") as log:
            command = [program, "run", "--adapter", "caddyfile", "--config", str(CADDYFILE)]
            self._process = subprocess.Popen(command, env=self._env, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        began = time.monotonic()
        while time.monotonic() - began < READY_WITHIN and self._process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise RuntimeError(self.log.read_text()[-4000:])

    def stop(self) -> None:
        """End it, and with it every connection."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


@contextmanager
def proxied(apps: Sequence[str], prefix: str = "") -> Generator[Proxy]:
    """The proxy before these addresses (`http://host:port`), for as long as a `with` lasts. Ask `missing` first."""
    with TemporaryDirectory(prefix="moraine-proxy-") as scratch:
        proxy = Proxy([urlsplit(app).netloc for app in apps], prefix, Path(scratch))
        try:
            proxy.start()
            yield proxy
        finally:
            proxy.stop()
