"""What a process takes of the machine's memory, as the system tells it."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import psutil


def memory_mb(field: str, pid: int | None = None) -> float:
    """What a process holds (`VmRSS`), or the most it has held (`VmHWM`), MB (2^20 bytes); `pid` None: this one.

    Elsewhere than on Linux of this process the latter for both, of another one the former. Not ru_maxrss where it can be helped: it
    survives exec, and so may be the parent's.
    """
    status = Path("/proc") / ("self" if pid is None else str(pid)) / "status"
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith(f"{field}:")) / 1024
    if pid is not None:
        return psutil.Process(pid).memory_info().rss / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)
