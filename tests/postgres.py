"""A PostgreSQL of one's own, in a temporary folder, on a socket there: for tests that need one."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg

USERS = ("postgres", "nobody")
"""Who may run it where we are root, which it refuses."""


def missing() -> str:
    """Why there can be no PostgreSQL here; empty where there can."""
    lacking = [name for name in ("initdb", "postgres") if shutil.which(name) is None]
    if lacking:
        return f"{lacking[0]} is not on PATH"
    if os.geteuid() == 0 and (shutil.which("setpriv") is None or _user() is None):
        return "PostgreSQL does not run as root, and there is no setpriv or no other user"
    return ""


def _user() -> pwd.struct_passwd | None:
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next((known[name] for name in USERS if name in known), None)


class Postgres:
    """A server that is ours to end.

    Args:
        folder: Holds its data and its socket.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"postgresql://moraine@/postgres?host={folder}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, or start it again after `crash`, and wait until it answers."""
        command = ["postgres", "-D", str(self.folder / "data"), "-c", "listen_addresses=", "-k", str(self.folder)]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen([*_as_user(), *command], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        for _ in range(600):
            try:
                psycopg.connect(self.url).close()
                return
            except psycopg.OperationalError:
                assert self._process.poll() is None, (self.folder / "log").read_text()
                time.sleep(0.05)
        raise AssertionError((self.folder / "log").read_text())

    def crash(self) -> None:
        """End it as a power cut would, without a farewell. Its children notice, and while one lives no other server can start."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        for _ in range(600):
            if not _at_work(self.folder / "data"):
                return
            time.sleep(0.02)
        raise AssertionError("a child of the server outlived it")


def _at_work(data: Path) -> bool:
    """Whether some process works in its data folder."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == data:
                return True
        except OSError:
            continue
    return False


def _as_user() -> list[str]:
    user = _user() if os.geteuid() == 0 else None
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"] if user else []


@contextmanager
def postgres() -> Generator[Postgres]:
    """A server that is gone afterwards. Ask `missing` first."""
    folder = Path(tempfile.mkdtemp(prefix="moraine-pg-"))
    user = _user() if os.geteuid() == 0 else None
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    server = Postgres(folder)
    command = ["initdb", "-D", str(folder / "data"), "-U", "moraine", "-A", "trust", "-E", "UTF8", "--no-locale", "-N"]
    try:
        answer = subprocess.run([*_as_user(), *command], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        assert answer.returncode == 0, answer.stderr
        server.start()
        yield server
    finally:
        server.crash()
        shutil.rmtree(folder, ignore_errors=True)
