"""A Dask cluster of real processes on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.harness import ROOT

START_S = 60.0


@dataclass
class DaskCluster:
    """Its processes.

    Args:
        folder: Where it keeps what it needs, logs among it.
        scheduler: The process that gives out work.
        workers: The processes that do it, or the nannies of those.
    """

    folder: Path
    scheduler: subprocess.Popen[bytes]
    stack: ExitStack
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list[subprocess.Popen[bytes]])

    @property
    def address(self) -> str:
        """Of its scheduler."""
        return (self.folder / "address").read_text()

    def add(self, *options: str, nanny: bool = False, threads: int = 1, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> None:
        """One worker more; returns at once."""
        kind = "--nanny" if nanny else "--no-nanny"
        more = [
            "--nthreads",
            str(threads),
            kind,
            "--no-dashboard",
            "--death-timeout",
            "60",
            "--local-directory",
            str(self.folder),
            *options,
        ]
        self.workers.append(_started(self.stack, self.folder / "worker.log", cwd, env, "dask_worker", self.address, *more))

    def there(self, workers: int) -> None:
        """Returns when so many workers are."""
        from distributed import Client

        with Client(self.address, timeout=START_S, set_as_default=False) as client:
            client.wait_for_workers(workers, timeout=START_S)

    def pids(self) -> list[int]:
        """Of the processes that work."""
        from distributed import Client

        with Client(self.address, timeout=START_S, set_as_default=False) as client:
            return list(client.run(os.getpid).values())


@contextmanager
def dask_cluster(folder: Path, workers: int, *, nanny: bool = False) -> Generator[DaskCluster, None, None]:
    """A scheduler and so many workers, which end with the block."""
    with ExitStack() as stack:
        folder.mkdir(parents=True, exist_ok=True)
        told = folder / "scheduler.json"
        options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--idle-timeout", "10 minutes", "--scheduler-file", str(told)]
        scheduler = _started(stack, folder / "scheduler.log", ROOT, None, "dask_scheduler", *options)
        _until_there(told, scheduler)
        (folder / "address").write_text(_address(told))
        cluster = DaskCluster(folder, scheduler, stack)
        for _ in range(workers):
            cluster.add(nanny=nanny)
        if workers:
            cluster.there(workers)
        yield cluster


def _started(stack: ExitStack, log: Path, cwd: Path, env: Mapping[str, str] | None, program: str, *options: str) -> subprocess.Popen[bytes]:
    with log.open("ab") as out:
        command = [sys.executable, "-m", f"distributed.cli.{program}", *options]
        process = subprocess.Popen(command, cwd=cwd, stdout=out, stderr=out, env={**os.environ, **(env or {})})
    stack.callback(_ended, process)
    return process


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _until_there(path: Path, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_S
    while not path.exists() or not path.read_text().strip():
        assert process.poll() is None, "the scheduler has ended"
        assert time.monotonic() < until, "no scheduler"
        time.sleep(0.05)


def _address(path: Path) -> str:
    import json

    return json.loads(path.read_text())["address"]
