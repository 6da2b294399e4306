"""What a child may have: memory, time, files. All that is taken here cannot be taken back by whoever takes the child over.

Measured (Linux 6.18, two cores): with the readers imported a process has 140 to 190 MB resident and 0.4 to 0.6 GB of addresses, so a limit
of addresses (RLIMIT_AS) says little about memory; one of private writable mappings (RLIMIT_DATA) counts what is asked for, at the moment
it is asked for, and becomes a MemoryError. What it leaves out (pages of libraries, shared memory) the warm process watches.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any, NoReturn

from data.confined import seccomp
from data.confined.landlock import restrict

MOST_WRITTEN = 2**30
"""Bytes of one file that a child writes."""
SLACK_MB = 24
"""Mappings that are not memory: the stacks of a thread or two."""
MOST_FILES = 128
NICE = 10
"""Whoever clicks goes first."""
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "os.fork", "os.forkpty", "webbrowser.")
"""What Python may not do there, on any system; seccomp and Landlock hold the same for what is not Python."""


def resident_mb(pid: int) -> float:
    """Resident memory of a process, MB (2^20 bytes); 0 where the system does not tell."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except (OSError, IndexError, ValueError):
        return 0.0


def children(pid: int) -> list[int]:
    """Processes that a process has started and not yet buried; none where the system does not tell."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]
    except OSError:
        return []


def family_mb(pid: int) -> float:
    """Resident memory of a process and all that it has started, MB."""
    return resident_mb(pid) + sum(family_mb(child) for child in children(pid))


def adopt() -> None:
    """From here on what a child of this process has started becomes its own when the child ends."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def confine(order: dict[str, Any], keep: int, resident: float) -> None:
    """Confine this process, which was forked for that order.

    Args:
        order: `folder`, `work`, `reads`, `seconds`, `most_mb`.
        keep: The only descriptor that stays open, beside the standard ones, which lead nowhere.
        resident: Resident memory of the process it was forked from, MB.
    """
    gc.disable()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    _close_all_but(keep)
    os.nice(NICE)
    os.umask(0o077)
    os.chdir(order["work"])
    os.environ["TMPDIR"] = tempfile.tempdir = order["work"]
    gc.enable()
    _limit(float(order["seconds"]), float(order["most_mb"]) - resident)
    restrict(reads=[*_libraries(), *map(Path, order["reads"])], writes=[Path(order["folder"]), Path(order["work"])])
    seccomp.refuse()
    sys.addaudithook(_refuse)


def _close_all_but(keep: int) -> None:
    """Have every descriptor lead nowhere. None is closed: libraries that notice a fork (PROJ) close theirs later, by number, and that
    number must not have become another file's meanwhile: shapes were read with the wrong coordinates, or not at all."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for each in {0, 1, 2, *_descriptors()} - {keep, nowhere}:
        os.dup2(nowhere, each)


def _descriptors() -> list[int]:
    """Those that are open; where the system does not tell, all that could be."""
    try:
        return [int(name) for name in os.listdir("/proc/self/fd")]
    except OSError:
        return [each for each in range(3, min(os.sysconf("SC_OPEN_MAX"), 65536)) if _is_open(each)]


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _limit(seconds: float, more_mb: float) -> None:
    import resource  # noqa: PLC0415  not everywhere

    def at_most(what: int, most: int) -> None:
        resource.setrlimit(what, (most, most))

    at_most(resource.RLIMIT_CORE, 0)
    at_most(resource.RLIMIT_FSIZE, MOST_WRITTEN)
    at_most(resource.RLIMIT_NOFILE, MOST_FILES)
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, int(seconds) + 2))
    held = _data_mb()
    if held:
        at_most(resource.RLIMIT_DATA, int((held + max(more_mb, 1) + SLACK_MB) * 2**20))


def _data_mb() -> float:
    """Private writable mappings of this process, MB; 0 where the system does not tell."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmData:")), 0.0)


def _libraries() -> list[Path]:
    """Where Python, its packages and this package's code lie: what an import still needs. The project's folder itself is not there."""
    here = Path(__file__).parents[1]
    named = [Path(part) for part in sys.path if part and Path(part).resolve() != here.parent]
    system = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share", "/dev/urandom")
    return [here, *named, Path(sys.prefix), Path(sys.base_prefix, "lib"), *map(Path, system)]


def _refuse(event: str, _: tuple[Any, ...]) -> None:
    if event.startswith(FORBIDDEN):
        _forbidden(event)


def _forbidden(event: str) -> NoReturn:
    raise PermissionError(f"{event} is not for confined work")
