"""Object storage of one's own (moto's server, filled by boto3's client), behind a line that can be cut: for tests that need one."""

from __future__ import annotations

import contextlib
import os
import re
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

BUCKET, KEY, SECRET = "lakes", "AKIAMORAINE0TEST0KEY", "hush/hush+of-the-storage-0123456789abcdef"
READY_WITHIN = 30.0
_ASKED = re.compile(r'"(GET|HEAD) (\S+) HTTP')


class Line:
    """A TCP line to a port of this machine. While it is `cut` nobody gets through; while it is `silent` nobody is answered.

    Args:
        port: Where it leads.
    """

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.cut = self.silent = False
        self.bytes = self.calls = 0
        """Of all answers so far, and how often it was called."""
        self._ends: set[socket.socket] = set()
        threading.Thread(target=self._listen, daemon=True).start()

    def sever(self) -> None:
        """Cut it in the middle of whatever is going on."""
        self.cut = True
        for end in list(self._ends):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """As it was."""
        self.cut = self.silent = False

    def close(self) -> None:
        """For good."""
        self.sever()
        self._listener.close()

    def _listen(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            self.calls += 1
            if self.cut:
                near.close()
            else:
                threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        with near, contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._to)) as far:
            ends = {near: far, far: near}
            self._ends.update(ends)
            try:
                while not self.cut:
                    for end in select.select(list(ends), [], [], 0.2)[0]:
                        body = b"" if self.cut else end.recv(2**16)
                        if not body:
                            return
                        if not self.silent:
                            ends[end].sendall(body)
                            self.bytes += len(body) if end is far else 0
            finally:
                self._ends.difference_update(ends)


@dataclass
class ObjectStorage:
    """A running one.

    Args:
        port: Of the server itself.
        line: The line to it that `env` names.
        log: What the server has written.
    """

    port: int
    line: Line
    log: Path
    env: dict[str, str] = field(default_factory=dict[str, str])

    def fill(self, folder: Path, prefix: str) -> str:
        """Copy a folder there, hidden files left out; returns its address."""
        import boto3

        client = boto3.client(
            "s3", endpoint_url=f"http://127.0.0.1:{self.port}", region_name="us-east-1", aws_access_key_id=KEY, aws_secret_access_key=SECRET
        )
        with contextlib.suppress(client.exceptions.BucketAlreadyOwnedByYou):
            client.create_bucket(Bucket=BUCKET)
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.is_file() and not any(part.startswith(".") for part in name.split("/")):
                client.put_object(Bucket=BUCKET, Key=f"{prefix}/{name}", Body=path.read_bytes())
        return f"s3://{BUCKET}/{prefix}"

    def asked(self, ending: str) -> int:
        """How many requests there have been so far for keys that end so."""
        return sum(found[2].split("?")[0].endswith(ending) for found in _ASKED.finditer(self.log.read_text()))


@contextmanager
def object_storage() -> Generator[ObjectStorage]:
    """One for as long as a `with` lasts; `env` is what its clients need."""
    with TemporaryDirectory(prefix="moraine-storage-") as scratch, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        log = Path(scratch) / "log"
        with log.open("wb") as told:
            command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
            server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=told, stderr=told)
        line = Line(port)
        try:
            _wait(port, server, log)
            env = {
                "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": "us-east-1",
                "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{line.port}", "AWS_EC2_METADATA_DISABLED": "true",
                "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            }  # fmt: skip
            yield ObjectStorage(port, line, log, env)
        finally:
            line.close()
            server.kill()
            server.wait()


def _wait(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    began = time.monotonic()
    while time.monotonic() - began < READY_WITHIN and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(log.read_text()[-4000:])
