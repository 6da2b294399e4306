"""What a process and all that it started take of the machine's memory together; and an end for it where that is too much."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

EVERY_S = 0.25


def shares_mb(process: psutil.Process) -> float:
    """Proportional set size of a process and its children, MB (2^20 bytes): a page that several share counts once among them."""
    total = 0
    for each in [process, *process.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            total += _share(each)
    return total / 2**20


def _share(process: psutil.Process) -> int:
    """Bytes; from the kernel's own sum where there is one: reading each mapping holds up the process that is looked at."""
    try:
        lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return process.memory_full_info().pss
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


@dataclass
class Watch:
    """What was seen.

    Args:
        limit_mb: Above it everything is ended, as the kernel would.
        peak_mb: The most that was seen at a time.
        most: How many processes there were at most.
        ended: Whether it was too much.
    """

    limit_mb: float
    peak_mb: float = 0.0
    most: int = 0
    ended: bool = False
    seen: list[float] = field(default_factory=list[float])

    def look(self, process: psutil.Process) -> None:
        """Look once."""
        now = shares_mb(process)
        self.seen.append(now)
        self.peak_mb = max(self.peak_mb, now)
        with contextlib.suppress(psutil.NoSuchProcess):
            self.most = max(self.most, 1 + len(process.children(recursive=True)))
        if now > self.limit_mb and not self.ended:
            self.ended = True
            for each in [*process.children(recursive=True), process]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.kill()


@contextlib.contextmanager
def watched(pid: int, limit_mb: float) -> Iterator[Watch]:
    """Look at a process and its children several times a second for as long as a `with` lasts.

    Args:
        pid: Of the process.
        limit_mb: PSS of all together above which they are ended.
    """
    process, watch, over = psutil.Process(pid), Watch(limit_mb), threading.Event()

    def look() -> None:
        while not over.wait(EVERY_S):
            with contextlib.suppress(psutil.NoSuchProcess):
                watch.look(process)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        over.set()
        thread.join()
